import { createHash, createPrivateKey, createPublicKey, createSecretKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

const generate = promisify(generateKeyPair)

/** RFC 7518 and RFC 8037 names. */
export type Algorithm = 'EdDSA' | 'ES256' | 'RS256' | 'HS256'

export interface VerificationKey {
  readonly kid: string
  readonly algorithm: Algorithm
  readonly verifier: KeyObject
}
export interface SigningKey extends VerificationKey {
  readonly signer: KeyObject
}

/** A new key as it is stored: the private part is to be encrypted by the caller. */
export interface KeyMaterial {
  kid: string
  algorithm: Algorithm
  /** RFC 7517; null for HS256, which has nothing to publish. */
  publicJwk: Record<string, string> | null
  /** PKCS #8 PEM, or base64url for HS256. */
  privateKey: string
}

/** Makes a key. RSA has 3072 bits (128-bit strength), an HMAC key 32 bytes. */
export async function generateSigningKey(algorithm: Algorithm, random: (bytes: number) => Uint8Array): Promise<KeyMaterial> {
  if (algorithm === 'HS256') {
    const kid = Buffer.from(random(12)).toString('base64url')
    return { kid, algorithm, publicJwk: null, privateKey: Buffer.from(random(32)).toString('base64url') }
  }
  const { publicKey, privateKey } = await generatePair(algorithm)
  const jwk = publicKey.export({ format: 'jwk' })
  const kid = thumbprint(jwk)
  const publicJwk = { ...required(jwk), kid, alg: algorithm, use: 'sig' }
  return { kid, algorithm, publicJwk, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

function generatePair(algorithm: Exclude<Algorithm, 'HS256'>): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
  if (algorithm === 'EdDSA') return generate('ed25519')
  if (algorithm === 'ES256') return generate('ec', { namedCurve: 'P-256' })
  return generate('rsa', { modulusLength: 3072 })
}

/** A public key as RFC 7517 writes it. Node's own name for it is not the same from one release of its types to the next. */
export interface Jwk {
  kty?: string
  crv?: string
  x?: string
  y?: string
  n?: string
  e?: string
}

/** The members that make the key, in the lexical order that RFC 7638 hashes them in. */
function required(jwk: Jwk): Record<string, string> {
  const names = jwk.kty === 'RSA' ? (['e', 'kty', 'n'] as const) : jwk.kty === 'EC' ? (['crv', 'kty', 'x', 'y'] as const) : (['crv', 'kty', 'x'] as const)
  return Object.fromEntries(names.map((name) => [name, String(jwk[name])]))
}

/** RFC 7638. */
const thumbprint = (jwk: Jwk) =>
  createHash('sha256')
    .update(JSON.stringify(required(jwk)))
    .digest('base64url')

/** The key as it is used. `privateKey` is what generateSigningKey gave. Throws a TypeError where it does not fit the algorithm. */
export function importSigningKey(kid: string, algorithm: Algorithm, privateKey: string): SigningKey {
  if (algorithm === 'HS256') {
    const key = createSecretKey(Buffer.from(privateKey, 'base64url'))
    refuseUnfit(key, algorithm)
    return { kid, algorithm, signer: key, verifier: key }
  }
  const signer = createPrivateKey(privateKey)
  refuseUnfit(signer, algorithm)
  return { kid, algorithm, signer, verifier: createPublicKey(signer) }
}

export function importVerificationKey(kid: string, algorithm: Algorithm, publicJwk: Jwk): VerificationKey {
  const verifier = createPublicKey({ key: { ...publicJwk }, format: 'jwk' })
  refuseUnfit(verifier, algorithm)
  return { kid, algorithm, verifier }
}

/** RFC 8725, 3.1 and 3.5: a key serves one algorithm, and is as strong as that asks. */
function refuseUnfit(key: KeyObject, algorithm: Algorithm) {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  const fits = {
    EdDSA: type === 'ed25519',
    ES256: type === 'ec' && details?.namedCurve === 'prime256v1',
    RS256: type === 'rsa' && (details?.modulusLength ?? 0) >= 2048,
    HS256: key.type === 'secret' && (key.symmetricKeySize ?? 0) >= 32,
  }[algorithm]
  if (!fits) throw new TypeError(`this key does not fit ${algorithm}, or is too short for it`)
}
