import type { Request } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { rolesOf } from '../features/rbac/roles-of.ts'
import { checkSession } from '../features/sessions/check-session.ts'
import type { VerifiedToken } from '../features/sessions/token-cache.ts'
import { verifyAccessToken, verifyCached } from '../features/sessions/verify-access-token.ts'
import { readCredential, type Transport } from '../http/transport.ts'
import type { RequestAuth } from '../shapes.ts'
import { requestAuth } from './request-auth.ts'

/**
 * Who the request is from; undefined where it carries no credential. Answers without a promise for a token it has verified before: then
 * the request costs no query and no signature check. Throws (or rejects with) TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED, UNAVAILABLE.
 */
export function authenticate(auth: AuthContext, req: Request): RequestAuth | undefined | Promise<RequestAuth> {
  const credential = readCredential(auth, req)
  if (credential.via === 'none') return undefined
  const { token, via } = credential
  if (auth.options.sessions.check === 'database') return checkedByDatabase(auth, token, via)
  const verified = verifyCached(auth, token)
  if (verified && hasCurrentRoles(auth, verified)) return (verified.requestAuth[via] ??= requestAuth(auth, verified, via))
  return authenticateSlowly(auth, token, via)
}

const hasCurrentRoles = (auth: AuthContext, { userId, rolesAt }: VerifiedToken) => auth.process.feed.revocations.rolesChangedAt(userId) <= rolesAt

async function authenticateSlowly(auth: AuthContext, token: string, via: Transport): Promise<RequestAuth> {
  const verified = await verifyAccessToken(auth, token)
  if (!hasCurrentRoles(auth, verified)) {
    // Taken before the query: a change that comes in the meantime is read again on the next request.
    const changedAt = auth.process.feed.revocations.rolesChangedAt(verified.userId)
    verified.roles = await rolesOf(auth, verified.userId, tenantOf(verified))
    verified.rolesAt = changedAt
    verified.requestAuth = {}
  }
  return (verified.requestAuth[via] ??= requestAuth(auth, verified, via))
}

async function checkedByDatabase(auth: AuthContext, token: string, via: Transport): Promise<RequestAuth> {
  const verified = await verifyAccessToken(auth, token)
  const live = await checkSession(auth, verified.sessionId)
  if (!live) throw new AuthError('SESSION_REVOKED')
  return requestAuth(auth, { ...verified, roles: live.roles }, via)
}

const tenantOf = ({ claims }: VerifiedToken) => (typeof claims.tid === 'string' ? claims.tid : null)
