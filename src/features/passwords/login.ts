import { type AuthContext, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { runHook } from '../../hooks.ts'
import { completeSignIn, type SignInAnswer } from '../../sign-in.ts'
import type { Identifiers } from '../accounts/identifiers.ts'
import { isSuspended } from '../accounts/present-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { countFailure, countUnknownFailure, withAttempt } from '../limits/lockout.ts'
import { origin } from '../sessions/start-session.ts'

export interface LoginInput {
  /** Canonical; one of them. */
  identifiers: Identifiers
  password: string
  /** Default true. */
  remember?: boolean
}

/**
 * Signs in by password. Throws INVALID_CREDENTIALS, the same for an unknown account and a wrong password and at the same cost;
 * ACCOUNT_SUSPENDED only after the right password; TOO_MANY_ATTEMPTS; BUSY.
 */
export async function login(auth: AuthContext, { identifiers, password, remember = true }: LoginInput): Promise<SignInAnswer> {
  await runHook(auth, 'login.before', identifiers)
  return withAttempt(auth, identifiers, async (user) => {
    const { matches, needsRehash } = await auth.process.passwords.verify(password, user?.passwordHash ?? null)
    if (!user || !matches) return refuse(auth, identifiers, user)
    if (isSuspended(user, auth.now())) return refuseSuspended(auth, user)
    const passwordHash = needsRehash ? await auth.process.passwords.hash(password) : undefined
    return completeSignIn(auth, { user, amr: ['pwd'], remember, ...(passwordHash !== undefined && { passwordHash }) })
  })
}

async function refuse(auth: AuthContext, identifiers: Identifiers, user: UserRow | null): Promise<never> {
  const reason = user ? (user.passwordHash === null ? 'no_password' : 'wrong_password') : 'unknown_account'
  if (!user) await countUnknownFailure(auth, identifiers)
  await transaction(auth, async (auth) => {
    if (user) await countFailure(auth, user)
    await recordFailure(auth, user, reason)
  })
  throw new AuthError('INVALID_CREDENTIALS')
}

async function refuseSuspended(auth: AuthContext, user: UserRow): Promise<never> {
  await transaction(auth, (auth) => recordFailure(auth, user, 'suspended'))
  throw new AuthError('ACCOUNT_SUSPENDED')
}

async function recordFailure(auth: AuthContext, user: UserRow | null, reason: string) {
  const userId = user?.id ?? null
  await recordAudit(auth, { event: 'login.failed', outcome: 'failure', userId, data: { reason } })
  auth.emit('login.failed', { at: auth.now(), userId, reason, ...origin(auth) })
}
