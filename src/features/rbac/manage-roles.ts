import { type AuthContext, racingTransaction, transaction } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { emit } from '../../emit.ts'
import { AuthError, invalidField } from '../../errors.ts'
import { isMissingParent, isUniqueViolation } from '../../prisma-errors.ts'
import { isPlainText, isStorableText } from '../../text.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { lockRoles, readContent, writeInheritance, writePermissions } from './role-content.ts'
import { DEFAULT_GUARD, GLOBAL } from './roles-of.ts'
import type { RoleRow } from './tables.ts'

export interface Role {
  id: string
  name: string
  guard: string
  tenantId: string | null
  description: string | null
  isSystem: boolean
  isDefault: boolean
  isActive: boolean
  /** Its own ones, wildcards as they were given. */
  permissions: string[]
  /** Names of the roles it inherits. */
  inherits: string[]
}

export interface NewRole {
  name: string
  /** Default 'web'. Roles of another guard are apart from these. */
  guard?: string
  /** Left out: a global role. */
  tenantId?: string | null
  permissions?: readonly string[]
  /** Names of roles of the same scope, or global ones. */
  inherits?: readonly string[]
  description?: string | null
  /** Can be neither deleted, renamed nor switched off. */
  isSystem?: boolean
  /** New users get it; a tenant's, new members. */
  isDefault?: boolean
}

export type RoleUpdate = Partial<Pick<Role, 'name' | 'description' | 'isDefault' | 'isActive'>> & Pick<NewRole, 'permissions' | 'inherits'>

const namePattern = /^[\p{L}\p{N}]([\p{L}\p{N} ._:/-]{0,62}[\p{L}\p{N}._:/-])?$/u

function checkFields({ name, guard, description }: Partial<Pick<Role, 'name' | 'guard' | 'description'>>) {
  if (guard !== undefined && (guard.length < 1 || guard.length > 64 || !isPlainText(guard)))
    throw invalidField('guard', 'must be 1 to 64 characters on one line')
  if (description && (description.length > 190 || !isStorableText(description))) throw invalidField('description', 'must be 190 characters at most')
  if (name !== undefined && !namePattern.test(name)) throw invalidField('name', 'must be 1 to 64 letters, digits, spaces or . _ : / -')
}
export const withContent = (
  { scope: _scope, createdAt: _created, updatedAt: _updated, ...role }: RoleRow,
  content: Pick<Role, 'permissions' | 'inherits'> | undefined,
): Role => ({
  ...role,
  permissions: content?.permissions ?? [],
  inherits: content?.inherits ?? [],
})

async function presentOne(auth: AuthContext, id: string): Promise<Role> {
  const row = await auth.db.authRole.findUnique({ where: { id } })
  if (!row) throw new AuthError('NOT_FOUND')
  return withContent(row, (await readContent(auth, [row])).get(id))
}

/** Makes a role. Throws ROLE_TAKEN, ROLE_CYCLE, NOT_FOUND for a tenant or a role to inherit, VALIDATION_FAILED. */
export async function createRole(auth: AuthContext, input: NewRole): Promise<Role> {
  const { name, guard = DEFAULT_GUARD, tenantId = null, permissions = [], inherits = [], description = null, isSystem = false, isDefault = false } = input
  checkFields({ name, guard, description })
  const now = auth.now()
  const scope = tenantId ?? GLOBAL
  const row: RoleRow = {
    id: newId(now, auth.random),
    guard,
    scope,
    tenantId,
    name,
    description,
    isSystem,
    isDefault,
    isActive: true,
    createdAt: now,
    updatedAt: now,
  }
  return racingTransaction(auth, async (auth) => {
    if (inherits.length > 0) await lockRoles(auth, guard)
    await refuseHomonym(auth, row)
    await whereFree(() => auth.db.authRole.createMany({ data: [row] }))
    if (permissions.length > 0) await writePermissions(auth, row, permissions)
    if (inherits.length > 0) await writeInheritance(auth, row, inherits)
    await tellOfChange(auth, 'permissions', row.id)
    await recordAudit(auth, { event: 'role.created', ...(tenantId !== null && { tenantId }), data: { role: name, guard } })
    emit(auth, 'role.created', { roleId: row.id, name, guard, tenantId })
    return presentOne(auth, row.id)
  })
}

/** What is kept in memory goes at once, so that the rest of this transaction sees the change, and again after the commit. */
async function tellOfChange(auth: AuthContext, kind: 'roles' | 'permissions', roleId: string) {
  auth.process.roles.forget()
  await recordChanges(auth, kind, [roleId])
}

