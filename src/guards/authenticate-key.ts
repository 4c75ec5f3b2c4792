import type { Request } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import type { VerifiedKey } from '../features/api-keys/key-cache.ts'
import { grantedToKey, noteUse, verifyApiKey, verifyCachedKey } from '../features/api-keys/verify-api-key.ts'
import { canonicalIp } from '../http/request-info.ts'
import type { RequestAuth } from '../shapes.ts'
import { requestAuth } from './request-auth.ts'

/** Who a key stands for; without a promise and without a query for one that was verified before. Throws API_KEY_INVALID, TOO_MANY_REQUESTS, TOO_MANY_ATTEMPTS. */
export function authenticateKey(auth: AuthContext, req: Request, key: string): RequestAuth | Promise<RequestAuth> {
  const verified = verifyCachedKey(auth, key)
  const known = verified && isCurrent(auth, verified) ? verified.requestAuth : undefined
  if (!verified || !known) return authenticateKeySlowly(auth, req, key)
  admit(auth, verified)
  return known
}

const isCurrent = (auth: AuthContext, { ownerRoles, map }: VerifiedKey) => {
  const { resolveRoles, resolvePermissions } = auth.options.rbac
  return !resolveRoles && !resolvePermissions && (ownerRoles.length === 0 || (map !== null && map === auth.process.roles.fresh()))
}

async function authenticateKeySlowly(auth: AuthContext, req: Request, key: string): Promise<RequestAuth> {
  const verified = await orCount(auth, req, () => verifyApiKey(auth, key))
  admit(auth, verified)
  const map = verified.ownerRoles.length > 0 ? await auth.process.roles.load(auth) : null
  const { roles, granted } = await grantedToKey(auth, verified)
  const { userId, tenantId } = verified
  verified.map = map
  verified.requestAuth = requestAuth(auth, { userId, session: null, tenantId, roles, platformRoles: [], claims: {}, via: 'api-key', granted })
  return verified.requestAuth
}

/** Within `apiKeys.limit`, and its use written down. */
function admit(auth: AuthContext, verified: VerifiedKey) {
  const { limit } = auth.options.apiKeys
  if (limit) {
    const now = auth.now().getTime()
    const { count, resetAt } = auth.process.apiKeys.count(`use ${verified.keyId}`, limit.per, now)
    if (count > limit.max) throw new AuthError('TOO_MANY_REQUESTS', { retryAfter: Math.max(1, Math.ceil((resetAt - now) / 1000)) })
  }
  noteUse(auth, verified)
}

/** an address that keeps coming with keys that are none has to wait. */
async function orCount<T>(auth: AuthContext, req: Request, verify: () => Promise<T>): Promise<T> {
  const { failures } = auth.options.apiKeys
  if (!auth.options.limits.enabled) return verify()
  const what = `failed ${ipKeyGenerator(canonicalIp(req.ip) ?? '')}`
  const now = auth.now().getTime()
  const known = auth.process.apiKeys.counted(what, now)
  if (known && known.count >= failures.max) throw new AuthError('TOO_MANY_ATTEMPTS', { retryAfter: Math.max(1, Math.ceil((known.resetAt - now) / 1000)) })
  try {
    return await verify()
  } catch (error) {
    if (error instanceof AuthError && error.code === 'API_KEY_INVALID') auth.process.apiKeys.count(what, failures.per, now)
    throw error
  }
}
