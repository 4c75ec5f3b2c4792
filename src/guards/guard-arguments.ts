import { type Duration, parseDuration } from '../durations.ts'
import { DEFAULT_GUARD } from '../features/rbac/roles-of.ts'
import type { TenantRequirement } from './require-tenant.ts'
import type { PermissionRequirement, RoleRequirement } from './requirements.ts'

// Guards are made where routes are declared, some long before there is an instance: what they are told is looked at there, so that a mistake stops the
// start and not every request.

type Names = { any: readonly string[] } | { all: readonly string[] }

const scopes = ['tenant', 'platform', 'any'] as const
const sources = ['token', 'header', 'param', 'subdomain'] as const

/** Throws a TypeError for a requirement that nobody could meet, or that means nothing. */
export function roleRequirement(wanted: readonly string[] | readonly [RoleRequirement]): RoleRequirement & { scope: (typeof scopes)[number]; guard: string } {
  const [first] = wanted
  const requirement: RoleRequirement = typeof first === 'object' ? first : { any: wanted as readonly string[] }
  checkNames('requireRole', requirement)
  const { scope = 'tenant', guard = DEFAULT_GUARD } = requirement
  checkOneOf('requireRole({ scope })', scope, scopes)
  checkText('requireRole({ guard })', guard)
  if (guard !== DEFAULT_GUARD && scope !== 'tenant') throw new TypeError("latchkey: requireRole({ guard }) goes with scope 'tenant'")
  return { ...requirement, scope, guard }
}

/** Likewise. */
export function permissionRequirement(wanted: string | PermissionRequirement): PermissionRequirement & { guard: string } {
  const requirement: PermissionRequirement = typeof wanted === 'object' ? wanted : { all: [wanted] }
  checkNames('requirePermission', requirement)
  const { guard = DEFAULT_GUARD } = requirement
  checkText('requirePermission({ guard })', guard)
  return { ...requirement, guard }
}

/** Likewise. */
export function tenantRequirement({ from = 'token', param = 'tenantId' }: TenantRequirement = {}): Required<TenantRequirement> {
  checkOneOf('requireTenant({ from })', from, sources)
  checkText('requireTenant({ param })', param)
  return { from, param }
}

/** Seconds, where it is given. Throws a TypeError for what is no duration. */
export function stepUpSeconds(maxAge: Duration | undefined): number | undefined {
  const seconds = maxAge === undefined ? undefined : parseDuration(maxAge)
  if (maxAge !== undefined && seconds === undefined) throw new TypeError("latchkey: requireStepUp({ maxAge }) takes seconds or a duration such as '5m'")
  return seconds
}

/** Whether someone holds enough of what is asked for. */
export const enoughOf = (asked: Names): ((holds: (name: string) => boolean) => boolean) =>
  'all' in asked ? (holds) => asked.all.every(holds) : (holds) => asked.any.some(holds)

function checkNames(guardName: string, asked: Names | null) {
  const names: unknown = asked && ('all' in asked ? asked.all : asked.any)
  const isList = Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string' && name.length > 0)
  if (!isList) throw new TypeError(`latchkey: ${guardName} needs at least one name`)
}

function checkText(what: string, value: unknown) {
  if (typeof value !== 'string' || value === '') throw new TypeError(`latchkey: ${what} takes a name`)
}

function checkOneOf(what: string, value: string, known: readonly string[]) {
  if (!known.includes(value)) throw new TypeError(`latchkey: ${what} takes one of ${known.map((one) => `'${one}'`).join(', ')}`)
}
