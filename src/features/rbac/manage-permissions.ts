import { type AuthContext, racingTransaction, transaction } from '../../context.ts'
import { isId, newId } from '../../crypto/ids.ts'
import { emit } from '../../emit.ts'
import { AuthError, invalidField } from '../../errors.ts'
import { isPlainText, isStorableText } from '../../text.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { DEFAULT_GUARD } from './roles-of.ts'
import type { PermissionRow } from './tables.ts'

export interface PermissionDefinition {
  /** `invoice:read`; a wildcard (`invoice:*`, `*`) may be granted as well. */
  name: string
  guard?: string
  category?: string | null
  description?: string | null
}

export interface Permission {
  id: string
  name: string
  guard: string
  category: string | null
  description: string | null
}

const namePattern = /^(\*|[a-z0-9][a-z0-9._-]*(:[a-z0-9][a-z0-9._-]*)*(:\*)?)$/i
const LONGEST_NAME = 128
const BATCH = 500

const present = ({ id, name, guard, category, description }: PermissionRow): Permission => ({ id, name, guard, category, description })

/** Throws VALIDATION_FAILED for a name that is no permission's. */
export function checkPermissionName(name: unknown) {
  if (typeof name === 'string' && name.length <= LONGEST_NAME && namePattern.test(name)) return
  throw invalidField('permissions', "must be names such as 'invoice:read' or 'invoice:*'")
}

/**
 * Makes the permissions that are missing and corrects category and description of the others where they are given: the same call at each
 * start seeds them. Throws VALIDATION_FAILED.
 */
export async function definePermissions(auth: AuthContext, definitions: readonly PermissionDefinition[]): Promise<Permission[]> {
  for (const { name, category, description } of definitions) {
    checkPermissionName(name)
    for (const text of [category, description])
      if (text && (text.length > 190 || !isStorableText(text))) throw invalidField(name, 'has a text that is too long')
  }
  if (definitions.some(({ guard }) => guard !== undefined && (typeof guard !== 'string' || guard.length < 1 || guard.length > 64 || !isPlainText(guard))))
    throw invalidField('guard', 'must be 1 to 64 characters on one line')
  const guards = [...new Set(definitions.map(({ guard = DEFAULT_GUARD }) => guard))]
  const all: Permission[] = []
  for (const guard of guards) {
    const wanted = definitions.filter((one) => (one.guard ?? DEFAULT_GUARD) === guard)
    // Two processes that seed at once: the one that comes second reads what the first has written.
    all.push(...(await racingTransaction(auth, (auth) => defineFor(auth, guard, wanted))))
  }
  return all
}

async function defineFor(auth: AuthContext, guard: string, wanted: readonly PermissionDefinition[]): Promise<Permission[]> {
  const byName = new Map(wanted.map((one) => [one.name, one]))
  const existing = await findByName(auth, guard, [...byName.keys()])
  const known = new Set(existing.map(({ name }) => name))
  const now = auth.now()
  const missing: PermissionRow[] = [...byName.values()]
    .filter(({ name }) => !known.has(name))
    .map(({ name, category = null, description = null }) => ({ id: newId(now, auth.random), guard, name, category, description, createdAt: now }))
  for (let at = 0; at < missing.length; at += BATCH) await auth.db.authPermission.createMany({ data: missing.slice(at, at + BATCH) })
  for (const row of existing) Object.assign(row, await correct(auth, row, byName.get(row.name)))
  if (missing.length > 0) {
    await recordAudit(auth, { event: 'permission.created', data: { permissions: missing.slice(0, 50).map(({ name }) => name), count: missing.length, guard } })
    for (const { id, name } of missing) emit(auth, 'permission.created', { permissionId: id, name, guard })
  }
  return [...existing, ...missing].map(present)
}

async function correct(auth: AuthContext, row: PermissionRow, { category = row.category, description = row.description }: Partial<PermissionDefinition> = {}) {
  if (category === row.category && description === row.description) return {}
  await auth.db.authPermission.updateMany({ where: { id: row.id }, data: { category, description } })
  return { category, description }
}

async function findByName(auth: AuthContext, guard: string, names: readonly string[]): Promise<PermissionRow[]> {
  const found: PermissionRow[] = []
  for (let at = 0; at < names.length; at += BATCH)
    found.push(...(await auth.db.authPermission.findMany({ where: { guard, name: { in: names.slice(at, at + BATCH) } }, orderBy: { name: 'asc' } })))
  return found
}

/** By name. `search` looks into names and descriptions, whatever the case. */
export async function listPermissions(
  auth: AuthContext,
  { guard, category, search }: { guard?: string; category?: string; search?: string } = {},
): Promise<Permission[]> {
  const rows = await auth.db.authPermission.findMany({
    where: {
      ...(guard !== undefined && { guard }),
      ...(category !== undefined && { category }),
    },
    orderBy: { name: 'asc' },
  })
  const wanted = search?.toLowerCase() ?? ''
  return rows.filter(({ name, description }) => [name, description].some((text) => text?.toLowerCase().includes(wanted))).map(present)
}

/** The categories in use, by name. */
export async function listCategories(auth: AuthContext, { guard }: { guard?: string } = {}): Promise<string[]> {
  const all = await listPermissions(auth, guard === undefined ? {} : { guard })
  return [...new Set(all.flatMap(({ category }) => category ?? []))].sort()
}

/** Takes it from every role, at once. It is named by its id, or by its name, whose guard is 'web' where none is given. Throws NOT_FOUND. */
export async function deletePermission(auth: AuthContext, idOrName: string, { guard: named = DEFAULT_GUARD }: { guard?: string } = {}) {
  await transaction(auth, async (auth) => {
    const where = isId(idOrName) ? { id: { in: [idOrName] } } : { guard: named, name: idOrName }
    const [row] = await auth.db.authPermission.findMany({ where, orderBy: { name: 'asc' } })
    const count = row ? (await auth.db.authPermission.deleteMany({ where: { id: row.id } })).count : 0
    if (!row || count === 0) throw new AuthError('NOT_FOUND', { detail: `There is no permission '${idOrName}'.` })
    const { name, guard } = row
    await recordChanges(auth, 'permissions', [name.slice(0, 64)])
    await recordAudit(auth, { event: 'permission.deleted', data: { permission: name, guard } })
    emit(auth, 'permission.deleted', { name, guard })
  })
}
