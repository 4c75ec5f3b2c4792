import type { Request } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { grantedTo } from '../features/rbac/permissions-of.ts'
import { rolesOf } from '../features/rbac/roles-of.ts'
import { checkSession } from '../features/sessions/check-session.ts'
import type { VerifiedToken } from '../features/sessions/token-cache.ts'
import { verifyAccessToken, verifyCached } from '../features/sessions/verify-access-token.ts'
import { readCredential, type Transport } from '../http/transport.ts'
import type { RequestAuth } from '../shapes.ts'
import { authenticateKey } from './authenticate-key.ts'
import { factsOf, requestAuth, textsOf } from './request-auth.ts'

/**
 * Who the request is from; undefined where it carries no credential. Answers without a promise for a token it has verified before: then
 * the request costs no query and no signature check. Throws (or rejects with) TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED, UNAVAILABLE.
 */
export function authenticate(auth: AuthContext, req: Request): RequestAuth | undefined | Promise<RequestAuth> {
  const credential = readCredential(auth, req)
  if (credential.via === 'none') return undefined
  const { token, via } = credential
  if (via === 'api-key') return authenticateKey(auth, req, token)
  if (auth.options.sessions.check === 'database') return checkedByDatabase(auth, token, via)
  if (hasResolvers(auth)) return resolved(auth, token, via)
  const verified = verifyCached(auth, token)
  const known = verified && hasCurrentRoles(auth, verified) && hasCurrentMap(auth, verified) ? verified.requestAuth[via] : undefined
  return known ?? authenticateSlowly(auth, token, via)
}

const hasResolvers = ({ options: { rbac } }: AuthContext) => rbac.resolveRoles !== undefined || rbac.resolvePermissions !== undefined
const hasCurrentRoles = (auth: AuthContext, { userId, rolesAt }: VerifiedToken) => auth.process.feed.revocations.rolesChangedAt(userId) <= rolesAt
const hasAnyRole = ({ roles, claims }: VerifiedToken) => roles.length > 0 || claims.proles !== undefined
/** Who has no role needs no map. */
const hasCurrentMap = (auth: AuthContext, verified: VerifiedToken) =>
  !hasAnyRole(verified) || (verified.map !== null && verified.map === auth.process.roles.fresh())

async function authenticateSlowly(auth: AuthContext, token: string, via: Transport): Promise<RequestAuth> {
  const verified = await verifyAccessToken(auth, token)
  if (!hasCurrentRoles(auth, verified)) {
    // Taken before the query: a change that comes in the meantime is read again on the next request.
    const changedAt = auth.process.feed.revocations.rolesChangedAt(verified.userId)
    verified.roles = await rolesOf(auth, verified.userId, tenantOf(verified))
    verified.rolesAt = changedAt
    verified.requestAuth = {}
  }
  const map = hasAnyRole(verified) ? await auth.process.roles.load(auth) : null
  if (map !== verified.map) {
    verified.map = map
    verified.requestAuth = {}
  }
  return (verified.requestAuth[via] ??= await made(auth, verified, via))
}

async function checkedByDatabase(auth: AuthContext, token: string, via: Transport): Promise<RequestAuth> {
  const verified = await verifyAccessToken(auth, token)
  const live = await checkSession(auth, verified.sessionId)
  if (!live) throw new AuthError('SESSION_REVOKED')
  const roles = auth.options.rbac.resolveRoles ? await rolesOf(auth, verified.userId, tenantOf(verified)) : live.roles
  return made(auth, { ...verified, roles }, via)
}

/** The app says what the user's roles or permissions are, and nobody tells of a change of its own: it is asked for each request. */
async function resolved(auth: AuthContext, token: string, via: Transport): Promise<RequestAuth> {
  const verified = await verifyAccessToken(auth, token)
  const isCurrent = !auth.options.rbac.resolveRoles && hasCurrentRoles(auth, verified)
  const roles = isCurrent ? verified.roles : await rolesOf(auth, verified.userId, tenantOf(verified))
  return made(auth, { ...verified, roles }, via)
}

async function made(auth: AuthContext, verified: VerifiedToken, via: Transport): Promise<RequestAuth> {
  const { userId, roles, claims } = verified
  const granted = await grantedTo(auth, { userId, tenantId: tenantOf(verified), roles, platformRoles: textsOf(claims.proles) })
  return requestAuth(auth, factsOf(verified, via, granted))
}

const tenantOf = ({ claims }: VerifiedToken) => (typeof claims.tid === 'string' ? claims.tid : null)
