import { type AuthContext, transaction } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { addSeconds } from '../../durations.ts'
import { emit } from '../../emit.ts'
import { AuthError, invalidField } from '../../errors.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import { findUser } from '../accounts/find-user.ts'
import { type Address, addressOf } from '../accounts/identifiers.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { hashToken, randomToken } from '../codes/code-text.ts'
import { linkTo } from '../messages/link-to.ts'
import { canSend, queueMessage } from '../messages/queue-message.ts'
import { takeMessagePlace } from '../messages/take-message-place.ts'
import { findRole } from '../rbac/assign-role.ts'
import { refuseExcess } from '../rbac/refuse-excess.ts'
import { findMembership } from '../tenants/find-tenant.ts'
import { inRealm } from '../tenants/in-realm.ts'
import { lockTenant } from '../tenants/keep-owner.ts'
import type { TenantRow } from '../tenants/tables.ts'
import { type Invitation, presentInvitation, rolesIn } from './find-invitation.ts'
import type { InvitationRow } from './tables.ts'

export interface NewInvitation {
  tenantId: string
  /** One of `email` and `phone`. */
  email?: string
  phone?: string
  /** Names of roles of the tenant or of all tenants. Without any the new member holds none, not even the default ones. */
  roles?: readonly string[]
  /** Whose rights it stands on, now and when it is accepted. Left out: the app's own. */
  invitedById?: string
}

/** With what the link holds; shown this once. */
export type IssuedInvitation = Invitation & { token: string }

const recipientOf = (row: { email: string | null; phone: string | null }): Address => (row.email === null ? { phone: row.phone ?? '' } : { email: row.email })
const pendingKeyOf = (tenantId: string, to: Address) => `${tenantId}:${addressOf(to)}`

/**
 * Invites an address into a tenant and sends it the link; an invitation that was pending for it ends. Throws NOT_FOUND for a tenant or role that
 * does not exist, TENANT_SUSPENDED, MEMBER_TAKEN, PRIVILEGE_EXCEEDED for roles beyond what the inviter holds, VALIDATION_FAILED,
 * TOO_MANY_REQUESTS where the address has been sent too much.
 */
export async function createInvitation(auth: AuthContext, input: NewInvitation): Promise<IssuedInvitation> {
  const { tenantId, roles = [], invitedById } = input
  const to = await targetOf(auth, input)
  const tenant = await invitingTenant(auth, tenantId)
  await refuseMember(await inRealm(auth, tenantId), tenantId, to)
  await checkRoles(auth, tenantId, roles, invitedById)
  await takePlaceFor(auth, to)
  return transaction(auth, async (auth) => {
    // Two who invite the same address at once do it one after the other.
    if ((await lockTenant(auth, tenantId)).count === 0) throw new AuthError('NOT_FOUND')
    const pendingKey = pendingKeyOf(tenantId, to)
    await auth.db.authInvitation.updateMany({ where: { pendingKey }, data: { status: 'revoked', pendingKey: null } })
    const now = auth.now()
    const token = randomToken('lki', auth.random)
    const row = {
      id: newId(now, auth.random),
      tenantId,
      email: 'email' in to ? to.email : null,
      phone: 'phone' in to ? to.phone : null,
      roles: [...new Set(roles)],
      tokenHash: hashToken(token),
      status: 'pending',
      pendingKey,
      invitedById: invitedById ?? null,
      createdAt: now,
      expiresAt: addSeconds(now, auth.options.tenants.invitationTtl),
    }
    await auth.db.authInvitation.createMany({ data: [row] })
    await send(auth, tenant, row, token)
    await note(auth, 'invitation.created', row)
    return { ...presentInvitation({ ...row, acceptedAt: null }, now), token }
  })
}

async function targetOf(auth: AuthContext, input: NewInvitation): Promise<Address> {
  const { email, phone } = await canonicalIdentifiers({ email: input.email, phone: input.phone })
  if ((email === undefined) === (phone === undefined)) {
    throw invalidField('email', 'give one of email and phone')
  }
  const kind = email === undefined ? 'phone' : 'email'
  if (!auth.options.identifiers[kind]) throw invalidField(kind, 'is not used here')
  return email === undefined ? { phone: phone ?? '' } : { email }
}

async function invitingTenant(auth: AuthContext, id: string): Promise<TenantRow> {
  const tenant = await auth.db.authTenant.findUnique({ where: { id } })
  if (tenant?.id !== id) throw new AuthError('NOT_FOUND')
  if (tenant.status !== 'active') throw new AuthError('TENANT_SUSPENDED')
  return tenant
}

