import { type AuthContext, transaction } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import type { JsonObject } from '../../json.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import { findUserById } from '../accounts/find-user.ts'
import { lockUser } from '../accounts/lock-user.ts'
import { endApiKeys } from '../api-keys/revoke-api-key.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { findRole } from '../rbac/assign-role.ts'
import { defaultRoles } from '../rbac/default-roles.ts'
import { ownerRoleOf } from '../rbac/role-map.ts'
import { DEFAULT_GUARD } from '../rbac/roles-of.ts'
import { findMembership } from './find-tenant.ts'
import { keepOwner, lockMembership, type Place } from './keep-owner.ts'
import type { MemberRow } from './tables.ts'
import { takeSeat } from './take-seat.ts'

export interface Membership {
  id: string
  userId: string
  tenantId: string
  status: 'active' | 'suspended'
  isDefault: boolean
  displayName: string | null
  roles: string[]
  /** The app's own. */
  metadata: JsonObject
  /** Whose invitation brought the member; null where none did. */
  invitedById: string | null
  createdAt: Date
}

const present = (row: MemberRow, roles: readonly string[]): Membership => ({
  id: row.id,
  userId: row.userId,
  tenantId: row.scope,
  status: row.status === 'suspended' ? 'suspended' : 'active',
  isDefault: row.isDefault,
  displayName: row.displayName,
  roles: [...roles].sort(),
  metadata: (row.metadata ?? {}) as JsonObject,
  invitedById: row.invitedById,
  createdAt: row.createdAt,
})

/** Role names of each membership. */
async function rolesOfMembers(auth: AuthContext, rows: readonly MemberRow[]): Promise<Map<string, string[]>> {
  const pairs = rows.length === 0 ? [] : await auth.db.authMembershipRole.findMany({ where: { membershipId: { in: rows.map(({ id }) => id) } } })
  const ids = [...new Set(pairs.map(({ roleId }) => roleId))]
  const roles = ids.length === 0 ? [] : await auth.db.authRole.findMany({ where: { id: { in: ids }, guard: DEFAULT_GUARD }, orderBy: { name: 'asc' } })
  const names = new Map(roles.map(({ id, name }) => [id, name]))
  return new Map(rows.map(({ id }) => [id, pairs.flatMap((pair) => (pair.membershipId === id ? (names.get(pair.roleId) ?? []) : []))]))
}

export const presentAll = async (auth: AuthContext, rows: readonly MemberRow[]) => {
  const roles = await rolesOfMembers(auth, rows)
  return rows.map((row) => present(row, roles.get(row.id) ?? []))
}

export interface NewMember extends Place {
  roles?: readonly string[]
  status?: 'active' | 'suspended'
  displayName?: string | null
  metadata?: JsonObject
  invitedById?: string | null
}

/** Puts a user into a tenant, with the roles named, or the tenant's default ones. Throws NOT_FOUND, MEMBER_TAKEN where they are in it already, SEATS_TAKEN, TENANT_MISMATCH in isolated mode. */
export async function addMember(auth: AuthContext, { roles, ...member }: NewMember): Promise<Membership> {
  const { userId, tenantId } = member
  return transaction(auth, async (auth) => {
    const [user, tenant] = [await findUserById(auth, userId), await auth.db.authTenant.findUnique({ where: { id: tenantId } })]
    if (!user || !tenant) throw new AuthError('NOT_FOUND')
    if (auth.options.tenants.mode === 'isolated' && user.realm !== tenantId) {
      throw new AuthError('TENANT_MISMATCH', { detail: 'This account belongs to another tenant.' })
    }
    if (member.status !== 'suspended') await takeSeat(auth, tenant, userId)
    const row = await insert(auth, member)
    const ids = roles ? await roleIds(auth, tenantId, roles) : (await defaultRoles(auth, tenantId)).map(({ id }) => id)
    if (ids.length > 0) await auth.db.authMembershipRole.createMany({ data: ids.map((roleId) => ({ membershipId: row.id, roleId })) })
    await note(auth, 'membership.added', { userId, tenantId }, { roles: [...(roles ?? [])] })
    const [shown] = await presentAll(auth, [row])
    return shown ?? present(row, [])
  })
}

async function insert(
  auth: AuthContext,
  { userId, tenantId, status = 'active', displayName = null, metadata, invitedById = null }: NewMember,
): Promise<MemberRow> {
  const now = auth.now()
  // Nobody has chosen it yet: who is in several is asked.
  const shown = { userId, tenantId, scope: tenantId, status, isDefault: false, displayName, invitedById }
  const row = { id: newId(now, auth.random), ...shown, createdAt: now, updatedAt: now, ...(metadata && { metadata }) }
  try {
    await auth.db.authMembership.createMany({ data: [row] })
  } catch (cause) {
    throw isUniqueViolation(cause) ? new AuthError('MEMBER_TAKEN', { cause }) : cause
  }
  return { metadata: null, ...row }
}

