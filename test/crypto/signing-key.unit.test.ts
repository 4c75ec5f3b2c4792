import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { generateSigningKey, importSigningKey, importVerificationKey } from '../../src/crypto/signing-key.ts'

const pem = (type: 'ec' | 'rsa' | 'ed25519' | 'rsa-pss', options: object = {}) => {
  const { privateKey } = generateKeyPairSync(type as 'rsa', { modulusLength: 2048, ...options })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}

test('an RSA key has 3072 bits and an HMAC key 32 bytes (R-094)', async () => {
  const rsa = await generateSigningKey('RS256', randomBytes)
  expect(importSigningKey(rsa.kid, 'RS256', rsa.privateKey).signer.asymmetricKeyDetails?.modulusLength).toBe(3072)
  const hmac = await generateSigningKey('HS256', randomBytes)
  expect(hmac.publicJwk).toBeNull()
  expect(importSigningKey(hmac.kid, 'HS256', hmac.privateKey).signer.symmetricKeySize).toBe(32)
})

test('each HS256 key has its own kid', async () => {
  const kids = new Set(await Promise.all(Array.from({ length: 20 }, async () => (await generateSigningKey('HS256', randomBytes)).kid)))
  expect(kids.size).toBe(20)
})

test('short keys are refused (R-094)', () => {
  expect(() => importSigningKey('k', 'HS256', randomBytes(31).toString('base64url'))).toThrow(TypeError)
  expect(() => importSigningKey('k', 'RS256', pem('rsa', { modulusLength: 1024 }))).toThrow(TypeError)
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  expect(() => importVerificationKey('k', 'RS256', publicKey.export({ format: 'jwk' }))).toThrow(TypeError)
  expect(importSigningKey('k', 'RS256', pem('rsa')).algorithm).toBe('RS256')
})

test('a key serves the one algorithm it is for (R-090)', () => {
  expect(() => importSigningKey('k', 'EdDSA', pem('ec', { namedCurve: 'P-256' }))).toThrow(TypeError)
  expect(() => importSigningKey('k', 'ES256', pem('ec', { namedCurve: 'P-384' }))).toThrow(TypeError)
  expect(() => importSigningKey('k', 'ES256', pem('ed25519'))).toThrow(TypeError)
  expect(() => importSigningKey('k', 'RS256', pem('ec', { namedCurve: 'P-256' }))).toThrow(TypeError)
  expect(() => importSigningKey('k', 'RS256', pem('rsa-pss'))).toThrow(TypeError)
})
