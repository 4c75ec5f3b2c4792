import { type AuthContext, transaction } from './context.ts'
import { AuthError } from './errors.ts'
import { presentUser } from './features/accounts/present-user.ts'
import type { UserRow } from './features/accounts/tables.ts'
import { recordAudit } from './features/audit/record-audit.ts'
import { origin, startSession } from './features/sessions/start-session.ts'
import { runHook } from './hooks.ts'
import type { SessionAnswer } from './shapes.ts'

export interface ProvedFactor {
  user: UserRow
  /** RFC 8176 methods. */
  amr: readonly string[]
  remember?: boolean
  /** A better hash of the password just proved. */
  passwordHash?: string
}

/** What a sign-in can end in. Second factors, a required password change and the choice of a tenant add their own. */
export type SignInAnswer = SessionAnswer

/** Where every first factor ends. What all sign-ins share is checked here, once. Throws ACCOUNT_SUSPENDED. */
export async function completeSignIn(auth: AuthContext, { user: row, amr, remember = true, passwordHash }: ProvedFactor): Promise<SignInAnswer> {
  await auth.process.keys.current(auth) // read or made outside the transaction
  return transaction(auth, async (auth) => {
    await markSignedIn(auth, row, passwordHash)
    const user = presentUser(row)
    const answer = await startSession(auth, { user, amr, remember })
    const { session } = answer
    await recordAudit(auth, { event: 'login.succeeded', userId: user.id, sessionId: session.id, data: { amr: session.amr } })
    await runHook(auth, 'login.after', { user, session })
    auth.emit('login.succeeded', { at: auth.now(), userId: user.id, sessionId: session.id, amr: session.amr, ...origin(auth) })
    return answer
  })
}

/** The condition makes it one decision with a suspension that happens at the same moment; it locks the row until the session is written. */
async function markSignedIn(auth: AuthContext, { id, passwordChangedAt }: UserRow, passwordHash: string | undefined) {
  const now = auth.now()
  const signedIn = { status: 'active', suspendedUntil: null, lastLoginAt: now, failedLogins: 0, failedSince: null, lockedUntil: null }
  const { count } = await auth.db.authUser.updateMany({
    where: { id, passwordChangedAt, OR: [{ status: 'active' }, { status: 'suspended', suspendedUntil: { lte: now } }] },
    data: { ...signedIn, ...(passwordHash !== undefined && { passwordHash }) },
  })
  if (count === 0) throw await refusal(auth, id)
}

/** The condition failed: the user is suspended, or the password has just been replaced. */
async function refusal(auth: AuthContext, id: string) {
  const user = await auth.db.authUser.findUnique({ where: { id } })
  return new AuthError(user?.status === 'suspended' ? 'ACCOUNT_SUSPENDED' : 'INVALID_CREDENTIALS')
}