async function refuseMember(auth: AuthContext, tenantId: string, to: Address) {
  const user = await findUser(auth, to)
  const isProved = user && ('email' in to ? user.emailVerifiedAt : user.phoneVerifiedAt) !== null
  if (isProved && (await findMembership(auth, user.id, tenantId))) throw new AuthError('MEMBER_TAKEN')
}

async function checkRoles(auth: AuthContext, tenantId: string, roles: readonly string[], actorId: string | undefined) {
  for (const name of roles) if (!(await findRole(auth, name, { tenantId }))) throw new AuthError('NOT_FOUND', { detail: `There is no role '${name}'.` })
  if (actorId !== undefined) await refuseExcess(auth, actorId, { tenantId, roles })
}

async function takePlaceFor(auth: AuthContext, to: Address) {
  if (canSend(auth, 'email' in to ? 'email' : 'sms') && !(await takeMessagePlace(auth, addressOf(to)))) throw new AuthError('TOO_MANY_REQUESTS')
}

async function send(auth: AuthContext, tenant: TenantRow, row: Pick<InvitationRow, 'email' | 'phone' | 'expiresAt'>, token: string) {
  const url = linkTo(auth, '/invitations/accept', token)
  const data = {
    token,
    ...(url !== undefined && { url }),
    details: [`Team: ${tenant.name}`],
    tenant: { id: tenant.id, slug: tenant.slug, name: tenant.name },
    expiresAt: row.expiresAt,
    expiresIn: auth.options.tenants.invitationTtl,
  }
  await queueMessage(auth, { kind: 'invitation', to: recipientOf(row), locale: tenant.locale, data })
}

type Told = Pick<InvitationRow, 'id' | 'tenantId' | 'roles'>
async function note(auth: AuthContext, event: 'invitation.created' | 'invitation.resent' | 'invitation.revoked', row: Told) {
  const { id: invitationId, tenantId } = row
  await recordAudit(auth, { event, tenantId, data: { invitationId, roles: rolesIn(row) } })
  emit(auth, event, { invitationId, tenantId })
}

interface Place {
  id: string
  /** Left out: of whatever tenant. */
  tenantId?: string
}

/** The invitation of this tenant, whatever has become of it. Throws NOT_FOUND. */
async function ofTenant(auth: AuthContext, { tenantId, id }: Place): Promise<InvitationRow> {
  const [row] = await auth.db.authInvitation.findMany({ where: { id, ...(tenantId !== undefined && { tenantId }) }, orderBy: { id: 'desc' } })
  if (row?.id !== id || row.tenantId !== (tenantId ?? row.tenantId)) throw new AuthError('NOT_FOUND')
  return row
}

/**
 * Sends a pending or expired invitation again with a new token; the old one ends. `actorId`: who must hold what it grants. Throws NOT_FOUND,
 * INVITATION_INVALID for one that was accepted, declined or revoked, or that another has replaced; PRIVILEGE_EXCEEDED, TOO_MANY_REQUESTS.
 */
export async function resendInvitation(auth: AuthContext, place: Place, { actorId }: { actorId?: string } = {}): Promise<IssuedInvitation> {
  const row = await ofTenant(auth, place)
  const tenant = await invitingTenant(auth, row.tenantId)
  await checkRoles(auth, row.tenantId, rolesIn(row), actorId)
  await takePlaceFor(auth, recipientOf(row))
  return transaction(auth, async (auth) => {
    const token = randomToken('lki', auth.random)
    const expiresAt = addSeconds(auth.now(), auth.options.tenants.invitationTtl)
    // From now on it stands on the rights of who has just vouched for it.
    const fresh = { tokenHash: hashToken(token), expiresAt, ...(actorId !== undefined && { invitedById: actorId }) }
    const { count } = await auth.db.authInvitation.updateMany({ where: { id: row.id, status: 'pending', tokenHash: row.tokenHash }, data: fresh })
    if (count === 0) throw new AuthError('INVITATION_INVALID')
    await send(auth, tenant, { ...row, ...fresh }, token)
    await note(auth, 'invitation.resent', row)
    return { ...presentInvitation({ ...row, ...fresh }, auth.now()), token }
  })
}

/** Throws NOT_FOUND, INVITATION_INVALID for one that is not pending. */
export async function revokeInvitation(auth: AuthContext, place: Place) {
  await transaction(auth, async (auth) => {
    const row = await ofTenant(auth, place)
    const { count } = await auth.db.authInvitation.updateMany({ where: { id: row.id, status: 'pending' }, data: { status: 'revoked', pendingKey: null } })
    if (count === 0) throw new AuthError('INVITATION_INVALID')
    await note(auth, 'invitation.revoked', row)
  })
}
