import { AuthError } from '../errors.ts'
import type { ProviderContext } from '../provider.ts'
import type { BoundedFetch } from './bounded-fetch.ts'
import type { KeyLookup } from './key-set.ts'

/** Signatures that need the provider's private key; a shared secret would let whoever holds it sign. */
export const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519']
const TOLERANCE_SECONDS = 60
const LONGEST_TOKEN = 16_384

export interface IdTokenClaims {
  readonly iss: string
  readonly sub: string
  readonly [claim: string]: unknown
}

export interface ExpectedIdToken {
  issuers: readonly string[]
  /** Client ids of ours. */
  audiences: readonly string[]
  /** Undefined: the token must not carry one either. */
  nonce: string | undefined
  jwksUrl: string
  keys: KeyLookup
  fetch: BoundedFetch
  /** Seconds since it was issued, at most. */
  maxAge?: number
}

const invalid = (why: string, cause?: unknown) => new AuthError('TOKEN_INVALID', { cause: new Error(`the ID token: ${why}`, { cause }) })

/**
 * The claims of an ID token whose signature, issuer, audience, authorized party, times and nonce are in order (OpenID Connect Core, 3.1.3.7;
 * Throws TOKEN_INVALID; PROVIDER_ERROR where the keys cannot be had.
 */
export async function verifyIdToken(context: ProviderContext, token: string, expected: ExpectedIdToken): Promise<IdTokenClaims> {
  const { issuers, audiences, nonce, maxAge } = expected
  const claims = await verifySignature(context, token, expected)
  const { iss, sub, aud, azp, exp, iat, nbf } = claims
  const now = context.now().getTime() / 1000
  if (typeof iss !== 'string' || !issuers.includes(iss)) throw invalid('is of another issuer')
  if (typeof sub !== 'string' || sub === '' || sub.length > 255) throw invalid('names nobody')
  checkAudience(aud, azp, audiences)
  if (!isTime(exp) || !isTime(iat) || (nbf !== undefined && !isTime(nbf))) throw invalid('has no times')
  if (exp <= now) throw invalid('has expired')
  if (Math.max(iat, nbf ?? iat) > now + TOLERANCE_SECONDS) throw invalid('is of the future')
  if (maxAge !== undefined && iat < now - maxAge) throw invalid('is too old')
  if (claims.nonce !== nonce) throw invalid('has another nonce')
  return { ...claims, iss, sub }
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0

/** With several audiences, `azp` must say that it was made for us (Core, 3.1.3.7, steps 3 to 5). */
function checkAudience(aud: unknown, azp: unknown, ours: readonly string[]) {
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud]
  const isOurs = (value: unknown) => typeof value === 'string' && ours.includes(value)
  if (!audiences.some(isOurs)) throw invalid('is for another audience')
  if (azp === undefined ? audiences.length > 1 : !isOurs(azp)) throw invalid('was made for another party')
}

async function verifySignature(context: ProviderContext, token: string, { jwksUrl, keys, fetch }: ExpectedIdToken): Promise<Record<string, unknown>> {
  if (token.length > LONGEST_TOKEN) throw invalid('is too long')
  const { compactVerify } = await import('jose')
  try {
    const { payload } = await compactVerify(token, (header) => keys(context, fetch, jwksUrl, header), { algorithms })
    const claims: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims as Record<string, unknown>
  } catch (cause) {
    throw cause instanceof AuthError ? cause : invalid('is not signed by the provider', cause)
  }
  throw invalid('holds no claims')
}
