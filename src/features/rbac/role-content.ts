import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { definePermissions } from './manage-permissions.ts'
import { GLOBAL } from './roles-of.ts'
import type { RoleRow } from './tables.ts'

const BATCH = 500

/** Gives a role just these permissions; those that do not exist are made. In the transaction in progress. */
export async function writePermissions(auth: AuthContext, role: Pick<RoleRow, 'id' | 'guard'>, names: readonly string[]) {
  const { guard } = role
  const permissions = await definePermissions(
    auth,
    [...new Set(names)].map((name) => ({ name, guard })),
  )
  await auth.db.authRolePermission.deleteMany({ where: { roleId: role.id } })
  for (let at = 0; at < permissions.length; at += BATCH)
    await auth.db.authRolePermission.createMany({ data: permissions.slice(at, at + BATCH).map(({ id }) => ({ roleId: role.id, permissionId: id })) })
}

/**
 * Has a role inherit just these, named in its own scope or globally. In the transaction in progress. Throws NOT_FOUND, ROLE_CYCLE. The rows
 * of the guard are locked first, so that two changes which only together close a circle come one after the other.
 */
export async function writeInheritance(auth: AuthContext, role: Pick<RoleRow, 'id' | 'guard' | 'scope'>, names: readonly string[]) {
  await lockRoles(auth, role.guard)
  const inherited = await findInherited(auth, role, [...new Set(names)])
  await auth.db.authRoleInheritance.deleteMany({ where: { roleId: role.id } })
  await refuseCycle(
    auth,
    role.id,
    inherited.map(({ id }) => id),
  )
  if (inherited.length > 0) await auth.db.authRoleInheritance.createMany({ data: inherited.map(({ id }) => ({ roleId: role.id, inheritedId: id })) })
}

/** One change of inheritance at a time. An app's own transaction on MySQL sees what there was at its first reading, so this has to come before any. */
export const lockRoles = (auth: AuthContext, guard: string) => auth.db.authRole.updateMany({ where: { guard }, data: { updatedAt: auth.now() } })

async function findInherited(auth: AuthContext, { guard, scope }: Pick<RoleRow, 'guard' | 'scope'>, names: string[]): Promise<RoleRow[]> {
  if (names.length === 0) return []
  const found = await auth.db.authRole.findMany({ where: { guard, scope: { in: [scope, GLOBAL] }, name: { in: names } }, orderBy: { name: 'asc' } })
  return names.map((name) => {
    const role = found.find((one) => one.name === name && one.scope === scope) ?? found.find((one) => one.name === name)
    if (!role) throw new AuthError('NOT_FOUND', { detail: `There is no role '${name}'.` })
    return role
  })
}

async function refuseCycle(auth: AuthContext, roleId: string, inherited: readonly string[]) {
  const all = await auth.db.authRoleInheritance.findMany({ where: {} })
  const seen = new Set<string>()
  const open = [...inherited]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === roleId) throw new AuthError('ROLE_CYCLE')
    if (seen.has(next)) continue
    seen.add(next)
    for (const pair of all) if (pair.roleId === next) open.push(pair.inheritedId)
  }
}

/** Names of a role's own permissions and of the roles it inherits, for each role. */
export async function readContent(auth: AuthContext, roles: readonly RoleRow[]): Promise<Map<string, { permissions: string[]; inherits: string[] }>> {
  const content = new Map(roles.map(({ id }) => [id, { permissions: [] as string[], inherits: [] as string[] }]))
  const ids = [...content.keys()]
  for (let at = 0; at < ids.length; at += BATCH) {
    const some = { where: { roleId: { in: ids.slice(at, at + BATCH) } } }
    const pairs = await auth.db.authRolePermission.findMany(some)
    const permissions = await namesOf(
      pairs.map(({ permissionId }) => permissionId),
      (id) => auth.db.authPermission.findMany({ where: { id }, orderBy: { name: 'asc' } }),
    )
    for (const { roleId, permissionId } of pairs) content.get(roleId)?.permissions.push(permissions.get(permissionId) ?? '')
    const heirs = await auth.db.authRoleInheritance.findMany(some)
    const inherited = await namesOf(
      heirs.map(({ inheritedId }) => inheritedId),
      (id) => auth.db.authRole.findMany({ where: { id }, orderBy: { name: 'asc' } }),
    )
    for (const { roleId, inheritedId } of heirs) content.get(roleId)?.inherits.push(inherited.get(inheritedId) ?? '')
  }
  for (const { permissions, inherits } of content.values()) {
    permissions.sort()
    inherits.sort()
  }
  return content
}

async function namesOf(ids: readonly string[], find: (id: { in: string[] }) => Promise<{ id: string; name: string }[]>): Promise<Map<string, string>> {
  const all = [...new Set(ids)]
  const names = new Map<string, string>()
  for (let at = 0; at < all.length; at += BATCH) for (const { id, name } of await find({ in: all.slice(at, at + BATCH) })) names.set(id, name)
  return names
}
