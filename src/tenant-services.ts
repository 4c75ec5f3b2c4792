import type { AuthContext } from './context.ts'
import { acceptInvitation } from './features/invitations/accept-invitation.ts'
import { type InvitationQuery, listInvitations } from './features/invitations/list-invitations.ts'
import { createInvitation, type NewInvitation, resendInvitation, revokeInvitation } from './features/invitations/manage-invitations.ts'
import { grantPlatformRoles, listPlatformUsers, revokePlatformRoles } from './features/platform/manage-platform.ts'
import { findTenant, presentTenant } from './features/tenants/find-tenant.ts'
import { listMembers, type MemberQuery } from './features/tenants/list-members.ts'
import { addMember, membershipsOf, removeMember, setDefaultTenant, updateMember } from './features/tenants/manage-members.ts'
import {
  createTenant,
  deleteTenant,
  listTenants,
  type NewTenant,
  reactivateTenant,
  suspendTenant,
  type TenantQuery,
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
    /** Null where there is none. */
    get: (id: string) => by(id, 'id'),
    findBySlug: (slug: string) => by(slug, 'slug'),
    /** By pages; `parentId`: those right below one. */
    list: (query?: TenantQuery) => listTenants(auth, query),
    /** Changes what is given; null empties. Throws NOT_FOUND, SLUG_TAKEN, VALIDATION_FAILED. */
    update: (id: string, patch: TenantUpdate) => updateTenant(auth, id, patch),
    /** Its members act in it no more, until it is reactivated. Throws NOT_FOUND. */
    suspend: (id: string) => suspendTenant(auth, id),
    /** Throws NOT_FOUND. */
    reactivate: (id: string) => reactivateTenant(auth, id),
    /** With its memberships, roles and invitations; in isolated mode with its users. Throws NOT_FOUND. */
    delete: (id: string) => deleteTenant(auth, id),
  }
}

/** `auth.memberships`. */
export function memberships(auth: AuthContext) {
  return {
    /** Throws NOT_FOUND, TENANT_MISMATCH, MEMBER_TAKEN, SEATS_TAKEN. */
    add: (input: Parameters<typeof addMember>[1]) => addMember(auth, input),
    /** Throws NOT_FOUND, LAST_OWNER, SEATS_TAKEN. */
    update: (input: Parameters<typeof updateMember>[1]) => updateMember(auth, input),
    /** Throws NOT_FOUND, LAST_OWNER. */
    remove: (place: { userId: string; tenantId: string }) => removeMember(auth, place),
    /** Of a tenant (by its id, or `{ tenantId }`), of a user (`{ userId }`), or both, by pages, each with its `user`. */
    list: (of: string | MemberQuery, query?: Omit<MemberQuery, 'tenantId'>) =>
      listMembers(auth, { ...query, ...(typeof of === 'string' ? { tenantId: of } : of) }),
    /** Of a user. */
    of: (userId: string) => membershipsOf(auth, userId),
    /** The tenant that a user signs in to. Throws NOT_FOUND. */
    setDefault: (place: { userId: string; tenantId: string }) => setDefaultTenant(auth, place),
  }
}

/** The id of an invitation, or with the tenant that it must be of. */
type InvitationPlace = string | { id: string; tenantId?: string }
const placeOf = (place: InvitationPlace) => (typeof place === 'string' ? { id: place } : place)

/** `auth.invitations`. */
export function invitations(auth: AuthContext) {
  return {
    /** With the `token` that its link holds, shown this once. Throws NOT_FOUND, TENANT_SUSPENDED, MEMBER_TAKEN, PRIVILEGE_EXCEEDED, VALIDATION_FAILED, TOO_MANY_REQUESTS. */
    create: (input: NewInvitation) => createInvitation(auth, input),
    /** A new token; the old one ends. Throws NOT_FOUND, INVITATION_INVALID, TOO_MANY_REQUESTS. */
    resend: (place: InvitationPlace) => resendInvitation(auth, placeOf(place)),
    /** Throws NOT_FOUND, INVITATION_INVALID. */
    revoke: (place: InvitationPlace) => revokeInvitation(auth, placeOf(place)),
    /** A tenant's, by pages. */
    list: (query: InvitationQuery) => listInvitations(auth, query),
    /** For a user whose address is that of the invitation, and proved. Throws INVITATION_INVALID, INVITATION_WRONG_ADDRESS, EMAIL_NOT_VERIFIED, MEMBER_TAKEN, SEATS_TAKEN. */
    accept: ({ userId, token }: { userId: string; token: string }) => acceptInvitation(auth, userId, token),
  }
}

/** `auth.platform`: staff who hold roles for the whole platform. All throw FEATURE_DISABLED with `platform: { enabled: false }`. */
export function platform(auth: AuthContext) {
  return {
    /** Gives all they hold then. Throws NOT_FOUND for a user or a role. */
    grant: (userId: string, roles: readonly string[]) => grantPlatformRoles(auth, userId, roles),
    /** These roles, or all of them. Gives what is left. Throws NOT_FOUND. */
    revoke: (userId: string, roles?: readonly string[]) => revokePlatformRoles(auth, userId, roles),
    /** By pages, the newest first. */
    list: (query?: { cursor?: string; limit?: number }) => listPlatformUsers(auth, query),
  }
}
