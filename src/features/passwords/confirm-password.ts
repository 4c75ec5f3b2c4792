import { type AuthContext, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { Confirmation } from '../../feature.ts'
import { hasSecondFactor } from '../accounts/second-factors.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { countFailure, withAttempt } from '../limits/lockout.ts'

const identifiersOf = ({ email, phone, username }: UserRow) => (email !== null ? { email } : phone !== null ? { phone } : username !== null ? { username } : {})

/**
 * Checks the password of someone who is signed in. Wrong ones count towards the account's lock, as at sign-in. Throws
 * INVALID_CREDENTIALS, TOO_MANY_ATTEMPTS, BUSY.
 */
export async function verifyOwnPassword(auth: AuthContext, user: UserRow, password: string): Promise<void> {
  const attempt = async () => {
    const { matches } = await auth.process.passwords.verify(password, user.passwordHash)
    if (matches) return
    await transaction(auth, async (auth) => {
      await countFailure(auth, user)
      await recordAudit(auth, { event: 'login.failed', outcome: 'failure', userId: user.id, data: { reason: 'wrong_password_at_confirmation' } })
    })
    throw new AuthError('INVALID_CREDENTIALS')
  }
  // The account's own realm: nothing in the request of someone signed in has to name it.
  const there = { ...auth, realm: user.realm }
  await auth.process.passwords.admit((patience) => withAttempt(there, identifiersOf(user), attempt, patience))
}

/** The password confirms only an account without second factors: with them, a factor is asked for. */
export const passwordConfirmation: Confirmation = {
  methods: async (auth, user) => (user.passwordHash !== null && !(await hasSecondFactor(auth, user)) ? ['password'] : []),
  check: async (auth, user, { password }) => {
    if (password === undefined || user.passwordHash === null || (await hasSecondFactor(auth, user))) return null
    await verifyOwnPassword(auth, user, password)
    return ['pwd']
  },
}
