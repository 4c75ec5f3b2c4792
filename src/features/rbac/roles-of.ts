import type { AuthContext } from '../../context.ts'

export const GLOBAL = 'global'
export const DEFAULT_GUARD = 'web'

/** The names of the active roles a user holds in a tenant, or outside tenants where there is none. One query. */
export async function rolesOf(auth: AuthContext, userId: string, tenantId: string | null, guard?: string): Promise<string[]> {
  const membership = { userId, scope: tenantId ?? GLOBAL, status: 'active' as const }
  const roles = await auth.db.authRole.findMany({
    where: { isActive: true, memberships: { some: { membership } }, guard: guard ?? DEFAULT_GUARD },
    orderBy: { name: 'asc' },
  })
  return roles.map((role) => role.name)
}
