import type { AuthContext } from '../../context.ts'
import { type Granted, grantedBy } from './grants.ts'
import { DEFAULT_GUARD, rolesOf } from './roles-of.ts'

interface Place {
  tenantId?: string | null
  guard?: string
}

/** What the user may do in a tenant, or outside tenants: live roles, inherited ones included. Wildcards as they were given; sorted. */
export async function permissionsOf(auth: AuthContext, userId: string, { tenantId = null, guard = DEFAULT_GUARD }: Place = {}): Promise<string[]> {
  const roles = await rolesOf(auth, userId, tenantId, guard)
  const granted =
    guard === DEFAULT_GUARD ? await grantedTo(auth, { userId, tenantId, roles }) : (await auth.process.roles.load(auth)).granted(roles, { tenantId, guard })
  return granted.list()
}

/** What roles of these names grant the user there, by the map of roles or by the app's own resolver. */
export async function grantedTo(
  auth: AuthContext,
  { userId, tenantId, roles, platformRoles = [] }: { userId: string; tenantId: string | null; roles: readonly string[]; platformRoles?: readonly string[] },
): Promise<Granted> {
  const { resolvePermissions } = auth.options.rbac
  if (resolvePermissions) return grantedBy(await resolvePermissions({ userId, tenantId, roles: [...roles, ...platformRoles] }, { tx: auth.db }))
  if (roles.length + platformRoles.length === 0) return grantedBy([])
  const map = await auth.process.roles.load(auth)
  return platformRoles.length === 0
    ? map.granted(roles, { tenantId })
    : withPlatform(map.granted(roles, { tenantId }), map.granted(platformRoles, { tenantId: null }))
}

const withPlatform = (own: Granted, platform: Granted): Granted => grantedBy([...own.list(), ...platform.list()])