/** A tenant's role and a global one never share a name, so that a name says what it grants. */
async function refuseHomonym(auth: AuthContext, { id, guard, scope, name }: Pick<RoleRow, 'id' | 'guard' | 'scope' | 'name'>) {
  const homonyms = await auth.db.authRole.findMany({ where: { guard, name }, orderBy: { name: 'asc' } })
  const isTaken = homonyms.some((one) => one.id !== id && (one.scope === scope || one.scope === GLOBAL || scope === GLOBAL))
  if (isTaken) throw new AuthError('ROLE_TAKEN')
}

async function whereFree<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (cause) {
    if (isUniqueViolation(cause)) throw new AuthError('ROLE_TAKEN', { cause })
    if (isMissingParent(cause)) throw new AuthError('NOT_FOUND', { detail: 'There is no such tenant.', cause })
    throw cause
  }
}

/**
 * Changes a role, for all who hold it from their next request on. `permissions` and `inherits` replace what there was. Throws NOT_FOUND,
 * ROLE_IS_SYSTEM for another name or activity of a system role, ROLE_TAKEN, ROLE_CYCLE, VALIDATION_FAILED.
 */
export async function updateRole(auth: AuthContext, id: string, patch: RoleUpdate): Promise<Role> {
  const { permissions, inherits, name, description, isDefault, isActive } = patch
  checkFields({ ...(name !== undefined && { name }), ...(description && { description }) })
  const before = inherits === undefined ? null : await auth.db.authRole.findUnique({ where: { id } })
  return racingTransaction(auth, async (auth) => {
    if (before) await lockRoles(auth, before.guard)
    const row = await auth.db.authRole.findUnique({ where: { id } })
    if (!row) throw new AuthError('NOT_FOUND')
    const isRenamed = name !== undefined && name !== row.name
    const isSwitched = isActive !== undefined && isActive !== row.isActive
    if (row.isSystem && (isRenamed || isSwitched)) throw new AuthError('ROLE_IS_SYSTEM')
    if (isRenamed) await refuseHomonym(auth, { ...row, name })
    const fields = {
      ...(isRenamed && { name }),
      ...(isSwitched && { isActive }),
      ...(description !== undefined && { description }),
      ...(isDefault !== undefined && { isDefault }),
    }
    await whereFree(() => auth.db.authRole.updateMany({ where: { id }, data: { ...fields, updatedAt: auth.now() } }))
    if (permissions !== undefined) await writePermissions(auth, row, permissions)
    if (inherits !== undefined) await writeInheritance(auth, row, inherits)
    await tellOfChange(auth, isRenamed || isSwitched ? 'roles' : 'permissions', id)
    const changed = Object.keys(patch)
    await recordAudit(auth, {
      event: 'role.updated',
      ...(row.tenantId !== null && { tenantId: row.tenantId }),
      data: { role: row.name, guard: row.guard, fields: changed },
    })
    emit(auth, 'role.updated', { roleId: id, name: name ?? row.name, guard: row.guard, tenantId: row.tenantId, fields: changed })
    return presentOne(auth, id)
  })
}

/** Takes the role from all who hold or inherit it, at once. Throws NOT_FOUND, ROLE_IS_SYSTEM. */
export async function deleteRole(auth: AuthContext, id: string) {
  await transaction(auth, async (auth) => {
    const row = await auth.db.authRole.findUnique({ where: { id } })
    if (!row) throw new AuthError('NOT_FOUND')
    const { count } = await auth.db.authRole.deleteMany({ where: { id, isSystem: false } })
    if (count === 0) throw new AuthError(row.isSystem ? 'ROLE_IS_SYSTEM' : 'NOT_FOUND')
    const { name, guard, tenantId } = row
    await tellOfChange(auth, 'roles', id)
    await recordAudit(auth, { event: 'role.deleted', ...(tenantId !== null && { tenantId }), data: { role: name, guard } })
    emit(auth, 'role.deleted', { roleId: id, name, guard, tenantId })
  })
}

/** By name: a tenant's own roles, or the global ones where `tenantId` is null; all where it is left out. */
export async function listRoles(auth: AuthContext, { guard, tenantId }: { guard?: string; tenantId?: string | null } = {}): Promise<Role[]> {
  const where = { ...(guard !== undefined && { guard }), ...(tenantId !== undefined && { scope: tenantId ?? GLOBAL }) }
  const rows = await auth.db.authRole.findMany({ where, orderBy: { name: 'asc' } })
  const content = await readContent(auth, rows)
  return rows.map((row) => withContent(row, content.get(row.id)))
}
