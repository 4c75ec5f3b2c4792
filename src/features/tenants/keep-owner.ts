import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { ownerRoleOf } from '../rbac/role-map.ts'
import { DEFAULT_GUARD } from '../rbac/roles-of.ts'
import { findMembership } from './find-tenant.ts'
import type { MemberRow } from './tables.ts'

export interface Place {
  userId: string
  tenantId: string
}

/** Locks the tenant's row, so that two owners who remove each other do it one after the other. */
export async function lockMembership(auth: AuthContext, { userId, tenantId }: Place): Promise<MemberRow> {
  const { count } = await auth.db.authTenant.updateMany({ where: { id: tenantId }, data: { updatedAt: auth.now() } })
  const row = count > 0 ? await findMembership(auth, userId, tenantId) : null
  if (!row) throw new AuthError('NOT_FOUND')
  return row
}

/** Throws LAST_OWNER where this is the only active owner. */
export async function keepOwner(auth: AuthContext, { id, scope }: MemberRow) {
  const owners = await auth.db.authMembership.findMany({
    where: { scope, status: 'active', roles: { some: { role: { name: ownerRoleOf(auth), guard: DEFAULT_GUARD } } } },
    orderBy: { id: 'asc' },
  })
  if (owners.length === 1 && owners[0]?.id === id) throw new AuthError('LAST_OWNER')
}
