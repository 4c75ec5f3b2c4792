import { createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import net from 'node:net'
import { signatureOf, verifyJwt } from '../../src/crypto/jwt.ts'
import { type Algorithm, importSigningKey, type SigningKey } from '../../src/crypto/signing-key.ts'

const now = 1_800_000_000
const issuer = 'https://api.example'
const claims = { iss: issuer, aud: issuer, sub: 'user', iat: now, exp: now + 900 }

const pair = (made: { privateKey: KeyObject }, kid: string, algorithm: Algorithm) =>
  importSigningKey(kid, algorithm, made.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)
const ed = pair(generateKeyPairSync('ed25519'), 'ed', 'EdDSA')
const es = pair(generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'es', 'ES256')
const rs = pair(generateKeyPairSync('rsa', { modulusLength: 2048 }), 'rs', 'RS256')
const hs = importSigningKey('hs', 'HS256', randomBytes(32).toString('base64url'))
const keys = new Map([ed, es, rs, hs].map((key) => [key.kid, key]))

const encode = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const headerOf = (key: SigningKey) => ({ alg: key.algorithm, typ: 'at+jwt', kid: key.kid })

/** Signed by `key`, whatever the header claims. A string stands for JSON as it is. */
function forge({ key = ed, header = headerOf(key), body = claims }: { key?: SigningKey; header?: unknown; body?: unknown } = {}) {
  const input = `${encode(header)}.${encode(body)}`
  return `${input}.${signatureOf(key.algorithm, key.signer, input).toString('base64url')}`
}
const verify = (token: string, over = {}) =>
  verifyJwt(token, { typ: 'at+jwt', keys: (kid) => keys.get(kid), issuer, audience: issuer, now, tolerance: 60, ...over })
const refused = (reason: string) => ({ ok: false, reason })
const withHeader = (over: object, key = ed) => forge({ key, header: { ...headerOf(key), ...over } })
const withClaims = (over: object) => forge({ body: { ...claims, ...over } })

test('the forger makes good tokens where nothing is wrong', () => {
  for (const key of keys.values()) expect(verify(forge({ key }))).toEqual({ ok: true, claims })
})

describe('the algorithm is the key’s (R-090)', () => {
  test.each(['none', 'None', 'nOnE', 'NONE', '', 'HS256', 'ES256', 'eddsa', null, 0, ['EdDSA'], {}])('alg %j is refused, signed or not', (alg) => {
    expect(verify(withHeader({ alg })).ok).toBe(false)
    expect(verify(`${encode({ ...headerOf(ed), alg })}.${encode(claims)}.`).ok).toBe(false)
  })

  const { verifier } = rs
  const spki = verifier.export({ type: 'spki', format: 'pem' }) as string
  test.each<[string, string | Buffer]>([
    ['PEM', spki],
    ['trimmed PEM', spki.trim()],
    ['PKCS #1 PEM', verifier.export({ type: 'pkcs1', format: 'pem' })],
    ['DER', verifier.export({ type: 'spki', format: 'der' })],
    ['PKCS #1 DER', verifier.export({ type: 'pkcs1', format: 'der' })],
    ['JWK', JSON.stringify(verifier.export({ format: 'jwk' }))],
    ['modulus', Buffer.from(verifier.export({ format: 'jwk' }).n as string, 'base64url')],
    ['empty', ''],
  ])('HS256 with the public RSA key as %s is refused', (_name, secret) => {
    for (const alg of ['HS256', 'RS256']) {
      const input = `${encode({ ...headerOf(rs), alg })}.${encode(claims)}`
      expect(verify(`${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`).ok).toBe(false)
    }
  })

  test('RS256 under the kid of an HMAC key is refused', () => {
    expect(verify(forge({ key: rs, header: { ...headerOf(rs), kid: 'hs' } }))).toEqual(refused('malformed'))
    expect(verify(forge({ key: rs, header: { ...headerOf(hs) } }))).toEqual(refused('bad_signature'))
  })

  test.each([0, 1, 32, 63, 64, 65, 128])('ES256 with %d zero bytes for a signature is refused (CVE-2022-21449)', (length) => {
    expect(verify(`${encode(headerOf(es))}.${encode(claims)}.${Buffer.alloc(length).toString('base64url')}`).ok).toBe(false)
  })

  test('ES256 with r or s zero, or both the order of the curve, is refused', () => {
    const order = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'
    const zero = '00'.repeat(32)
    const one = '01'.padStart(64, '0')
    for (const [r, s] of [
      [zero, one],
      [one, zero],
      [order, order],
      [order, one],
      [one, order],
    ])
      expect(verify(`${encode(headerOf(es))}.${encode(claims)}.${Buffer.from(`${r}${s}`, 'hex').toString('base64url')}`)).toEqual(refused('bad_signature'))
  })

  test('an ES256 signature in DER is refused', () => {
    const input = `${encode(headerOf(es))}.${encode(claims)}`
    expect(verify(`${input}.${sign('sha256', Buffer.from(input), es.signer).toString('base64url')}`)).toEqual(refused('bad_signature'))
  })

  test.each([...keys.values()])('a signature cut short, extended or of another part is refused ($algorithm)', (key) => {
    const [header, body, signature] = forge({ key }).split('.') as [string, string, string]
    const raw = Buffer.from(signature, 'base64url')
    const again = (bytes: Buffer) => `${header}.${body}.${bytes.toString('base64url')}`
    expect(verify(`${header}.${body}.`)).toEqual(refused('malformed'))
    expect(verify(again(raw.subarray(0, -1)))).toEqual(refused('bad_signature'))
    expect(verify(again(Buffer.concat([raw, Buffer.from([0])])))).toEqual(refused('bad_signature'))
    expect(verify(`${header}.${encode({ ...claims, sub: 'root' })}.${signature}`)).toEqual(refused('bad_signature'))
    expect(verify(`${encode({ ...headerOf(key), extra: 1 })}.${body}.${signature}`)).toEqual(refused('bad_signature'))
  })

  test.each(['.', '.x', ' ', '\n', '=', '\0', '.e30', '%00'])('trailing %j is refused', (tail) => {
    expect(verify(forge() + tail)).toEqual(refused('malformed'))
    expect(verify(tail + forge())).toEqual(refused('malformed'))
  })

  test.each([{ b64: false }, { b64: true }, { crit: ['b64'], b64: false }, { crit: [] }, { crit: ['exp'] }, { crit: null }])(
    '%j in the header is refused',
    (over) => {
      expect(verify(withHeader(over))).toEqual(refused('malformed'))
    },
  )

  test('JSON serialisation is refused', () => {
    const [header, payload, signature] = forge().split('.')
    expect(verify(JSON.stringify({ payload, protected: header, signature }))).toEqual(refused('malformed'))
    expect(verify(JSON.stringify({ payload, signatures: [{ protected: header, signature }] }))).toEqual(refused('malformed'))
  })

  test.each(['', '.', '..', '...', 'a.b.c', 'bnVsbA.e30.AA', 'W10.e30.AA', 'IngI.e30.AA', 'é.é.é'])('%j is refused and nothing throws', (text) => {
    expect(verify(text)).toEqual(refused('malformed'))
  })

  test.each([undefined, null, 1, {}, [], true, Symbol('x')])('what is no string is refused and nothing throws: %p', (value) => {
    expect(verify(value as unknown as string)).toEqual(refused('malformed'))
  })
})

describe('the kid is looked up, nothing is fetched (R-091)', () => {
  test.each(['../../dev/null', "' OR 1=1", '__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'ed ', 'ED', 'ed\0'])('kid %j is unknown', (kid) => {
    expect(verify(withHeader({ kid }))).toEqual({ ok: false, reason: 'unknown_key', kid })
  })

  test.each([[1], [null], [['ed']], [{ toString: 'ed' }], [true], [undefined]])('kid %j is malformed', (kid) => {
    expect(verify(withHeader({ kid }))).toEqual(refused('malformed'))
  })

  test('a kid or a body of 100 kB is refused before anything is parsed', () => {
    const parse = jest.spyOn(JSON, 'parse')
    try {
      for (const token of [withHeader({ kid: 'x'.repeat(100_000) }), withClaims({ pad: 'x'.repeat(100_000) })])
        expect(verify(token)).toEqual(refused('malformed'))
      expect(parse).not.toHaveBeenCalled()
    } finally {
      parse.mockRestore()
    }
  })

  test('jku, x5u, jwk and x5c are not looked at, and no connection is opened', () => {
    const connect = jest.spyOn(net.Socket.prototype, 'connect')
    try {
      const attacker = generateKeyPairSync('ed25519')
      const evil = pair(attacker, 'ed', 'EdDSA')
      const header = {
        ...headerOf(ed),
        jku: 'https://evil.example/jwks',
        x5u: 'https://evil.example/x',
        jwk: attacker.publicKey.export({ format: 'jwk' }),
        x5c: ['AA'],
      }
      expect(verify(forge({ key: evil, header }))).toEqual(refused('bad_signature'))
      expect(verify(forge({ header }))).toEqual({ ok: true, claims })
      expect(connect).not.toHaveBeenCalled()
    } finally {
      connect.mockRestore()
    }
  })
})
