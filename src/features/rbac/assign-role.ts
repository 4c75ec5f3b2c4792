import { type AuthContext, racingTransaction } from '../../context.ts'
import { isId, newId } from '../../crypto/ids.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import { findUserById } from '../accounts/find-user.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { DEFAULT_GUARD, GLOBAL } from './roles-of.ts'
import type { RoleRow } from './tables.ts'

/** Where a user holds a role. */
export interface Assignment extends RoleTarget {
  /** For the whole platform, in place of a tenant. */
  platform?: boolean
}

export interface RoleTarget {
  /** Default 'web'. */
  guard?: string
  /** In this tenant, of which the user must be a member; left out: outside tenants. */
  tenantId?: string | null
}

/** Gives a user a role, at once in this process and through the feed in others. Assigning it twice changes nothing. Throws NOT_FOUND. */
export async function assignRole(auth: AuthContext, userId: string, name: string, target: RoleTarget = {}) {
  await ensureMembership(auth, userId, target)
  await changeRole(auth, { userId, name, target, event: 'role.assigned' }, async (auth, pair) => {
    // Asked first: an insert that is refused would end the app's own transaction on PostgreSQL.
    if ((await auth.db.authMembershipRole.count({ where: pair })) > 0) return false
    await auth.db.authMembershipRole.createMany({ data: [pair] })
    return true
  })
}

/** Takes a role from a user; one that is not held is no error. Throws NOT_FOUND for a role or user that does not exist. */
export async function removeRole(auth: AuthContext, userId: string, name: string, target: RoleTarget = {}) {
  await ensureMembership(auth, userId, target)
  await changeRole(
    auth,
    { userId, name, target, event: 'role.removed' },
    async (auth, pair) => (await auth.db.authMembershipRole.deleteMany({ where: pair })).count > 0,
  )
}

interface RoleChange {
  userId: string
  name: string
  target: RoleTarget
  event: 'role.assigned' | 'role.removed'
}

async function changeRole(
  auth: AuthContext,
  { userId, name, target: { guard = DEFAULT_GUARD, tenantId = null }, event }: RoleChange,
  write: (auth: AuthContext, pair: { membershipId: string; roleId: string }) => Promise<boolean>,
) {
  await racingTransaction(auth, async (auth) => {
    const scope = tenantId ?? GLOBAL
    const role = await findRole(auth, name, { guard, tenantId })
    const membership = await auth.db.authMembership.findUnique({ where: { userId_scope: { userId, scope } } })
    if (!role || !membership) throw new AuthError('NOT_FOUND', { detail: `There is no role '${name}'.` })
    if (!(await write(auth, { membershipId: membership.id, roleId: role.id }))) return
    await recordChanges(auth, 'user.roles', [userId])
    await recordAudit(auth, { event, userId, ...(tenantId !== null && { tenantId }), data: { role: name, guard } })
    emit(auth, event, { userId, roleId: role.id, name, guard, tenantId })
  })
}

/**
 * A role's name and guard, for trusted code, which may give its id in the place of its name. No request does: what someone may give is looked up by
 * name. Throws NOT_FOUND for an id that is no role's which can be held there.
 */
export async function nameOfRole(auth: AuthContext, idOrName: string, { guard, tenantId = null }: RoleTarget): Promise<{ name: string; guard: string }> {
  if (!isId(idOrName)) return { name: idOrName, guard: guard ?? DEFAULT_GUARD }
  const role = await auth.db.authRole.findUnique({ where: { id: idOrName } })
  const isThere = role && (role.tenantId === null || role.tenantId === tenantId) && role.guard === (guard ?? role.guard)
  if (!isThere) throw new AuthError('NOT_FOUND', { detail: `There is no role '${idOrName}'.` })
  return { name: role.name, guard: role.guard }
}

/** A role by name, the tenant's own before a global one; null where there is none. MySQL takes 'a ' for 'a', so the name is compared again. */
export async function findRole(auth: AuthContext, name: string, { guard = DEFAULT_GUARD, tenantId = null }: RoleTarget): Promise<RoleRow | null> {
  for (const scope of tenantId === null ? [GLOBAL] : [tenantId, GLOBAL]) {
    const role = await auth.db.authRole.findUnique({ where: { guard_scope_name: { guard, scope, name } } })
    if (role?.name === name) return role
  }
  return null
}

/** The membership that carries a user's roles: in a tenant it must be there; outside tenants it is made when it is first needed. */
async function ensureMembership(auth: AuthContext, userId: string, { tenantId = null }: RoleTarget) {
  if (await auth.db.authMembership.findUnique({ where: { userId_scope: { userId, scope: tenantId ?? GLOBAL } } })) return
  if (tenantId !== null) throw new AuthError('NOT_FOUND', { detail: 'The user is no member of this tenant.' })
  if (!(await findUserById(auth, userId))) throw new AuthError('NOT_FOUND', { detail: 'There is no such user.' })
  const now = auth.now()
  try {
    await auth.db.authMembership.createMany({ data: [{ id: newId(now, auth.random), userId, scope: GLOBAL, createdAt: now, updatedAt: now }] })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error // another request made it first, which serves as well
  }
}
