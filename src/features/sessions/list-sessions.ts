import type { AuthContext } from '../../context.ts'
import type { SessionListing } from '../../shapes.ts'
import { listSession } from './present-session.ts'

/** A user's live sessions, the last used first. */
export async function listSessions(auth: AuthContext, userId: string, currentId: string | null = null): Promise<SessionListing[]> {
  const rows = await auth.db.authSession.findMany({ where: { userId, revokedAt: null, expiresAt: { gt: auth.now() } }, orderBy: { lastUsedAt: 'desc' } })
  return rows.map((row) => listSession(row, currentId))
}
