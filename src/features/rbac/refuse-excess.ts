import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { platformRolesOf } from '../platform/platform-roles.ts'
import { grants } from './grants.ts'
import { grantedTo, permissionsOf } from './permissions-of.ts'
import { ownerRoleOf } from './role-map.ts'
import { rolesOf } from './roles-of.ts'

interface Given {
  tenantId: string | null
  permissions?: readonly string[]
  roles?: readonly string[]
  /** False for what platform roles never count in, such as API keys. */
  asStaff?: boolean
}

/**
 * Nobody gives more than they hold: throws PRIVILEGE_EXCEEDED where the permissions, or what the roles grant, go beyond what the
 * actor may do there now. A role that is switched off counts as if it were on: it may be tomorrow. Only an owner makes an owner.
 */
export async function refuseExcess(auth: AuthContext, actorId: string, { tenantId, permissions = [], roles = [], asStaff = true }: Given) {
  const held = asStaff ? await rightsIn(auth, actorId, tenantId) : await permissionsOf(auth, actorId, { tenantId })
  const given = roles.length === 0 ? [] : await mostOf(auth, actorId, tenantId, roles)
  const excess = [...permissions, ...given].filter((wanted) => !grants(held, wanted))
  const ownerRole = ownerRoleOf(auth)
  const makesOwner = tenantId !== null && roles.includes(ownerRole) && !(await rolesOf(auth, actorId, tenantId)).includes(ownerRole)
  if (excess.length > 0 || makesOwner) throw new AuthError('PRIVILEGE_EXCEEDED')
}

async function mostOf(auth: AuthContext, userId: string, tenantId: string | null, roles: readonly string[]): Promise<string[]> {
  // The app's own resolver alone knows what a role is worth.
  if (auth.options.rbac.resolvePermissions) return (await grantedTo(auth, { userId, tenantId, roles })).list()
  return (await auth.process.roles.load(auth)).atMost(roles, { tenantId }).list()
}

/** What someone may do in a tenant, by their roles there and by those for the whole platform. */
export async function rightsIn(auth: AuthContext, userId: string, tenantId: string | null): Promise<string[]> {
  const own = await permissionsOf(auth, userId, { tenantId })
  // Who asks has what `platform.allow` lets count in this request, and no more.
  const ofRequest = auth.request?.actorId === userId ? auth.request.platformRoles : undefined
  const platformRoles = ofRequest ?? (await platformRolesOf(auth, userId))
  return platformRoles.length === 0 ? own : [...own, ...(await grantedTo(auth, { userId, tenantId: null, roles: platformRoles })).list()]
}
