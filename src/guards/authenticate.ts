import type { Request } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { platformRolesOf } from '../features/platform/platform-roles.ts'
import { grantedTo } from '../features/rbac/permissions-of.ts'
import { rolesOf } from '../features/rbac/roles-of.ts'
import { checkSession } from '../features/sessions/check-session.ts'
import type { TokenSlot, VerifiedToken } from '../features/sessions/token-cache.ts'
import { tenantNamed } from '../features/sessions/token-claims.ts'
import { verifyAccessToken, verifyCached } from '../features/sessions/verify-access-token.ts'
import { isMember } from '../features/tenants/find-tenant.ts'
import { readCredential, type Transport } from '../http/transport.ts'
import type { RequestAuth } from '../shapes.ts'
import { authenticateKey } from './authenticate-key.ts'
import { factsOf, requestAuth } from './request-auth.ts'

/**
 * Who the request is from; undefined where it carries no credential. Answers without a promise for a token it has verified before: then
 * the request costs no query and no signature check. Throws (or rejects with) TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED, UNAVAILABLE.
 */
export function authenticate(auth: AuthContext, req: Request): RequestAuth | undefined | Promise<RequestAuth> {
  const credential = readCredential(auth, req)
  if (credential.via === 'none') return undefined
  if (credential.via === 'api-key') return authenticateKey(auth, req, credential)
  const { token, via } = credential
  if (auth.options.sessions.check === 'database') return checkedByDatabase(auth, req, token, via)
  if (hasResolvers(auth)) return authenticateSlowly(auth, req, token, via)
  const verified = verifyCached(auth, token, credential.verified)
  const known =
    verified && hasCurrentRoles(auth, verified) && hasCurrentMap(auth, verified) ? verified.requestAuth[slotOf(auth, req, verified, via)] : undefined
  return known ?? authenticateSlowly(auth, req, token, via)
}

const hasResolvers = ({ options: { rbac } }: AuthContext) => rbac.resolveRoles !== undefined || rbac.resolvePermissions !== undefined
function hasCurrentRoles(auth: AuthContext, verified: VerifiedToken): boolean {
  const { revocations } = auth.process.feed
  const epoch = revocations.epoch()
  if (verified.rolesCheckedAt === epoch) return true
  if (revocations.rolesChangedAt(verified.userId) > verified.rolesAt) return false
  verified.rolesCheckedAt = epoch
  return true
}
const hasAnyRole = ({ roles, platformRoles }: VerifiedToken) => roles.length + platformRoles.length > 0
/** Whether `platform.allow` lets platform roles count in this request; without such roles it is not asked. */
const slotOf = ({ options }: AuthContext, req: Request, { platformRoles }: VerifiedToken, via: Transport): TokenSlot =>
  platformRoles.length === 0 || !options.platform.allow || options.platform.allow(req) ? via : `${via}-apart`
/** Who has no role needs no map. */
const hasCurrentMap = (auth: AuthContext, verified: VerifiedToken) =>
  !hasAnyRole(verified) || (verified.map !== null && verified.map === auth.process.roles.fresh())

async function authenticateSlowly(auth: AuthContext, req: Request, token: string, via: Transport): Promise<RequestAuth> {
  return asOfNow(auth, req, await verifyAccessToken(auth, token), via)
}

const asOfNow = (auth: AuthContext, req: Request, verified: VerifiedToken, via: Transport) =>
  hasResolvers(auth) ? resolved(auth, req, verified, via) : withCurrentRoles(auth, req, verified, via)

async function withCurrentRoles(auth: AuthContext, req: Request, verified: VerifiedToken, via: Transport): Promise<RequestAuth> {
  if (!hasCurrentRoles(auth, verified)) await readRoles(auth, verified)
  const map = hasAnyRole(verified) ? await auth.process.roles.load(auth) : null
  if (map !== verified.map) {
    verified.map = map
    verified.requestAuth = {}
  }
  const slot = slotOf(auth, req, verified, via)
  return (verified.requestAuth[slot] ??= await made(auth, verified, slot))
}

/** What has changed since the token was signed: roles, and whether its tenant is still the user's, and active. */
async function readRoles(auth: AuthContext, verified: VerifiedToken) {
  const { userId } = verified
  const named = tenantNamed(verified.claims)
  // Taken before the queries: a change that comes in the meantime is read again on the next request.
  const changedAt = auth.process.feed.revocations.rolesChangedAt(userId)
  const tenantId = named !== null && (await isMember(auth, userId, named)) ? named : null
  const roles = await rolesNow(auth, { ...verified, tenantId })
  const platformRoles = await platformRolesOf(auth, userId)
  // Another request may have read them since, after a later change.
  if (changedAt >= verified.rolesAt) Object.assign(verified, { tenantId, roles, platformRoles, rolesAt: changedAt, requestAuth: {} })
}

/** None where its user acts no more in the tenant that it names: neither those there nor those outside tenants. */
const rolesNow = async (auth: AuthContext, verified: VerifiedToken) =>
  verified.tenantId === tenantNamed(verified.claims) ? rolesOf(auth, verified.userId, verified.tenantId) : []

/** The session's row is asked for each time; what else has changed is in the feed, which is read first where there is news. */
async function checkedByDatabase(auth: AuthContext, req: Request, token: string, via: Transport): Promise<RequestAuth> {
  const verified = await verifyAccessToken(auth, token)
  const live = await checkSession(auth, verified.sessionId)
  if (!live) throw new AuthError('SESSION_REVOKED')
  if (live.hasNews) await auth.process.feed.poll(auth)
  return asOfNow(auth, req, verified, via)
}

async function resolved(auth: AuthContext, req: Request, verified: VerifiedToken, via: Transport): Promise<RequestAuth> {
  if (!hasCurrentRoles(auth, verified)) await readRoles(auth, verified)
  const roles = auth.options.rbac.resolveRoles ? await rolesNow(auth, verified) : verified.roles
  const fresh = { ...verified, roles, platformRoles: await platformRolesOf(auth, verified.userId) }
  return made(auth, fresh, slotOf(auth, req, fresh, via))
}

async function made(auth: AuthContext, verified: VerifiedToken, slot: TokenSlot): Promise<RequestAuth> {
  const [via, apart] = slot.split('-') as [Transport, string?]
  const { userId, roles } = verified
  const platformRoles = apart ? [] : verified.platformRoles
  const granted = await grantedTo(auth, { userId, tenantId: verified.tenantId, roles, platformRoles })
  return requestAuth(auth, factsOf({ ...verified, platformRoles }, via, granted))
}
