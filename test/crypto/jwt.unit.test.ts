import { createPrivateKey, createPublicKey, createSecretKey, type JsonWebKey, randomBytes } from 'node:crypto'
import { exportJWK, importJWK, jwtVerify, SignJWT } from 'jose'
import { isSignatureOf, signatureOf, signJwt, verifyJwt } from '../../src/crypto/jwt.ts'
import { type Algorithm, generateSigningKey, importSigningKey, importVerificationKey, type SigningKey } from '../../src/crypto/signing-key.ts'

const algorithms: Algorithm[] = ['EdDSA', 'ES256', 'RS256', 'HS256']
const now = 1_800_000_000
const claims = { iss: 'https://api.example', aud: 'https://api.example', sub: 'user', sid: 'session', iat: now, exp: now + 900 }

async function makeKey(algorithm: Algorithm): Promise<SigningKey> {
  const { kid, privateKey } = await generateSigningKey(algorithm, randomBytes)
  return importSigningKey(kid, algorithm, privateKey)
}

const expecting = (key: SigningKey, over = {}) => ({
  typ: 'at+jwt',
  keys: (kid: string) => (kid === key.kid ? key : undefined),
  issuer: claims.iss,
  audience: claims.aud,
  now,
  tolerance: 60,
  ...over,
})

const rsa = {
  kty: 'RSA',
  n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
  e: 'AQAB',
}
const ec = { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' }
const ed = { kty: 'OKP', crv: 'Ed25519', d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
const joe = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
const publicKeyOf = (algorithm: Algorithm, jwk: JsonWebKey) => importVerificationKey('vector', algorithm, jwk).verifier
const bytes = (text: string) => Buffer.from(text, 'base64url')

describe('published vectors', () => {
  test('RFC 7515 A.1: HS256', () => {
    const key = createSecretKey(bytes('AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'))
    const input = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${joe}`
    expect(signatureOf('HS256', key, input).toString('base64url')).toBe('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')
    expect(isSignatureOf('HS256', key, input, bytes('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'))).toBe(true)
  })

  test('RFC 7515 A.2: RS256', () => {
    const signature = bytes(
      'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw',
    )
    expect(isSignatureOf('RS256', publicKeyOf('RS256', rsa), `eyJhbGciOiJSUzI1NiJ9.${joe}`, signature)).toBe(true)
    expect(isSignatureOf('RS256', publicKeyOf('RS256', rsa), `eyJhbGciOiJSUzI1NiJ9.${joe}x`, signature)).toBe(false)
  })

  test('RFC 7515 A.3: ES256', () => {
    const signature = bytes('DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q')
    expect(isSignatureOf('ES256', publicKeyOf('ES256', ec), `eyJhbGciOiJFUzI1NiJ9.${joe}`, signature)).toBe(true)
    expect(isSignatureOf('ES256', publicKeyOf('ES256', ec), `eyJhbGciOiJFUzI1NiJ9.${joe}x`, signature)).toBe(false)
  })

  test('RFC 8037 A.4: Ed25519', () => {
    const input = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc'
    const signature = 'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'
    const signer = createPrivateKey({ key: ed, format: 'jwk' })
    expect(signatureOf('EdDSA', signer, input).toString('base64url')).toBe(signature)
    expect(isSignatureOf('EdDSA', createPublicKey(signer), input, bytes(signature))).toBe(true)
  })
})

describe.each(algorithms)('%s', (algorithm) => {
  test('a token verifies, and jose agrees', async () => {
    const key = await makeKey(algorithm)
    const token = signJwt(key, 'at+jwt', claims)
    expect(verifyJwt(token, expecting(key))).toEqual({ ok: true, claims })
    const { payload, protectedHeader } = await jwtVerify(token, key.verifier, {
      algorithms: [algorithm],
      typ: 'at+jwt',
      issuer: claims.iss,
      audience: claims.aud,
      currentDate: new Date(now * 1000),
    })
    expect(payload).toEqual(claims)
    expect(protectedHeader).toEqual({ alg: algorithm, typ: 'at+jwt', kid: key.kid })
  })

  test('a token made by jose verifies', async () => {
    const key = await makeKey(algorithm)
    const token = await new SignJWT(claims).setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: key.kid }).sign(key.signer)
    expect(verifyJwt(token, expecting(key))).toEqual({ ok: true, claims })
  })

  test('a token of another key of the same kind does not verify', async () => {
    const key = await makeKey(algorithm)
    const other = { ...(await makeKey(algorithm)), kid: key.kid }
    expect(verifyJwt(signJwt(other, 'at+jwt', claims), expecting(key))).toEqual({ ok: false, reason: 'bad_signature' })
  })
})

test.each(['EdDSA', 'ES256', 'RS256'] as const)('the public JWK of %s imports into jose and names use, alg and the RFC 7638 thumbprint', async (algorithm) => {
  const { kid, publicJwk, privateKey } = await generateSigningKey(algorithm, randomBytes)
  expect(publicJwk).toMatchObject({ use: 'sig', alg: algorithm, kid })
  const { calculateJwkThumbprint } = await import('jose')
  expect(await calculateJwkThumbprint(publicJwk as never)).toBe(kid)
  const imported = await importJWK(publicJwk as never, algorithm)
  expect(publicJwk).toMatchObject(await exportJWK(imported as never))
  expect(JSON.stringify(publicJwk)).not.toContain('"d"')
  const key = importSigningKey(kid, algorithm, privateKey)
  const token = signJwt(key, 'at+jwt', claims)
  const published = importVerificationKey(kid, algorithm, publicJwk as never)
  expect(verifyJwt(token, { ...expecting(key), keys: () => published })).toMatchObject({ ok: true })
})
