import { createHmac, type KeyObject, sign, verify } from 'node:crypto'
import { equalBytes } from './hashing.ts'
import type { Algorithm, SigningKey, VerificationKey } from './signing-key.ts'

// node:crypto answers synchronously, where WebCrypto pays a hop to another thread for every token (docs/decisions/005).

export type Claims = Record<string, unknown> & { iss: string; sub: string; iat: number; exp: number }
export type JwtFault =
  | 'malformed'
  | 'wrong_type'
  | 'unknown_key'
  | 'bad_signature'
  | 'bad_claims'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'not_yet_valid'
  | 'expired'
/** `claims`: of a token that was good and has expired. */
export type JwtResult = { ok: true; claims: Claims } | { ok: false; reason: JwtFault; kid?: string; claims?: Claims }

export interface Expected {
  typ: string
  keys: (kid: string) => VerificationKey | undefined
  issuer: string
  audience: string
  /** Seconds since 1970. */
  now: number
  /** Seconds that `iat` and `nbf` may lie ahead. */
  tolerance: number
}

/** In characters; a longer token is not looked at. */
export const MAX_LENGTH = 8192
const segment = /^[A-Za-z0-9_-]+$/
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const fault = (reason: JwtFault): JwtResult => ({ ok: false, reason })

/** A JWS in compact form (RFC 7515). */
export function signJwt(key: SigningKey, typ: string, claims: object): string {
  const input = `${encode({ alg: key.algorithm, typ, kid: key.kid })}.${encode(claims)}`
  return `${input}.${signatureOf(key.algorithm, key.signer, input).toString('base64url')}`
}

/** The bytes of a signature over a JWS signing input (RFC 7515, 5.1). */
export function signatureOf(algorithm: Algorithm, key: KeyObject, input: string): Buffer {
  if (algorithm === 'HS256') return createHmac('sha256', key).update(input).digest()
  if (algorithm === 'EdDSA') return sign(null, Buffer.from(input), key)
  return sign('sha256', Buffer.from(input), algorithm === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' } : key)
}

/** Whether `signature` is one over `input` by this key. */
export function isSignatureOf(algorithm: Algorithm, key: KeyObject, input: string, signature: Buffer): boolean {
  if (algorithm === 'HS256') return equalBytes(signatureOf(algorithm, key, input), signature)
  if (algorithm === 'EdDSA') return verify(null, Buffer.from(input), key, signature)
  return verify('sha256', Buffer.from(input), algorithm === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' } : key, signature)
}

/**
 * Checks signature, type, issuer, audience and times; never throws. The algorithm is the key's, never the token's choice (RFC 8725, 3.1);
 * `jku`, `jwk`, `x5u` and `x5c` are not looked at; an extension that must be understood is refused (RFC 7515, 4.1.11).
 */
export function verifyJwt(token: string, expected: Expected): JwtResult {
  const parts = typeof token !== 'string' || token.length > MAX_LENGTH ? [] : token.split('.')
  const [headerText, claimsText, signatureText] = parts
  if (parts.length !== 3 || !headerText || !claimsText || !signatureText) return fault('malformed')
  const header = decodeObject(headerText)
  const signature = decodeBytes(signatureText)
  if (!header || !signature || 'crit' in header || 'b64' in header) return fault('malformed')
  if (header.typ !== expected.typ) return fault('wrong_type')
  if (typeof header.kid !== 'string') return fault('malformed')
  const key = expected.keys(header.kid)
  if (!key) return { ok: false, reason: 'unknown_key', kid: header.kid }
  if (header.alg !== key.algorithm) return fault('malformed')
  if (!isSignatureOf(key.algorithm, key.verifier, `${headerText}.${claimsText}`, signature)) return fault('bad_signature')
  return checkClaims(decodeObject(claimsText), expected)
}

function checkClaims(claims: Record<string, unknown> | null, { issuer, audience, now, tolerance }: Expected): JwtResult {
  if (!claims || typeof claims.sub !== 'string') return fault('bad_claims')
  if (claims.iss !== issuer) return fault('wrong_issuer')
  const audiences: unknown[] = Array.isArray(claims.aud) ? claims.aud : [claims.aud]
  if (!audiences.includes(audience) || !audiences.every((one) => typeof one === 'string')) return fault('wrong_audience')
  const { iat, exp, nbf = iat } = claims
  if (!isTime(iat) || !isTime(exp) || !isTime(nbf)) return fault('bad_claims')
  if (Math.max(iat, nbf) > now + tolerance) return fault('not_yet_valid')
  if (exp <= now) return { ok: false, reason: 'expired', claims: claims as Claims }
  return { ok: true, claims: claims as Claims }
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

/** Refuses every spelling but the canonical one, so that a token has one form only. */
function decodeBytes(text: string): Buffer | null {
  if (!segment.test(text)) return null
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : null
}

function decodeObject(text: string): Record<string, unknown> | null {
  const bytes = decodeBytes(text)
  if (!bytes) return null
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null // JSON.parse throws on what is not JSON; such a token is malformed
  }
}
