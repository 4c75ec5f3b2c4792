import type { AuthContext } from '../../context.ts'
import { type Claims, type JwtResult, verifyJwt } from '../../crypto/jwt.ts'
import { toSeconds } from '../../durations.ts'
import { AuthError } from '../../errors.ts'
import { ACCESS_TOKEN_TYPE, audienceOf, issuerOf } from './sign-access-token.ts'
import type { VerifiedToken } from './token-cache.ts'
import { tenantNamed, textsOf } from './token-claims.ts'

// Processes' clocks differ; a token from one that runs ahead is still good (F-06).
const TOLERANCE_SECONDS = 60

/**
 * The token's claims, from the cache where its signature was checked before. Undefined where a query is needed first (the change feed or
 * the signing keys are not loaded yet): then verifyAccessToken. Throws TOKEN_INVALID, TOKEN_EXPIRED or SESSION_REVOKED.
 */
export function verifyCached(auth: AuthContext, token: string, verified = auth.process.tokens.get(token)): VerifiedToken | undefined {
  const { feed, tokens } = auth.process
  if (!verified || !feed.isReady()) return undefined
  if (verified.expiresAt <= toSeconds(auth.now())) {
    tokens.delete(token)
    throw new AuthError('TOKEN_EXPIRED')
  }
  const epoch = feed.revocations.epoch()
  if (verified.checkedAt !== epoch) {
    refuseEnded(auth, verified.sessionId)
    verified.checkedAt = epoch
  }
  return verified
}

/** Likewise, for any token: checks the signature and loads what is missing. One signature check and no query once the process is warm. */
export async function verifyAccessToken(auth: AuthContext, token: string): Promise<VerifiedToken> {
  const { feed, tokens, keys } = auth.process
  await feed.ready(auth)
  const cached = verifyCached(auth, token)
  if (cached) return cached
  if (keys.rows().length === 0) await keys.reload(auth, 'unknown kid')
  let result = check(auth, token)
  if (!result.ok && result.reason === 'unknown_key') {
    await keys.reload(auth, 'unknown kid')
    result = check(auth, token)
  }
  if (!result.ok) throw new AuthError(result.reason === 'expired' ? 'TOKEN_EXPIRED' : 'TOKEN_INVALID', { cause: result.reason })
  const verified = verifiedToken(auth, result.claims)
  refuseEnded(auth, verified.sessionId)
  tokens.set(token, verified)
  return verified
}

/** The session of an access token that has run out and was good till then; undefined for any other. */
export function sessionOfExpired(auth: AuthContext, token: string): { id: string; userId: string } | undefined {
  const result = check(auth, token)
  if (result.ok || typeof result.claims?.sid !== 'string') return undefined
  return { id: result.claims.sid, userId: result.claims.sub }
}

const check = (auth: AuthContext, token: string): JwtResult =>
  verifyJwt(token, {
    typ: ACCESS_TOKEN_TYPE,
    keys: auth.process.keys.verifier,
    issuer: issuerOf(auth),
    audience: audienceOf(auth),
    now: toSeconds(auth.now()),
    tolerance: TOLERANCE_SECONDS,
  })

function verifiedToken(auth: AuthContext, claims: Claims): VerifiedToken {
  if (typeof claims.sid !== 'string') throw new AuthError('TOKEN_INVALID')
  const { sub: userId, sid: sessionId, exp: expiresAt } = claims
  const checkedAt = auth.process.feed.revocations.epoch()
  const [roles, platformRoles] = [textsOf(claims.roles), auth.options.platform.enabled ? textsOf(claims.proles) : []]
  const tenantId = tenantNamed(claims)
  return { claims, userId, sessionId, expiresAt, checkedAt, tenantId, roles, platformRoles, rolesAt: 0, rolesCheckedAt: -1, map: null, requestAuth: {} }
}

function refuseEnded(auth: AuthContext, sessionId: string) {
  if (auth.process.feed.revocations.isEnded(sessionId)) throw new AuthError('SESSION_REVOKED')
}
