import type { AuthContext } from '../context.ts'
import { findUserById } from '../features/accounts/find-user.ts'
import { presentUser } from '../features/accounts/present-user.ts'
import type { VerifiedToken } from '../features/sessions/token-cache.ts'
import type { RequestAuth } from '../shapes.ts'

const PASSPORT_USER = Symbol('what Passport-style code finds at req.user')

/** `req.user` for code that was written for Passport. */
export const passportUser = (auth: RequestAuth): unknown => (auth as { [PASSPORT_USER]?: unknown })[PASSPORT_USER]

const dateOf = (seconds: unknown) => new Date(Number(seconds) * 1000)
const textsOf = (value: unknown) => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])

/** What guards put on a request. Frozen, because requests with one token share it. */
export function requestAuth(auth: AuthContext, { claims, userId, sessionId, roles }: VerifiedToken, via: RequestAuth['via']): RequestAuth {
  const session = { id: sessionId, amr: textsOf(claims.amr), authenticatedAt: dateOf(claims.auth_time), expiresAt: dateOf(claims.exp) }
  const tenantId = typeof claims.tid === 'string' ? claims.tid : null
  const made: RequestAuth = {
    user: Object.freeze({ id: userId }),
    session: Object.freeze(session),
    tenantId,
    roles: Object.freeze([...roles]),
    platformRoles: Object.freeze(textsOf(claims.proles)),
    via,
    claims: Object.freeze({ ...claims }),
    has: (role: string) => roles.includes(role),
    getUser: async () => {
      const user = await findUserById(auth, userId)
      return user && presentUser(user)
    },
  }
  Object.defineProperty(made, PASSPORT_USER, { value: Object.freeze({ id: userId, sessionId, tenantId, roles: made.roles }) })
  return Object.freeze(made)
}
