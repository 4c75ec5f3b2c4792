import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { lockUser } from '../accounts/lock-user.ts'

/**
 * For what attaches something lasting to an account: holds the account to the end of the transaction in progress, and sees to it that the session
 * that asks has not ended meanwhile, since what ends it may be the owner who takes the account back. Call it first in the transaction. Throws
 * SESSION_REVOKED.
 */
export async function holdAccount(auth: AuthContext, userId: string) {
  await lockUser(auth, userId)
  const { sessionId } = auth.request ?? {}
  if (!sessionId) return
  const session = await auth.db.authSession.findUnique({ where: { id: sessionId } })
  if (!session || session.revokedAt !== null) throw new AuthError('SESSION_REVOKED')
}
