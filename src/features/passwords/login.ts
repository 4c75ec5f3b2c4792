import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { runHook } from '../../hooks.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import { completeSignIn, type SignInAnswer } from '../../sign-in.ts'
import type { Identifiers } from '../accounts/identifiers.ts'
import { isSuspended } from '../accounts/present-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { countFailure, countUnknownFailure, unknownCounter, withAttempt } from '../limits/lockout.ts'
import type { CounterRow } from '../limits/tables.ts'

export interface LoginInput {
  /** Canonical; one of them. */
  identifiers: Identifiers
  password: string
  /** Default true. */
  remember?: boolean
  /** The tenant asked for: an id or a slug. */
  tenant?: string
}

/**
 * Signs in by password. Throws INVALID_CREDENTIALS, the same for an unknown account and a wrong password and at the same cost;
 * ACCOUNT_SUSPENDED only after the right password; TOO_MANY_ATTEMPTS; BUSY.
 */
export async function login(auth: AuthContext, input: LoginInput): Promise<SignInAnswer> {
  try {
    return await auth.process.passwords.admit((patience) => attemptLogin(auth, input, patience))
  } catch (error) {
    // Without a row: whoever tries again and again at a locked account would fill the log with them.
    if (isRefusal(error) && error.code === 'TOO_MANY_ATTEMPTS') emitFailure(auth, null, 'locked')
    throw error
  }
}

async function attemptLogin(auth: AuthContext, { identifiers, password, remember = true, tenant }: LoginInput, patience: number): Promise<SignInAnswer> {
  await noting(auth, null, () => runHook(auth, 'login.before', identifiers))
  const attempt = async (user: UserRow | null, counter: CounterRow | null) => {
    const { matches, needsRehash } = await auth.process.passwords.verify(password, user?.passwordHash ?? null)
    if (!user || !matches) return refuse(auth, identifiers, user, counter)
    if (isSuspended(user, auth.now())) return refuseSuspended(auth, user)
    const passwordHash = needsRehash ? await auth.process.passwords.hash(password) : undefined
    const better = { ...(passwordHash !== undefined && { passwordHash }), ...(tenant !== undefined && { tenantId: tenant }) }
    return noting(auth, user, () => completeSignIn(auth, { user, amr: ['pwd'], remember, ...better }))
  }
  return withAttempt(auth, identifiers, attempt, patience)
}

/** As many statements for an unknown account as for a known one: the time tells nothing. */
async function refuse(auth: AuthContext, identifiers: Identifiers, user: UserRow | null, counter: CounterRow | null): Promise<never> {
  const reason = user ? (user.passwordHash === null ? 'no_password' : 'wrong_password') : 'unknown_account'
  const write = (counter: CounterRow | null) =>
    transaction(auth, async (auth) => {
      if (user) await countFailure(auth, user)
      else await countUnknownFailure(auth, identifiers, counter)
      await recordFailure(auth, user, reason)
    })
  try {
    await write(counter)
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    await write(await unknownCounter(auth, identifiers)) // another request began the count: this one joins it
  }
  throw new AuthError('INVALID_CREDENTIALS')
}

async function refuseSuspended(auth: AuthContext, user: UserRow): Promise<never> {
  await transaction(auth, (auth) => recordFailure(auth, user, 'suspended'))
  throw new AuthError('ACCOUNT_SUSPENDED')
}

async function recordFailure(auth: AuthContext, user: UserRow | null, reason: string) {
  const userId = user?.id ?? null
  await recordAudit(auth, { event: 'login.failed', outcome: 'failure', userId, data: { reason } })
  emitFailure(auth, userId, reason)
}

const emitFailure = (auth: AuthContext, userId: string | null, reason: string) => emit(auth, 'login.failed', { userId, reason })

const isRefusal = (error: unknown): error is AuthError => error instanceof AuthError && error.status < 500

/** Notes what is refused after, or before, the password was looked at: by a hook of the app, or for what the account is. */
async function noting<T>(auth: AuthContext, user: UserRow | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (isRefusal(error)) await transaction(auth, (auth) => recordFailure(auth, user, error.code.toLowerCase()))
    throw error
  }
}
