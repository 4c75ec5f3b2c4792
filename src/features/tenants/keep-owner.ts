import { type AuthContext, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type RoleTarget, removeRole } from '../rbac/assign-role.ts'
import { ownerRoleOf } from '../rbac/role-map.ts'
import { DEFAULT_GUARD } from '../rbac/roles-of.ts'
import { findMembership } from './find-tenant.ts'
import type { MemberRow } from './tables.ts'

export interface Place {
  userId: string
  tenantId: string
}

/** One change at a time to who is in a tenant. */
export const lockTenant = (auth: AuthContext, id: string) => auth.db.authTenant.updateMany({ where: { id }, data: { updatedAt: auth.now() } })

/** Locks the tenant's row, so that two owners who remove each other do it one after the other. */
export async function lockMembership(auth: AuthContext, { userId, tenantId }: Place): Promise<MemberRow> {
  const { count } = await lockTenant(auth, tenantId)
  const row = count > 0 ? await findMembership(auth, userId, tenantId) : null
  if (!row) throw new AuthError('NOT_FOUND')
  return row
}

const asOwner = (auth: AuthContext) => ({ status: 'active', roles: { some: { role: { name: ownerRoleOf(auth), guard: DEFAULT_GUARD } } } })

/** Throws LAST_OWNER where this is the only active owner. */
export async function keepOwner(auth: AuthContext, { id, scope }: MemberRow) {
  const owners = await auth.db.authMembership.findMany({ where: { scope, ...asOwner(auth) }, orderBy: { id: 'asc' } })
  if (owners.length === 1 && owners[0]?.id === id) throw new AuthError('LAST_OWNER')
}

/**
 * Lets an account go by `leave`, in one transaction. Throws LAST_OWNER where that would leave others in a tenant without an owner. The tenants are
 * found before and locked first, also those that the account may be made an owner of meanwhile.
 */
export async function leaveTenants(auth: AuthContext, userId: string, leave: (auth: AuthContext) => Promise<void>) {
  const memberships = await auth.db.authMembership.findMany({ where: { userId, tenantId: { not: null } }, orderBy: { scope: 'asc' } })
  await transaction(auth, async (auth) => {
    for (const { scope } of memberships) await lockTenant(auth, scope)
    for (const row of memberships) if ((await auth.db.authMembership.count({ where: { scope: row.scope } })) > 1) await keepOwner(auth, row)
    await leave(auth)
  })
}

/** Takes a role from a user, as removeRole does. Throws LAST_OWNER too. */
export async function takeRole(auth: AuthContext, userId: string, name: string, target: RoleTarget) {
  const { tenantId = null, guard = DEFAULT_GUARD } = target
  await transaction(auth, async (auth) => {
    if (tenantId !== null && name === ownerRoleOf(auth) && guard === DEFAULT_GUARD) await keepOwner(auth, await lockMembership(auth, { userId, tenantId }))
    await removeRole(auth, userId, name, target)
  })
}
