import type { AuthContext } from '../../context.ts'

/** Removes a user's outstanding codes, tokens and unfinished sign-ins: all of them, or those of the purposes named. */
export async function endCodes(auth: AuthContext, userId: string, { purposes }: { purposes?: readonly string[] } = {}) {
  await auth.db.authOtp.deleteMany({ where: { userId, consumedAt: null, ...(purposes && { purpose: { in: [...purposes] } }) } })
}
