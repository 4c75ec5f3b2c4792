import { type AuthContext, transaction } from '../../context.ts'
import { readRefreshToken } from '../../crypto/refresh-token.ts'
import { endSessions } from './revoke-sessions.ts'

/**
 * Ends the session of a browser that signs in again as the same person: its cookies are about to be overwritten, and nobody is left who
 * could rightly use it. `refreshToken`: of the session before; `sessionId`: of the one that takes its place.
 */
export async function endReplaced(auth: AuthContext, refreshToken: string | undefined, sessionId: string) {
  const before = refreshToken === undefined ? null : readRefreshToken(auth.subkeys, refreshToken)
  if (!before || before.sessionId === sessionId) return
  const both = await auth.db.authSession.findMany({ where: { id: { in: [before.sessionId, sessionId] }, revokedAt: null } })
  const [old, next] = [both.find(({ id }) => id === before.sessionId), both.find(({ id }) => id === sessionId)]
  if (old && old.userId === next?.userId) await transaction(auth, (auth) => endSessions(auth, [old], 'replaced'))
}
