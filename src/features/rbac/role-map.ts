import type { AuthContext } from '../../context.ts'
import { anyOf, type Granted, grantedBy } from './grants.ts'
import { DEFAULT_GUARD, GLOBAL } from './roles-of.ts'
import type { RoleRow } from './tables.ts'

/** What the routes ask for; who holds the owner role of a tenant (`tenants.ownerRole`) has all of them there. */
export const builtInPermissions: readonly string[] = [
  'tenant:read',
  'tenant:update',
  'tenant:delete',
  'member:read',
  'member:write',
  'member:invite',
  'role:read',
  'role:write',
  'api-key:read',
  'api-key:write',
]

export interface RolePlace {
  tenantId: string | null
  guard?: string
}

/** All roles with what they grant, inherited permissions included. It never changes; a new one takes its place. */
export interface RoleMap {
  /** What roles of these names grant. A tenant's own role comes before a global one of the same name. */
  readonly granted: (names: readonly string[], place: RolePlace) => Granted
  /** The same as if every role were switched on: what giving one away may come to. */
  readonly atMost: (names: readonly string[], place: RolePlace) => Granted
}

/** The map of this process. */
export interface RoleMapCache {
  /** Undefined until it is loaded, and after each change. */
  readonly fresh: () => RoleMap | undefined
  /** Reads it where it is not fresh: four queries. */
  readonly load: (auth: AuthContext) => Promise<RoleMap>
  /** True where there is known to be no default role for new users. */
  readonly hasNoDefaults: () => boolean
  readonly rememberNoDefaults: () => void
  /** Whether anyone holds roles for the whole platform; undefined until that is asked, and after each change. */
  readonly hasStaff: () => boolean | undefined
  readonly rememberStaff: (found: boolean) => void
  readonly forget: () => void
}

export function createRoleMapCache(): RoleMapCache {
  let map: RoleMap | undefined
  let loading: Promise<RoleMap> | undefined
  let hasNoDefaults = false
  let hasStaff: boolean | undefined
  const forget = () => {
    map = undefined
    hasNoDefaults = false
    hasStaff = undefined
    loading = undefined
  }
  const read = async (auth: AuthContext) => {
    await auth.process.feed.ready(auth)
    return readRoleMap(auth)
  }
  const load = async (auth: AuthContext): Promise<RoleMap> => {
    if (map) return map
    // What a transaction sees is nobody else's yet.
    if (auth.inTransaction) return readRoleMap(auth)
    const mine = (loading ??= read(auth))
    try {
      const read = await mine
      // A change that came in the meantime has put another reading in its place, or none.
      if (loading === mine) map = read
      return read
    } finally {
      if (loading === mine) loading = undefined
    }
  }
  return {
    fresh: () => map,
    load,
    hasNoDefaults: () => hasNoDefaults,
    rememberNoDefaults: () => void (hasNoDefaults = true),
    hasStaff: () => hasStaff,
    rememberStaff: (found) => void (hasStaff = found),
    forget,
  }
}

const keyOf = (guard: string, scope: string, name: string) => `${guard}\n${scope}\n${name}`

async function readRoleMap(auth: AuthContext): Promise<RoleMap> {
  const { db } = auth
  const [roles, pairs, permissions, heirs] = [
    await db.authRole.findMany({ where: {}, orderBy: { name: 'asc' } }),
    await db.authRolePermission.findMany({ where: {} }),
    await db.authPermission.findMany({ where: {}, orderBy: { name: 'asc' } }),
    await db.authRoleInheritance.findMany({ where: {} }),
  ]
  const names = new Map(permissions.map(({ id, name }) => [id, name]))
  const own = groupBy(
    pairs,
    ({ roleId }) => roleId,
    ({ permissionId }) => names.get(permissionId) ?? '',
  )
  const inherited = groupBy(
    heirs,
    ({ roleId }) => roleId,
    ({ inheritedId }) => inheritedId,
  )
  const of = (some: readonly RoleRow[]) => grantedOf(ownerRoleOf(auth), some, { own, inherited })
  let every: RoleMap['atMost'] | undefined
  return {
    granted: of(roles.filter(({ isActive }) => isActive)),
    atMost: (names, place) => {
      every ??= of(roles)
      return every(names, place)
    },
  }
}

interface Content {
  own: ReadonlyMap<string, string[]>
  inherited: ReadonlyMap<string, string[]>
}

function grantedOf(ownerRole: string, roles: readonly RoleRow[], content: Content): RoleMap['granted'] {
  const byKey = new Map(roles.map((role) => [keyOf(role.guard, role.scope, role.name), role]))
  const active = new Set(roles.map(({ id }) => id))
  const outside = expander(active, content)
  // In a tenant its owners, and the heirs of their role, have the built-in permissions as well.
  const owner = byKey.get(keyOf(DEFAULT_GUARD, GLOBAL, ownerRole))?.id ?? ''
  const inside = expander(active, { ...content, own: new Map(content.own).set(owner, [...(content.own.get(owner) ?? []), ...builtInPermissions]) })
  return (roleNames, { tenantId, guard = DEFAULT_GUARD }) =>
    anyOf(
      roleNames.flatMap((name) => {
        const role = (tenantId === null ? undefined : byKey.get(keyOf(guard, tenantId, name))) ?? byKey.get(keyOf(guard, GLOBAL, name))
        const owns = tenantId !== null && name === ownerRole && guard === DEFAULT_GUARD
        return [...(role ? [(tenantId === null ? outside : inside)(role.id)] : []), ...(owns ? [ownership] : [])]
      }),
    )
}

const ownership = grantedBy(builtInPermissions)

/** Each role is worked out when it is first asked for. An inactive role grants nothing to its heirs either. */
function expander(active: ReadonlySet<string>, { own, inherited }: Content) {
  const made = new Map<string, Granted>()
  return (id: string): Granted => {
    const known = made.get(id)
    if (known) return known
    const found = new Set<string>()
    const seen = new Set<string>()
    const visit = (role: string) => {
      if (seen.has(role) || !active.has(role)) return
      seen.add(role)
      for (const permission of own.get(role) ?? []) found.add(permission)
      for (const next of inherited.get(role) ?? []) visit(next)
    }
    visit(id)
    const granted = grantedBy(found)
    made.set(id, granted)
    return granted
  }
}

function groupBy<Row>(rows: readonly Row[], key: (row: Row) => string, value: (row: Row) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group) group.push(value(row))
    else groups.set(key(row), [value(row)])
  }
  return groups
}

/** The role whose holders own a tenant. */
export const ownerRoleOf = ({ options }: AuthContext): string => options.tenants.ownerRole
