import { type AuthContext, transaction } from './context.ts'
import { emit } from './emit.ts'
import { AuthError } from './errors.ts'
import { isSuspended, presentUser } from './features/accounts/present-user.ts'
import type { UserRow } from './features/accounts/tables.ts'
import { recordAudit } from './features/audit/record-audit.ts'
import { startSession } from './features/sessions/start-session.ts'
import { runHook } from './hooks.ts'
import type { SessionAnswer } from './shapes.ts'

export interface ProvedFactor {
  user: UserRow
  /** As in the session's `amr`. */
  amr: readonly string[]
  /** Where the code or link went that proved it: as a second factor, that would be the same one again. */
  channel?: 'email' | 'sms'
  remember?: boolean
  /** A better hash of the password just proved. */
  passwordHash?: string
  /** The account was made in this transaction. */
  isNewUser?: boolean
  /** The tenant asked for or chosen. */
  tenantId?: string | null
  /** The provider that vouched for it, of a federated sign-in. */
  provider?: string
  /** Names of the sign-in steps that the person has passed. */
  settled?: readonly string[]
}

/** A sign-in that waits for something. Its token opens the routes of that step and nothing else. */
export type PendingAnswer =
  | { status: 'mfa_required'; mfaToken: string; expiresIn: number; factors: { type: 'totp' | 'email' | 'sms' | 'passkey' | 'recovery_code'; hint?: string }[] }
  | { status: 'mfa_enrollment_required'; mfaToken: string; expiresIn: number; methods: string[] }
  | { status: 'tenant_selection_required'; tenantToken: string; expiresIn: number; tenants: { id: string; slug: string; name: string }[] }
  | { status: 'password_change_required'; passwordToken: string; expiresIn: number }
  | { status: 'verification_required' }

export type SignInAnswer = SessionAnswer | PendingAnswer

/** For a sign-up that starts no session: what proves the address is sent all the same. The answer it waits with, or null. In the sign-up's transaction. */
export async function startVerification(auth: AuthContext, user: UserRow): Promise<PendingAnswer | null> {
  const step = auth.process.signInSteps.find(({ name }) => name === 'verification')
  const outcome = await step?.run(auth, { user, amr: [], isNewUser: true })
  return outcome && 'answer' in outcome ? outcome.answer : null
}

/**
 * Where every first factor ends. What all sign-ins share is checked here, once: status, then the steps that features register, then the
 * session. Throws ACCOUNT_SUSPENDED and what a step refuses with.
 */
export async function completeSignIn(auth: AuthContext, proved: ProvedFactor): Promise<SignInAnswer> {
  await auth.process.keys.current(auth) // read or made outside the transaction
  const isOwn = !auth.inTransaction
  return transaction(auth, async (auth) => {
    if (isSuspended(proved.user, auth.now())) throw new AuthError('ACCOUNT_SUSPENDED')
    const outcome = await runSteps(auth, proved)
    if ('answer' in outcome) {
      await keepBetterHash(auth, proved)
      return outcome.answer
    }
    return finish(auth, outcome.proved, isOwn)
  })
}

async function runSteps(auth: AuthContext, proved: ProvedFactor): Promise<{ answer: PendingAnswer } | { proved: ProvedFactor }> {
  let facts = proved
  for (const { name, run } of auth.process.signInSteps) {
    if (facts.settled?.includes(name)) continue
    const outcome = await run(auth, facts)
    if (outcome && 'answer' in outcome) return outcome
    if (outcome) facts = outcome.proved
    // What is passed is not asked for again when the sign-in goes on after a later step.
    facts = { ...facts, settled: [...(facts.settled ?? []), name] }
  }
  return { proved: facts }
}

async function finish(auth: AuthContext, proved: ProvedFactor, mayRemember: boolean): Promise<SessionAnswer> {
  const { user: row, amr, remember = true, passwordHash, isNewUser = false, tenantId } = proved
  const user = presentUser(row)
  const how = { user, amr, remember, isNewUser, mayRemember, tenantId }
  if (isNewUser) return startSession(auth, how)
  await markSignedIn(auth, row, passwordHash)
  const answer = await startSession(auth, how)
  const { session } = answer
  await recordAudit(auth, { event: 'login.succeeded', userId: user.id, sessionId: session.id, data: { amr: session.amr } })
  await runHook(auth, 'login.after', { user, session })
  emit(auth, 'login.succeeded', { userId: user.id, sessionId: session.id, amr: session.amr })
  return answer
}

/**
 * The condition makes it one decision with a suspension, a change of password or a second factor set up at the same moment; it locks the row
 * until the session is written.
 */
async function markSignedIn(auth: AuthContext, user: UserRow, passwordHash: string | undefined) {
  const { id, passwordChangedAt, mfaEnabled } = user
  const now = auth.now()
  const signedIn = { status: 'active', suspendedUntil: null, lastLoginAt: now, failedLogins: 0, failedSince: null, lockedUntil: null }
  const { count } = await auth.db.authUser.updateMany({
    where: { id, passwordChangedAt, mfaEnabled, OR: [{ status: 'active' }, { status: 'suspended', suspendedUntil: { lte: now } }] },
    data: { ...signedIn, ...(passwordHash !== undefined && { passwordHash }) },
  })
  if (count === 0) throw await refusal(auth, user)
}

/** A sign-in that waits has proved the password all the same. Its failures are not forgotten: the next step has yet to be passed. */
async function keepBetterHash(auth: AuthContext, { user: { id, passwordChangedAt }, passwordHash }: ProvedFactor) {
  if (passwordHash !== undefined) await auth.db.authUser.updateMany({ where: { id, passwordChangedAt }, data: { passwordHash } })
}

/** The condition failed: the user is suspended, the password has just been replaced, or the steps passed are not those asked for by now. */
async function refusal(auth: AuthContext, { id, mfaEnabled }: UserRow) {
  const user = await auth.db.authUser.findUnique({ where: { id } })
  if (user?.status === 'suspended') return new AuthError('ACCOUNT_SUSPENDED')
  return new AuthError(user && user.mfaEnabled !== mfaEnabled ? 'CONFLICT' : 'INVALID_CREDENTIALS')
}
