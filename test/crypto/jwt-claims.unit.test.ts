import { generateKeyPairSync } from 'node:crypto'
import { signatureOf, verifyJwt } from '../../src/crypto/jwt.ts'
import { importSigningKey } from '../../src/crypto/signing-key.ts'

const now = 1_800_000_000
const issuer = 'https://api.example'
const claims = { iss: issuer, aud: issuer, sub: 'user', iat: now, exp: now + 900 }
const key = importSigningKey('ed', 'EdDSA', generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string)
const encode = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

function forge(body: unknown, header: unknown = { alg: 'EdDSA', typ: 'at+jwt', kid: 'ed' }) {
  const input = `${encode(header)}.${encode(body)}`
  return `${input}.${signatureOf('EdDSA', key.signer, input).toString('base64url')}`
}
const verify = (token: string, over = {}) =>
  verifyJwt(token, { typ: 'at+jwt', keys: (kid) => (kid === 'ed' ? key : undefined), issuer, audience: issuer, now, tolerance: 60, ...over })
const claiming = (over: object) => verify(forge({ ...claims, ...over }))
const refused = (reason: string) => ({ ok: false, reason })
const json = (name: string, value: string) => JSON.stringify({ ...claims, [name]: '@' }).replace('"@"', value)

describe('type, issuer and audience (R-092)', () => {
  test.each(['JWT', 'application/at+jwt', 'AT+JWT', 'at+jwt ', 'mfa+jwt', 'id_token', 'refresh', '', null, ['at+jwt'], undefined])(
    'typ %j is another type',
    (typ) => {
      expect(verify(forge(claims, { alg: 'EdDSA', kid: 'ed', typ }))).toEqual(refused('wrong_type'))
    },
  )

  test.each([[[issuer]], [`${issuer}/`], ['HTTPS://API.EXAMPLE'], [null], [undefined], [{ toString: issuer }], [true]])(
    'iss %j is another issuer (CVE-2025-30144)',
    (iss) => {
      expect(claiming({ iss })).toEqual(refused('wrong_issuer'))
    },
  )

  test.each([
    [{ 0: issuer }],
    [{ includes: issuer }],
    ['other'],
    [[]],
    [['other']],
    [[[issuer]]],
    [[issuer, 1]],
    [[issuer, null]],
    [`${issuer} other`],
    [null],
    [undefined],
  ])('aud %j is another audience', (aud) => {
    expect(claiming({ aud })).toEqual(refused('wrong_audience'))
  })

  test('an audience list that holds ours is accepted', () => {
    expect(claiming({ aud: ['other', issuer] })).toMatchObject({ ok: true })
  })

  test.each([null, undefined, 1, ['user'], { id: 'user' }])('sub %j is refused', (sub) => {
    expect(claiming({ sub })).toEqual(refused('bad_claims'))
  })

  test.each(['[]', 'null', '"text"', '1', '{', ''])('a payload of %s is refused', (body) => {
    expect(verify(forge(body)).ok).toBe(false)
  })
})

describe('times (R-093)', () => {
  test.each(['exp', 'iat'])('%s is required', (name) => {
    expect(claiming({ [name]: undefined })).toEqual(refused('bad_claims'))
  })

  test.each(['exp', 'iat', 'nbf'])('%s has to be a whole, finite number that is not negative', (name) => {
    for (const value of [`"${now + 900}"`, '1e999', '-1e999', '-1', 'null', '1.5', 'true', '[]', '{}', '9007199254740993'])
      expect(verify(forge(json(name, value)))).toEqual(refused('bad_claims'))
  })

  test('a token has expired exactly at exp, without tolerance', () => {
    expect(claiming({ iat: now - 900, exp: now + 1 })).toMatchObject({ ok: true })
    expect(claiming({ iat: now - 900, exp: now })).toMatchObject(refused('expired'))
    expect(claiming({ iat: now - 900, exp: now - 1 })).toMatchObject(refused('expired'))
  })

  test.each(['iat', 'nbf'])('%s may lie ahead by the tolerance and no further', (name) => {
    expect(claiming({ [name]: now + 60 })).toMatchObject({ ok: true })
    expect(claiming({ [name]: now + 61 })).toEqual(refused('not_yet_valid'))
  })
})

describe('one token, one spelling (R-096)', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const token = forge(claims)

  test('other spellings of the same bytes are refused', () => {
    const [header, body, signature] = token.split('.') as [string, string, string]
    const last = alphabet.indexOf(signature.at(-1) as string)
    const stray = [...alphabet].filter((_, index) => index !== last && index >> 4 === last >> 4).map((end) => `${signature.slice(0, -1)}${end}`)
    expect(stray).toHaveLength(15)
    const raw = Buffer.from(signature, 'base64url')
    expect(stray.every((text) => Buffer.from(text, 'base64url').equals(raw))).toBe(true)
    for (const text of [
      ...stray,
      `${signature}==`,
      `${signature}=`,
      raw.toString('base64'),
      ` ${signature}`,
      `${signature}\n`,
      `${signature.slice(0, 9)} ${signature.slice(9)}`,
    ])
      expect(verify(`${header}.${body}.${text}`)).toEqual(refused('malformed'))
    expect(verify(`${header}=.${body}.${signature}`)).toEqual(refused('malformed'))
    expect(verify(`${header}.${body}=.${signature}`)).toEqual(refused('bad_signature'))
  })

  test('no character of a token can be exchanged for another', () => {
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A'
      expect(verify(`${token.slice(0, at)}${other}${token.slice(at + 1)}`).ok).toBe(false)
    }
  })
})

test('duplicate names and __proto__ in a signed payload do no harm', () => {
  const text = JSON.stringify(claims)
  const polluted = verify(forge(`${text.slice(0, -1)},"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}`))
  expect(polluted.ok).toBe(true)
  expect(({} as { admin?: boolean }).admin).toBeUndefined()
  expect(Object.getPrototypeOf((polluted as { claims: object }).claims)).toBe(Object.prototype)
  expect(verify(forge(`${text.slice(0, -1)},"iss":"https://evil.example"}`))).toEqual(refused('wrong_issuer'))
  expect(verify(forge(claims, '{"__proto__":{"alg":"EdDSA","typ":"at+jwt","kid":"ed"}}')).ok).toBe(false)
})
