import type { AuthContext } from './context.ts'
import { findTenant, presentTenant } from './features/tenants/find-tenant.ts'
import { addMember, listMembers, membershipsOf, removeMember, setDefaultTenant, updateMember } from './features/tenants/manage-members.ts'
import {
  createTenant,
  deleteTenant,
  listTenants,
  type NewTenant,
  reactivateTenant,
  suspendTenant,
  type TenantUpdate,
  updateTenant,
} from './features/tenants/manage-tenants.ts'

/** `auth.tenants`. */
export function tenants(auth: AuthContext) {
  const by = async (idOrSlug: string, name: 'id' | 'slug') => {
    const row = await findTenant(auth, idOrSlug)
    return row && row[name] === idOrSlug ? presentTenant(row) : null
  }
  return {
    /** With `ownerId` the owner's membership is made with it. Throws SLUG_TAKEN, NOT_FOUND, VALIDATION_FAILED. */
    create: (input: NewTenant) => createTenant(auth, input),
    get: (id: string) => by(id, 'id'),
    findBySlug: (slug: string) => by(slug, 'slug'),
    list: (query?: Parameters<typeof listTenants>[1]) => listTenants(auth, query),
    update: (id: string, patch: TenantUpdate) => updateTenant(auth, id, patch),
    suspend: (id: string) => suspendTenant(auth, id),
    reactivate: (id: string) => reactivateTenant(auth, id),
    delete: (id: string) => deleteTenant(auth, id),
  }
}

/** `auth.memberships`. */
export function memberships(auth: AuthContext) {
  return {
    /** Throws NOT_FOUND, MEMBER_TAKEN. */
    add: (input: Parameters<typeof addMember>[1]) => addMember(auth, input),
    /** Throws NOT_FOUND, LAST_OWNER. */
    update: (input: Parameters<typeof updateMember>[1]) => updateMember(auth, input),
    /** Throws NOT_FOUND, LAST_OWNER. */
    remove: (place: { userId: string; tenantId: string }) => removeMember(auth, place),
    /** Of a tenant, by pages. */
    list: (tenantId: string, query?: Parameters<typeof listMembers>[2]) => listMembers(auth, tenantId, query),
    /** Of a user. */
    of: (userId: string) => membershipsOf(auth, userId),
    setDefault: (place: { userId: string; tenantId: string }) => setDefaultTenant(auth, place),
  }
}
