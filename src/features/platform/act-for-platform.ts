import type { AuthContext } from '../../context.ts'
import type { RequestAuth } from '../../shapes.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { grants } from '../rbac/grants.ts'
import { grantedTo } from '../rbac/permissions-of.ts'

/** What lets staff into tenants that they are no members of (`requireTenant`). */
export const ENTER_TENANT = 'tenant:enter'

/** Whether the platform roles of a request permit something in a tenant; each time that they do is written down in its audit trail. */
export async function actsForPlatform(auth: AuthContext, who: RequestAuth, { id: tenantId }: { id: string }, permission: string | null): Promise<boolean> {
  if (who.platformRoles.length === 0 || permission === null) return false
  const granted = await grantedTo(auth, { userId: who.user.id, tenantId: null, roles: who.platformRoles })
  if (!grants(granted.list(), permission)) return false
  const row = { event: 'platform.used', userId: who.user.id, tenantId, data: { permission } }
  await recordAudit(auth, { ...row, ...(who.session && { sessionId: who.session.id }) })
  return true
}
