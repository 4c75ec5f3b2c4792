import type { AuthContext } from '../../context.ts'

/**
 * Asks the database for a session and its user's roles in one statement, for `sessions.check: 'database'`. Null where the session has
 * ended or the user is suspended. Raw, because Prisma would make four statements of it.
 */
export async function checkSession(auth: AuthContext, sessionId: string): Promise<{ roles: string[] } | null> {
  const now = auth.now()
  const rows = (await auth.db.$queryRaw`
    SELECT s.id, r.name AS role FROM auth_sessions s
    JOIN auth_users u ON u.id = s.user_id
    LEFT JOIN auth_memberships m ON m.user_id = u.id AND m.scope = COALESCE(s.tenant_id, 'global') AND m.status = 'active'
      AND (m.tenant_id IS NULL OR EXISTS (SELECT 1 FROM auth_tenants t WHERE t.id = m.tenant_id AND t.status = 'active'))
    LEFT JOIN auth_membership_roles mr ON mr.membership_id = m.id
    LEFT JOIN auth_roles r ON r.id = mr.role_id AND r.is_active = true AND r.guard = 'web'
    WHERE s.id = ${sessionId} AND s.revoked_at IS NULL AND s.expires_at > ${now}
      AND (u.status = 'active' OR u.suspended_until <= ${now})`) as { role: string | null }[]
  return rows.length === 0 ? null : { roles: rows.flatMap(({ role }) => role ?? []).sort() }
}