async function roleIds(auth: AuthContext, tenantId: string, names: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (const name of new Set(names)) {
    const role = await findRole(auth, name, { tenantId })
    if (!role) throw new AuthError('NOT_FOUND', { detail: `There is no role '${name}'.` })
    ids.push(role.id)
  }
  return ids
}

/** Changes roles (all of them at once), status, name or metadata. Throws NOT_FOUND, LAST_OWNER, SEATS_TAKEN for one who comes back. */
export async function updateMember(
  auth: AuthContext,
  { userId, tenantId, roles, status, displayName, metadata }: Omit<NewMember, 'invitedById'>,
): Promise<Membership> {
  return transaction(auth, async (auth) => {
    const row = await lockMembership(auth, { userId, tenantId })
    const losesOwnership = (roles !== undefined && !roles.includes(ownerRoleOf(auth))) || status === 'suspended'
    if (losesOwnership) await keepOwner(auth, row)
    if (status === 'active' && row.status !== 'active') await takeSeat(auth, await auth.db.authTenant.findUnique({ where: { id: tenantId } }), userId)
    const data = {
      ...(status !== undefined && { status }),
      ...(displayName !== undefined && { displayName }),
      ...(metadata && { metadata }),
      updatedAt: auth.now(),
    }
    await auth.db.authMembership.updateMany({ where: { id: row.id }, data })
    if (roles !== undefined) {
      const ids = await roleIds(auth, tenantId, roles)
      await auth.db.authMembershipRole.deleteMany({ where: { membershipId: row.id, role: { guard: DEFAULT_GUARD } } })
      if (ids.length > 0) await auth.db.authMembershipRole.createMany({ data: ids.map((roleId) => ({ membershipId: row.id, roleId })) })
    }
    await note(auth, 'membership.updated', { userId, tenantId }, { ...(roles && { roles: [...roles] }), ...(status && { status }) })
    const [shown] = await presentAll(auth, [{ ...row, ...data }])
    return shown ?? present(row, [])
  })
}

/** Takes a user out of a tenant; from the next request on they are not in it, and their API keys there have ended for good. Throws NOT_FOUND, LAST_OWNER. */
export async function removeMember(auth: AuthContext, { userId, tenantId }: Place) {
  await transaction(auth, async (auth) => {
    const row = await lockMembership(auth, { userId, tenantId })
    await keepOwner(auth, row)
    await auth.db.authMembership.deleteMany({ where: { id: row.id } })
    await endApiKeys(auth, await auth.db.authAccessKey.findMany({ where: { userId, tenantId, revokedAt: null }, orderBy: { id: 'asc' } }))
    await note(auth, 'membership.removed', { userId, tenantId })
  })
}

async function note(
  auth: AuthContext,
  event: 'membership.added' | 'membership.updated' | 'membership.removed',
  place: Place,
  data: { roles?: string[]; status?: string; isDefault?: true } = {},
) {
  await recordChanges(auth, 'user.roles', [place.userId])
  await recordAudit(auth, { event, ...place, data })
  emit(auth, event, { ...place })
}

/** A user's membership of a tenant, with the roles that it carries, whether they count now or not; null where there is none. */
export async function findMember(auth: AuthContext, { userId, tenantId }: Place): Promise<Membership | null> {
  const row = await findMembership(auth, userId, tenantId)
  return row && ((await presentAll(auth, [row]))[0] ?? null)
}

/** A user's memberships of tenants, the oldest first. */
export async function membershipsOf(auth: AuthContext, userId: string): Promise<Membership[]> {
  return presentAll(auth, await auth.db.authMembership.findMany({ where: { userId, tenantId: { not: null } }, orderBy: { id: 'asc' } }))
}

/** Makes a tenant the one a user signs in to. Throws NOT_FOUND. */
export async function setDefaultTenant(auth: AuthContext, { userId, tenantId }: Place) {
  await transaction(auth, async (auth) => {
    await lockUser(auth, userId) // two at once would each leave their own
    const row = await findMembership(auth, userId, tenantId)
    if (!row) throw new AuthError('NOT_FOUND')
    await auth.db.authMembership.updateMany({ where: { userId, isDefault: true }, data: { isDefault: false } })
    await auth.db.authMembership.updateMany({ where: { id: row.id }, data: { isDefault: true } })
    await note(auth, 'membership.updated', { userId, tenantId }, { isDefault: true })
  })
}
