import type { AuthContext } from '../../context.ts'

export const GLOBAL = 'global'
export const DEFAULT_GUARD = 'web'

/** The names of the active roles a user holds in a tenant that is active, or outside tenants where there is none. One query, or the app's own resolver. */
export async function rolesOf(auth: AuthContext, userId: string, tenantId: string | null, guard: string = DEFAULT_GUARD): Promise<string[]> {
  const { resolveRoles } = auth.options.rbac
  if (resolveRoles && guard === DEFAULT_GUARD) return [...(await resolveRoles({ userId, tenantId }, { tx: auth.db }))]
  const membership = { userId, scope: tenantId ?? GLOBAL, status: 'active' as const, ...(tenantId !== null && { tenant: { status: 'active' as const } }) }
  const roles = await auth.db.authRole.findMany({ where: { isActive: true, memberships: { some: { membership } }, guard }, orderBy: { name: 'asc' } })
  return roles.map((role) => role.name)
}
