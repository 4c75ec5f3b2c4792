import { type AuthContext, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type Registration, registerUser } from '../accounts/register-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { ownerRoleOf } from '../rbac/role-map.ts'
import { findTenant } from '../tenants/find-tenant.ts'
import { addMember } from '../tenants/manage-members.ts'
import { createTenant } from '../tenants/manage-tenants.ts'
import { refuseWithoutSeat } from '../tenants/take-seat.ts'
import { join, refuseToJoin } from './accept-invitation.ts'
import { findInvitation } from './find-invitation.ts'
import type { InvitationRow } from './tables.ts'

/** Where someone who signs up asks to belong. */
export interface Joining {
  /** An id or slug: where to sign in to, and whose accounts are meant where tenants keep their own. */
  tenant?: string
  /** Made, with its owner, for someone who has no account yet. */
  newTenant?: { name: string; slug?: string }
  /** The token of one, which is accepted. */
  invitation?: string
}

export interface MemberRegistration extends Omit<Registration, 'isInvited' | keyof Joining>, Joining {}

export interface RegisteredMember {
  user: UserRow
  /** Which tenant the sign-up led into. */
  tenantId?: string
}

/**
 * Makes the account of someone who signs up, in whatever way, with the tenant that the sign-up leads into: by invitation, as the owner of a new
 * one, or by joining one that is open. Being named by the client never makes a membership by itself. In the transaction in
 * progress. Throws as registerUser does; INVITATION_REQUIRED, INVITATION_INVALID, INVITATION_WRONG_ADDRESS, FEATURE_DISABLED, FORBIDDEN, SLUG_TAKEN,
 * TENANT_REQUIRED, TENANT_SUSPENDED.
 */
export async function registerMember(auth: AuthContext, { newTenant, ...registration }: MemberRegistration): Promise<RegisteredMember> {
  const { mode } = auth.options.tenants
  const { tenant, invitation } = registration
  if (mode === 'off' && (tenant ?? newTenant ?? invitation) !== undefined) throw new AuthError('FEATURE_DISABLED')
  if (invitation !== undefined) return registerInvited(auth, registration, invitation)
  if (newTenant !== undefined) return registerOwner(auth, registration, newTenant)
  if (tenant !== undefined) return registerInto(auth, registration, tenant)
  if (mode === 'isolated') throw new AuthError('TENANT_REQUIRED')
  return { user: await registerUser(auth, registration) }
}

/** In isolated mode accounts belong to the tenant. */
const ofTenant = (auth: AuthContext, realm: string): AuthContext => (auth.options.tenants.mode === 'isolated' ? { ...auth, realm } : auth)

/** Who holds the token was sent it at the address of the invitation, which is thereby proved. */
async function registerInvited(auth: AuthContext, registration: Omit<MemberRegistration, 'newTenant'>, token: string): Promise<RegisteredMember> {
  const invitation = await findInvitation(auth, token)
  const { email, phone, tenantId } = invitation
  if (registration.tenant !== undefined && (await findTenant(auth, registration.tenant))?.id !== tenantId) throw new AuthError('INVITATION_INVALID')
  const identifiers = { ...(email !== null && { email }), ...(phone !== null && { phone }), ...registration.identifiers }
  refuseOtherAddress(invitation, identifiers)
  const proof = email === null ? { phoneVerified: true } : { emailVerified: true }
  const user = await registerUser(ofTenant(auth, tenantId), { ...registration, ...proof, identifiers, isInvited: true })
  // A hook may have put another address in its place.
  refuseOtherAddress(invitation, user)
  await join(auth, invitation, user)
  return { user, tenantId }
}

function refuseOtherAddress({ email, phone }: InvitationRow, given: { email?: string | null; phone?: string | null }) {
  if (email === null ? given.phone !== phone : given.email !== email) throw new AuthError('INVITATION_WRONG_ADDRESS')
}

async function registerOwner(auth: AuthContext, registration: Registration, newTenant: NonNullable<Joining['newTenant']>): Promise<RegisteredMember> {
  if (!auth.options.tenants.selfService) throw new AuthError('FORBIDDEN', { detail: 'Tenants are not made at sign-up here.' })
  const { id: tenantId } = await createTenant(auth, newTenant)
  const user = await registerUser(ofTenant(auth, tenantId), registration)
  await addMember(auth, { userId: user.id, tenantId, roles: [ownerRoleOf(auth)] })
  return { user, tenantId }
}

async function registerInto(auth: AuthContext, registration: Registration, tenant: string): Promise<RegisteredMember> {
  const found = auth.options.tenants.openSignup ? await findTenant(auth, tenant) : null
  if (!found) throw new AuthError('INVITATION_REQUIRED')
  if (found.status !== 'active') throw new AuthError('TENANT_SUSPENDED')
  const user = await registerUser(ofTenant(auth, found.id), registration)
  await addMember(auth, { userId: user.id, tenantId: found.id })
  return { user, tenantId: found.id }
}

/**
 * For a sign-up whose address is taken and that is answered as one whose address is not: refuses what its tenant would refuse a new account,
 * and gives the tenant. Null where the invitation was sent to the very address, so that its holder may know. Throws SEATS_TAKEN,
 * INVITATION_INVALID, TENANT_SUSPENDED.
 */
export async function refuseAsNew(auth: AuthContext, { tenant, invitation: token }: MemberRegistration): Promise<{ tenantId?: string } | null> {
  if (token !== undefined) {
    const invitation = await findInvitation(auth, token)
    if (invitation.email !== null) return null
    await transaction(auth, (auth) => refuseToJoin(auth, invitation))
    return { tenantId: invitation.tenantId }
  }
  const found = tenant === undefined ? null : await findTenant(auth, tenant)
  if (!found) return {}
  await transaction(auth, (auth) => refuseWithoutSeat(auth, found.id))
  return { tenantId: found.id }
}
