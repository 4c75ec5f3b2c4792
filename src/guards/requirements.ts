import type { RequestHandler } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { DEFAULT_GUARD, rolesOf } from '../features/rbac/roles-of.ts'
import type { RequestAuth } from '../shapes.ts'
import { guard } from './guards.ts'
import { isNarrow } from './request-auth.ts'
import { askingGuard } from './step-up.ts'

/** Any of the roles named, or what `{ any }` and `{ all }` ask for. */
export type RoleRequirement = ({ any: readonly string[] } | { all: readonly string[] }) & {
  /** Default 'web'; the roles of another guard are asked for once for each token and change of roles. */
  guard?: string
  /** Whose roles count: those of the tenant the request is in (the default; outside tenants the global ones), those of the platform, or both. */
  scope?: 'tenant' | 'platform' | 'any'
}
export type PermissionRequirement = { any: readonly string[] } | { all: readonly string[] }

export function requireRole(auth: AuthContext, ...wanted: readonly string[] | readonly [RoleRequirement]): RequestHandler {
  const [first] = wanted
  const requirement: RoleRequirement = typeof first === 'object' ? first : { any: wanted as readonly string[] }
  const isEnough = check('requireRole', requirement)
  const { scope = 'tenant', guard: ofGuard = DEFAULT_GUARD } = requirement
  if (ofGuard !== DEFAULT_GUARD) {
    if (scope !== 'tenant') throw new TypeError("latchkey: requireRole({ guard }) goes with scope 'tenant'")
    return ofOtherGuard(auth, ofGuard, isEnough)
  }
  const heldBy = {
    tenant: ({ roles }: RequestAuth) => roles,
    platform: ({ platformRoles }: RequestAuth) => platformRoles,
    any: ({ roles, platformRoles }: RequestAuth) => (platformRoles.length === 0 ? roles : [...roles, ...platformRoles]),
  }[scope]
  return guard(auth, (found) => {
    if (!found) throw new AuthError('UNAUTHENTICATED')
    const held = heldBy(found)
    if (!isEnough((role) => held.includes(role))) throw new AuthError('FORBIDDEN')
    return found
  })
}

/** One permission, or what `{ any }` and `{ all }` ask for; what is granted may hold wildcards. */
export function requirePermission(auth: AuthContext, wanted: string | PermissionRequirement): RequestHandler {
  const isEnough = check('requirePermission', typeof wanted === 'object' ? wanted : { all: [wanted] })
  return guard(auth, (found) => {
    if (!found) throw new AuthError('UNAUTHENTICATED')
    if (!isEnough(found.can)) throw new AuthError('FORBIDDEN')
    return found
  })
}

function check(guardName: string, requirement: { any: readonly string[] } | { all: readonly string[] }): (holds: (name: string) => boolean) => boolean {
  const names = 'all' in requirement ? requirement.all : requirement.any
  const isList = Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string' && name.length > 0)
  if (!isList) throw new TypeError(`latchkey: ${guardName} needs at least one name`)
  return 'all' in requirement ? (holds) => names.every(holds) : (holds) => names.some(holds)
}

/** Requests that carry one token share one object, made anew when the user's roles change. */
const rolesOfGuards = new WeakMap<RequestAuth, Map<string, readonly string[]>>()

function ofOtherGuard(auth: AuthContext, guardName: string, isEnough: (holds: (role: string) => boolean) => boolean) {
  const refuseWithout = (held: readonly string[]): undefined => {
    if (!isEnough((role) => held.includes(role))) throw new AuthError('FORBIDDEN')
  }
  return askingGuard(auth, (who) => {
    const known = isNarrow(who) ? [] : rolesOfGuards.get(who)?.get(guardName)
    if (known) return refuseWithout(known)
    return rolesOf(auth, who.user.id, who.tenantId, guardName).then((held) => {
      rolesOfGuards.set(who, new Map(rolesOfGuards.get(who)).set(guardName, held))
      return refuseWithout(held)
    })
  })
}
