import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError, type AuthErrorCode } from '../../errors.ts'
import { findUser, findUserById } from '../accounts/find-user.ts'
import { isSuspended } from '../accounts/present-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { findRole } from '../rbac/assign-role.ts'
import { grants } from '../rbac/grants.ts'
import { refuseExcess, rightsIn } from '../rbac/refuse-excess.ts'
import { addMember, type Membership } from '../tenants/manage-members.ts'
import { refuseWithoutSeat } from '../tenants/take-seat.ts'
import { findInvitation, rolesIn, spendInvitation } from './find-invitation.ts'
import type { InvitationRow } from './tables.ts'

export interface InvitationPreview {
  tenant: { id: string; slug: string; name: string }
  email: string | null
  phone: string | null
  roles: string[]
  expiresAt: Date
  /** The address has an account: sign in to accept. Who holds the token was sent it at that address. */
  hasAccount: boolean
}

/** What an invitation is to. Throws INVITATION_INVALID. */
export async function previewInvitation(auth: AuthContext, token: string): Promise<InvitationPreview> {
  const row = await findInvitation(auth, token)
  const tenant = await tenantOf(auth, row)
  const { email, phone, expiresAt } = row
  const realm = auth.options.tenants.mode === 'isolated' ? row.tenantId : ''
  const account = await findUser({ ...auth, realm }, email === null ? { phone: phone ?? '' } : { email })
  return { tenant, email, phone, roles: rolesIn(row), expiresAt, hasAccount: account !== null }
}

async function tenantOf(auth: AuthContext, { tenantId }: InvitationRow) {
  const tenant = await auth.db.authTenant.findUnique({ where: { id: tenantId } })
  if (!tenant) throw new AuthError('INVITATION_INVALID')
  if (tenant.status !== 'active') throw new AuthError('TENANT_SUSPENDED')
  return { id: tenant.id, slug: tenant.slug, name: tenant.name }
}

/**
 * Joins a tenant as someone who is signed in. The account must have the address of the invitation, proved. Throws INVITATION_INVALID,
 * INVITATION_WRONG_ADDRESS, EMAIL_NOT_VERIFIED, MEMBER_TAKEN, TENANT_SUSPENDED.
 */
export async function acceptInvitation(auth: AuthContext, userId: string, token: string): Promise<Membership> {
  return transaction(auth, async (auth) => {
    const invitation = await findInvitation(auth, token)
    const user = await findUserById(auth, userId)
    if (!user) throw new AuthError('SESSION_REVOKED')
    refuseOtherAddress(auth, invitation, user)
    return join(auth, invitation, user)
  })
}

function refuseOtherAddress(auth: AuthContext, { tenantId, email, phone }: InvitationRow, user: UserRow) {
  const isElsewhere = auth.options.tenants.mode === 'isolated' && user.realm !== tenantId
  if (isElsewhere || (email === null ? user.phone !== phone : user.email !== email)) throw new AuthError('INVITATION_WRONG_ADDRESS')
  if (email !== null && user.emailVerifiedAt === null) throw new AuthError('EMAIL_NOT_VERIFIED')
  if (email === null && user.phoneVerifiedAt === null) throw new AuthError('EMAIL_NOT_VERIFIED', { detail: 'Confirm your phone number first.' })
}

/** Spends an invitation and makes its membership, in the transaction in progress. That the user has its address is the caller's to know. */
export async function join(auth: AuthContext, invitation: InvitationRow, user: UserRow): Promise<Membership> {
  const { tenantId, invitedById } = invitation
  const roles = rolesIn(invitation)
  await spendInvitation(auth, invitation, 'accepted')
  await tenantOf(auth, invitation)
  await refuseWithoutInviter(auth, invitation)
  const membership = await addMember(auth, { userId: user.id, tenantId, roles, invitedById }).catch(asInvalid('NOT_FOUND'))
  await recordAudit(auth, { event: 'invitation.accepted', userId: user.id, tenantId, data: { invitationId: invitation.id, roles } })
  emit(auth, 'invitation.accepted', { invitationId: invitation.id, tenantId, userId: user.id })
  return membership
}

/** Refuses whatever `join` would refuse an account that has just been made, and changes nothing. In the transaction in progress. */
export async function refuseToJoin(auth: AuthContext, invitation: InvitationRow) {
  const { tenantId } = invitation
  await tenantOf(auth, invitation)
  await refuseWithoutInviter(auth, invitation)
  await refuseWithoutSeat(auth, tenantId)
  for (const name of rolesIn(invitation)) if (!(await findRole(auth, name, { tenantId }))) throw new AuthError('INVITATION_INVALID')
}

/** What was promised cannot be given: a role is gone by now, or no longer the inviter's to give. What the app's own resolvers throw is theirs to say. */
const asInvalid =
  (code: AuthErrorCode) =>
  (cause: unknown): never => {
    throw cause instanceof AuthError && cause.code === code ? new AuthError('INVITATION_INVALID', { cause }) : cause
  }

/** What was fixed when the invitation was made must be the inviter's to give still. */
async function refuseWithoutInviter(auth: AuthContext, invitation: InvitationRow) {
  const { tenantId, invitedById } = invitation
  if (invitedById === null) return
  const inviter = await findUserById(auth, invitedById)
  const mayInvite = inviter && !isSuspended(inviter, auth.now()) && grants(await rightsIn(auth, inviter.id, tenantId), 'member:invite')
  if (!mayInvite) throw new AuthError('INVITATION_INVALID')
  await refuseExcess(auth, inviter.id, { tenantId, roles: rolesIn(invitation) }).catch(asInvalid('PRIVILEGE_EXCEEDED'))
}

/** Whoever was sent it does not want it. Throws INVITATION_INVALID. */
export async function declineInvitation(auth: AuthContext, token: string) {
  await transaction(auth, async (auth) => {
    const invitation = await findInvitation(auth, token)
    if (auth.realm !== '' && invitation.tenantId !== auth.realm) throw new AuthError('INVITATION_INVALID')
    await spendInvitation(auth, invitation, 'declined')
    const { id: invitationId, tenantId } = invitation
    await recordAudit(auth, { event: 'invitation.declined', tenantId, data: { invitationId } })
    emit(auth, 'invitation.declined', { invitationId, tenantId })
  })
}
