import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import type { RoleMap } from '../features/rbac/role-map.ts'
import { DEFAULT_GUARD, rolesOf } from '../features/rbac/roles-of.ts'
import { tokenTenant } from '../features/tenants/permitted.ts'
import type { RequestAuth } from '../shapes.ts'
import type { Guard } from './as-guard.ts'
import { enoughOf, permissionRequirement, roleRequirement } from './guard-arguments.ts'
import { askingGuard, signedInGuard } from './guards.ts'
import { isNarrow } from './request-auth.ts'

/** Any of the roles named, or what `{ any }` and `{ all }` ask for. */
export type RoleRequirement = ({ any: readonly string[] } | { all: readonly string[] }) & {
  /** Default 'web'; the roles of another guard are asked for once for each token and change of roles. */
  guard?: string
  /** Whose roles count: those of the tenant the request is in (the default; outside tenants the global ones), those of the platform, or both. */
  scope?: 'tenant' | 'platform' | 'any'
}
export type PermissionRequirement = ({ any: readonly string[] } | { all: readonly string[] }) & {
  /** Default 'web'; the roles of another guard are asked for once for each token and change of roles. */
  guard?: string
}

export function requireRole(auth: AuthContext, ...wanted: readonly string[] | readonly [RoleRequirement]): Guard {
  const requirement = roleRequirement(wanted)
  const isEnough = enoughOf(requirement)
  const { scope, guard: ofGuard } = requirement
  if (ofGuard !== DEFAULT_GUARD) return ofOtherGuard(auth, ofGuard, (held) => isEnough((role) => held.includes(role)))
  const heldBy = {
    tenant: ({ roles }: RequestAuth) => roles,
    platform: ({ platformRoles }: RequestAuth) => platformRoles,
    any: ({ roles, platformRoles }: RequestAuth) => (platformRoles.length === 0 ? roles : [...roles, ...platformRoles]),
  }[scope]
  return signedInGuard(auth, (who) => {
    const held = heldBy(who)
    if (!isEnough((role) => held.includes(role))) throw new AuthError('FORBIDDEN')
  })
}

/** One permission, or what `{ any }` and `{ all }` ask for; what is granted may hold wildcards. */
export function requirePermission(auth: AuthContext, wanted: string | PermissionRequirement): Guard {
  const requirement = permissionRequirement(wanted)
  const isEnough = enoughOf(requirement)
  const { guard: ofGuard } = requirement
  if (ofGuard !== DEFAULT_GUARD) {
    return ofOtherGuard(auth, ofGuard, (roles, { tenantId }) => {
      const isGranted = (map: RoleMap) => isEnough(map.granted(roles, { tenantId, guard: ofGuard }).can)
      const map = auth.process.roles.fresh()
      return map ? isGranted(map) : auth.process.roles.load(auth).then(isGranted)
    })
  }
  return signedInGuard(auth, ({ can }) => {
    if (!isEnough(can)) throw new AuthError('FORBIDDEN')
  })
}

/** Requests that carry one token share one object, made anew when the user's roles change. */
const rolesOfGuards = new WeakMap<RequestAuth, Map<string, readonly string[]>>()

function ofOtherGuard(auth: AuthContext, guardName: string, isEnough: (held: readonly string[], who: RequestAuth) => boolean | Promise<boolean>) {
  const decide = (isAllowed: boolean): undefined => {
    if (!isAllowed) throw new AuthError('FORBIDDEN')
  }
  const refuseWithout = (held: readonly string[], who: RequestAuth) => {
    const isAllowed = isEnough(held, who)
    return isAllowed instanceof Promise ? isAllowed.then(decide) : decide(isAllowed)
  }
  return askingGuard(auth, (who) => {
    const known = isNarrow(who) ? [] : rolesOfGuards.get(who)?.get(guardName)
    if (known) return refuseWithout(known, who)
    return rolesOf(auth, who.user.id, tokenTenant(who), guardName).then((held) => {
      rolesOfGuards.set(who, new Map(rolesOfGuards.get(who)).set(guardName, held))
      return refuseWithout(held, who)
    })
  })
}
