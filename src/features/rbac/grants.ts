/** What someone may do, made ready for quick questions. */
export interface Granted {
  readonly can: (permission: string) => boolean
  /** As they were given, wildcards included; sorted. */
  readonly list: () => string[]
}

/** `a:*` grants all that begins with `a:`, `*` grants all; anything else only itself. */
export const isWildcard = (permission: string) => permission === '*' || permission.endsWith(':*')

/** Whether these permissions cover the wanted one. A wildcard is covered by itself or a wider one. */
export const grants = (granted: readonly string[], wanted: string): boolean =>
  granted.some((one) => one === wanted || (isWildcard(one) && wanted.startsWith(one.slice(0, -1))))

/** Exact names in a set, wildcards as prefixes: one look-up for most questions. */
export function grantedBy(permissions: Iterable<string>): Granted {
  const exact = new Set(permissions)
  const prefixes = [...exact].filter(isWildcard).map((one) => one.slice(0, -1))
  return {
    can: (wanted) => exact.has(wanted) || prefixes.some((prefix) => wanted.startsWith(prefix)),
    list: () => [...exact].sort(),
  }
}

/** What any of these grants. */
export const anyOf = (all: readonly Granted[]): Granted =>
  all.length === 1 && all[0]
    ? all[0]
    : { can: (wanted) => all.some(({ can }) => can(wanted)), list: () => [...new Set(all.flatMap(({ list }) => list()))].sort() }

/** Only what both grant: a key's permissions never reach beyond its owner's. */
export const both = (one: Granted, other: Granted): Granted => ({
  can: (wanted) => one.can(wanted) && other.can(wanted),
  list: () => [...new Set([...one.list().filter(other.can), ...other.list().filter(one.can)])].sort(),
})
