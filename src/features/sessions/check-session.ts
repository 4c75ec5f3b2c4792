import type { AuthContext } from '../../context.ts'

/**
 * Asks the database about a session in one statement, for `sessions.check: 'database'`. Null where it has ended or the user is suspended. `hasNews`: the
 * change feed holds what this process has not read yet. Raw, because Prisma would make several statements of it.
 */
export async function checkSession(auth: AuthContext, sessionId: string): Promise<{ hasNews: boolean } | null> {
  const now = auth.now()
  const { after, known } = auth.process.feed.standing()
  const rows = (await auth.db.$queryRaw`
    SELECT (SELECT COUNT(*) FROM auth_changes c WHERE c.seq > ${after}) AS news
    FROM auth_sessions s JOIN auth_users u ON u.id = s.user_id
    WHERE s.id = ${sessionId} AND s.revoked_at IS NULL AND s.expires_at > ${now}
      AND (u.status = 'active' OR u.suspended_until <= ${now})`) as { news: bigint | number }[]
  const [row] = rows
  return row ? { hasNews: Number(row.news) > known } : null
}
