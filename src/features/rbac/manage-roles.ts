import { type AuthContext, transaction } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { AuthError } from '../../errors.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import { findUserById } from '../accounts/find-user.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { DEFAULT_GUARD, GLOBAL } from './roles-of.ts'
import type { RoleRow } from './tables.ts'

export interface Role {
  id: string
  name: string
  guard: string
  tenantId: string | null
  description: string | null
  isSystem: boolean
  isActive: boolean
}

const present = ({ id, name, guard, tenantId, description, isSystem, isActive }: RoleRow): Role => ({
  id,
  name,
  guard,
  tenantId,
  description,
  isSystem,
  isActive,
})
const namePattern = /^[\p{L}\p{N}][\p{L}\p{N} ._:/-]{0,63}$/u

/** Makes a role. Throws ROLE_TAKEN, VALIDATION_FAILED. */
export async function createRole(auth: AuthContext, input: { name: string; guard?: string; description?: string; isSystem?: boolean }): Promise<Role> {
  const { name, guard = DEFAULT_GUARD, description = null, isSystem = false } = input
  if (!namePattern.test(name))
    throw new AuthError('VALIDATION_FAILED', { errors: [{ path: 'name', message: 'must be 1 to 64 letters, digits, spaces or . _ : / -' }] })
  const now = auth.now()
  const common = { scope: GLOBAL, tenantId: null, isDefault: false, isActive: true, createdAt: now, updatedAt: now }
  const row: RoleRow = { id: newId(now, auth.random), guard, name, description, isSystem, ...common }
  return transaction(auth, async (auth) => {
    try {
      await auth.db.authRole.createMany({ data: [row] })
    } catch (cause) {
      if (isUniqueViolation(cause)) throw new AuthError('ROLE_TAKEN', { cause })
      throw cause
    }
    await recordAudit(auth, { event: 'role.created', data: { role: name, guard } })
    auth.emit('role.created', { at: now, roleId: row.id, name, guard, tenantId: null })
    return present(row)
  })
}

/** All roles, by name. */
export async function listRoles(auth: AuthContext, { guard }: { guard?: string } = {}): Promise<Role[]> {
  const rows = await auth.db.authRole.findMany({ where: guard === undefined ? {} : { guard }, orderBy: { name: 'asc' } })
  return rows.map(present)
}

/** Gives a user a role, at once in this process and through the feed in others. Assigning it twice changes nothing. Throws NOT_FOUND. */
export async function assignRole(auth: AuthContext, userId: string, name: string, guard = DEFAULT_GUARD) {
  await ensureMembership(auth, userId)
  try {
    await changeRole(auth, { userId, name, guard, event: 'role.assigned' }, async (auth, pair) => {
      await auth.db.authMembershipRole.createMany({ data: [pair] })
      return true
    })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error // it is held already
  }
}

/** Takes a role from a user; one that is not held is no error. Throws NOT_FOUND for a role or user that does not exist. */
export async function removeRole(auth: AuthContext, userId: string, name: string, guard = DEFAULT_GUARD) {
  await ensureMembership(auth, userId)
  await changeRole(
    auth,
    { userId, name, guard, event: 'role.removed' },
    async (auth, pair) => (await auth.db.authMembershipRole.deleteMany({ where: pair })).count > 0,
  )
}

interface RoleChange {
  userId: string
  name: string
  guard: string
  event: 'role.assigned' | 'role.removed'
}

async function changeRole(
  auth: AuthContext,
  { userId, name, guard, event }: RoleChange,
  write: (auth: AuthContext, pair: { membershipId: string; roleId: string }) => Promise<boolean>,
) {
  await transaction(auth, async (auth) => {
    const role = await auth.db.authRole.findUnique({ where: { guard_scope_name: { guard, scope: GLOBAL, name } } })
    const membership = await auth.db.authMembership.findUnique({ where: { userId_scope: { userId, scope: GLOBAL } } })
    if (!role || role.name !== name || !membership) throw new AuthError('NOT_FOUND', { detail: `There is no role '${name}'.` })
    if (!(await write(auth, { membershipId: membership.id, roleId: role.id }))) return
    await recordChanges(auth, 'user.roles', [userId])
    await recordAudit(auth, { event, userId, data: { role: name, guard } })
    auth.emit(event, { at: auth.now(), userId, roleId: role.id, name, guard, tenantId: null })
  })
}

/** The membership that carries a user's roles outside tenants; made when it is first needed. */
async function ensureMembership(auth: AuthContext, userId: string) {
  if (await auth.db.authMembership.findUnique({ where: { userId_scope: { userId, scope: GLOBAL } } })) return
  if (!(await findUserById(auth, userId))) throw new AuthError('NOT_FOUND', { detail: 'There is no such user.' })
  const now = auth.now()
  try {
    await auth.db.authMembership.createMany({ data: [{ id: newId(now, auth.random), userId, scope: GLOBAL, createdAt: now, updatedAt: now }] })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error // another request made it first, which serves as well
  }
}
