import type { AuthContext } from '../context.ts'
import { findUserById } from '../features/accounts/find-user.ts'
import { presentUser } from '../features/accounts/present-user.ts'
import type { Granted } from '../features/rbac/grants.ts'
import { permissionsOf } from '../features/rbac/permissions-of.ts'
import { DEFAULT_GUARD } from '../features/rbac/roles-of.ts'
import type { VerifiedToken } from '../features/sessions/token-cache.ts'
import { textsOf } from '../features/sessions/token-claims.ts'
import { tokenTenant } from '../features/tenants/permitted.ts'
import type { PassportUser, RequestAuth } from '../shapes.ts'

const HIDDEN = Symbol('what a request authenticated by latchkey is besides')
interface Hidden {
  madeBy: AuthContext['process']
  isNarrow: boolean
}
const hiddenOf = (who: RequestAuth) => (who as { [HIDDEN]?: Hidden })[HIDDEN]

/** Not so for what other middleware or the app itself put at `req.auth`. */
export const isOurs = (who: RequestAuth) => hiddenOf(who) !== undefined
/** False for what another instance, other middleware or the app itself put at `req.auth`. */
export const isMadeBy = (who: RequestAuth, auth: AuthContext) => hiddenOf(who)?.madeBy === auth.process

/** True for an API key with permissions of its own: it carries no role of its owner's, of whatever guard. */
export const isNarrow = (who: RequestAuth) => hiddenOf(who)?.isNarrow === true

const dateOf = (seconds: unknown) => new Date(Number(seconds) * 1000)

/** What guards find out about a request's credential. */
export interface RequestFacts extends Pick<RequestAuth, 'session' | 'tenantId' | 'roles' | 'platformRoles' | 'claims' | 'via'> {
  userId: string
  granted: Granted
  isNarrow?: boolean
}

/** What a token says of the request. */
export function factsOf({ claims, userId, sessionId, tenantId, roles, platformRoles }: VerifiedToken, via: RequestAuth['via'], granted: Granted): RequestFacts {
  const session = { id: sessionId, amr: textsOf(claims.amr), authenticatedAt: dateOf(claims.auth_time), expiresAt: dateOf(claims.exp) }
  return { userId, session, tenantId, roles, platformRoles, claims, via, granted }
}

/** What guards put on a request. Frozen, because requests with one token share it. */
export function requestAuth(
  auth: AuthContext,
  { userId, session, tenantId, roles, platformRoles, claims, via, granted, isNarrow = false }: RequestFacts,
): RequestAuth {
  const made: RequestAuth = {
    user: Object.freeze({ id: userId }),
    session: session && Object.freeze(session),
    tenantId,
    roles: Object.freeze([...roles]),
    platformRoles: Object.freeze([...platformRoles]),
    via,
    claims: Object.freeze({ ...claims }),
    has: (role: string) => roles.includes(role),
    can: granted.can,
    getPermissions: async ({ guard = DEFAULT_GUARD } = {}) => {
      if (guard === DEFAULT_GUARD) return granted.list()
      return isNarrow ? [] : permissionsOf(auth, userId, { tenantId: tokenTenant({ tenantId, claims }), guard })
    },
    getUser: async () => {
      const user = await findUserById(auth, userId)
      return user && presentUser(user)
    },
  }
  Object.defineProperty(made, HIDDEN, { value: { madeBy: auth.process, isNarrow } satisfies Hidden })
  return Object.freeze(made)
}

/** The same request, within a tenant that its token does not name. */
export const inTenant = (who: RequestAuth, tenantId: string): RequestAuth =>
  Object.freeze(Object.defineProperty({ ...who, tenantId }, HIDDEN, { value: hiddenOf(who) }))

/** One object for each who, so that `req.user` is the same at every look. */
const passportUsers = new WeakMap<RequestAuth, PassportUser>()

/** `req.user`, for code that was written for Passport: made when it is first looked at, which most requests never do. */
export function passportUser(who: RequestAuth): PassportUser {
  const known = passportUsers.get(who)
  if (known) return known
  const { user, session, tenantId, roles } = who
  const made = Object.freeze({ id: user.id, sessionId: session?.id ?? null, tenantId, roles })
  passportUsers.set(who, made)
  return made
}
