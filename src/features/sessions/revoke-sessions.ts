import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { runHook } from '../../hooks.ts'
import { lockUser } from '../accounts/lock-user.ts'
import { type AuditEntry, recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import type { SessionRow } from './tables.ts'

type Ending = Pick<SessionRow, 'id' | 'userId'>

/** Ends live sessions in the transaction in progress; their refresh tokens are dead, their access tokens refused through the feed. `also`: audit rows that go with it. */
export async function endSessions(auth: AuthContext, sessions: readonly Ending[], reason: string, also: readonly AuditEntry[] = []): Promise<number> {
  if (sessions.length === 0) return 0
  const ids = sessions.map(({ id }) => id)
  // Only one of two racing requests ends a session: the condition decides, and the refresh that lost finds it ended.
  const { count } = await auth.db.authSession.updateMany({
    where: { id: { in: ids }, revokedAt: null },
    data: { revokedAt: auth.now(), revokedReason: reason, successor: null },
  })
  if (count > 0) await tellOfEnd(auth, sessions, reason, also)
  return count
}

async function tellOfEnd(auth: AuthContext, sessions: readonly Ending[], reason: string, also: readonly AuditEntry[] = []) {
  await recordChanges(
    auth,
    'session.ended',
    sessions.map(({ id }) => id),
  )
  await recordAudit(auth, ...sessions.map(({ id, userId }) => ({ event: 'session.revoked', userId, sessionId: id, data: { reason } })), ...also)
  for (const { id, userId } of sessions) {
    await runHook(auth, 'session.revoked', { sessionId: id, userId, reason })
    emit(auth, 'session.revoked', { userId, sessionId: id, reason })
  }
}

/** Ends one session. Throws NOT_FOUND where there is none that is live, or it is not `userId`'s. */
export async function revokeSession(auth: AuthContext, sessionId: string, { userId, reason = 'revoked' }: { userId?: string; reason?: string } = {}) {
  await transaction(auth, async (auth) => {
    const [session] = await auth.db.authSession.findMany({
      where: { id: sessionId, revokedAt: null, expiresAt: { gt: auth.now() }, ...(userId !== undefined && { userId }) },
    })
    if (!session || session.id !== sessionId) throw new AuthError('NOT_FOUND')
    await endSessions(auth, [session], reason)
  })
}

/** Ends all of a user's sessions but `except`; gives how many. */
export async function revokeAllSessions(auth: AuthContext, userId: string, { except, reason = 'revoked' }: { except?: string; reason?: string } = {}) {
  return transaction(auth, async (auth) => {
    await lockUser(auth, userId) // a sign-in under way either is waited for, and its session found, or finds what has changed
    const revokedAt = auth.now()
    const where = { userId, revokedAt, revokedReason: reason }
    const before = new Set((await auth.db.authSession.findMany({ where })).map(({ id }) => id)) // of another call in this very millisecond
    // Ended first and read after: in an app's own transaction on MySQL a reading may miss what a write finds.
    const { count } = await auth.db.authSession.updateMany({
      where: { userId, revokedAt: null, expiresAt: { gt: revokedAt }, ...(except !== undefined && { id: { not: except } }) },
      data: { revokedAt, revokedReason: reason, successor: null },
    })
    if (count === 0) return 0
    const ended = (await auth.db.authSession.findMany({ where })).filter(({ id }) => !before.has(id))
    await tellOfEnd(auth, ended, reason)
    return count
  })
}
