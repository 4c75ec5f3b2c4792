import http from 'node:http'
import type { AddressInfo } from 'node:net'
import express4 from 'express4'
import request from 'supertest'
import { type AuthOptions, oidc } from '../../src/index.ts'
import { routes } from '../support/contract.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../support/make-app.ts'

/** Every route there is, switched on. */
const everything = {
  identifiers: { email: true, phone: true, username: true },
  mfa: { email: true, sms: true },
  passkeys: { enabled: true },
  tenants: { mode: 'shared', selfService: true, lookup: true },
  signup: { twoStep: true },
  passwordReset: { strategy: 'both' },
  passwordless: { email: true, sms: true, allowSignup: true },
  magicLink: { enabled: true, allowSignup: true },
  apiKeys: { enabled: true },
  providers: [oidc({ id: 'elsewhere', issuer: 'http://127.0.0.1:9', clientId: 'x' })],
} satisfies Partial<AuthOptions>
let app: TestApp
let token: string
beforeAll(async () => {
  app = await makeApp({ options: everything })
  token = (await signUp(app)).accessToken
})

const values: [string, unknown][] = [
  ['a number', 1],
  ['a boolean', true],
  ['null', null],
  ['an array', ['a']],
  ['an object', { a: 1 }],
  ['an operator', { contains: '' }],
  ['another operator', { $ne: null }],
  ['a NUL', 'a\0b@example.com'],
  ['a lone surrogate', 'a\ud800b'],
  ['a long text', 'x'.repeat(5000)],
  ['nothing', ''],
]
const fields = [
  'email',
  'phone',
  'username',
  'password',
  'refreshToken',
  'rememberMe',
  'metadata',
  'tenant',
  'id',
  'code',
  'token',
  'newPassword',
  'newEmail',
  'newPhone',
  'send',
  'mfaToken',
  'recoveryCode',
  'passkey',
  'trustDevice',
  'label',
  'type',
]
const counts = async () => [await app.prisma.authUser.count(), await app.prisma.authSession.count(), await app.prisma.authChange.count()]
const withBody = routes.filter(({ body }) => body)

describe.each(withBody.map(({ method, path }) => [`${method} ${path}`, method.toLowerCase() as 'post' | 'patch', path] as const))(
  'R-190, %s',
  (_name, method, path) => {
    test.each(values)('%s in any field is a 4xx and writes nothing', async (_what, value) => {
      const before = await counts()
      for (const field of fields) {
        const body = { email: 'hostile@example.com', password: 'x', [field]: value }
        const answer = await app.call(method, `/auth${path}`, body, bearer(token))
        expect([field, answer.status >= 400 && answer.status < 500]).toEqual([field, true])
        expect(answer.text).not.toMatch(/prisma|invocation|node_modules|SELECT|\bP20\d\d\b/i)
      }
      expect(await counts()).toEqual(before)
    })

    test.each([
      ['no JSON', '{"email":'],
      ['a bare text', '"text"'],
      ['a bare array', '[]'],
      ['null', 'null'],
      ['a key twice (R-191)', '{"email":"a@example.com","email":"b@example.com","password":"x"}'],
      ['a key twice in two spellings', '{"email":"a@example.com","\\u0065mail":"b@example.com","password":"x"}'],
      ['__proto__', '{"__proto__":{"isAdmin":true},"email":"a@example.com","password":"correct horse battery"}'],
      ['__proto__ deep inside', '{"email":"proto@example.com","password":"correct horse battery","a":{"b":[{"__proto__":1}]}}'],
      ['too deep', `{"email":"deep@example.com","password":"correct horse battery","a":${'['.repeat(2000)}${']'.repeat(2000)}}`],
      ['deep where anything goes', `{"metadata":{"a":${'['.repeat(15_000)}${']'.repeat(15_000)}}}`],
      ['deep in objects', `{"metadata":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`],
      ['too much', JSON.stringify({ email: 'x'.repeat(40_000) })],
    ])('a body that is %s is a 4xx', async (_what, body) => {
      const before = await counts()
      const answer = await app.call(method, `/auth${path}`, undefined, { ...bearer(token), 'content-type': 'application/json' }).send(body)
      expect([401, 413, 422]).toContain(answer.status)
      expect(answer.headers['content-type']).toMatch(/application\/problem\+json/)
      expect(await counts()).toEqual(before)
    })
  },
)

test.each(routes.map(({ method, path }) => [`${method} ${path}`, method, path] as const))(
  'R-194, %s: malformed credentials never break it',
  async (_name, method, path) => {
    const verb = method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete'
    const url = `/auth${path.replace(/:\w+/g, 'x')}`
    const odd = ['Bearer', 'Bearer ', 'Bearer a.b.c', 'Bearer ..', `Bearer ${'a'.repeat(7000)}`, 'Basic !!!', 'ApiKey lk_x', 'bearer eyJ.eyJ.', '\u00ff']
    for (const authorization of odd) {
      const answer = await app.call(verb, url, verb === 'post' ? {} : undefined, { authorization })
      expect(answer.status).toBeLessThan(500)
    }
    for (const cookie of [
      '__Host-lk.access',
      '__Host-lk.access=',
      '=',
      ';;;',
      '__Host-lk.access=%E0%A4%A',
      `__Host-lk.access=${'x'.repeat(3000)}`,
      '__proto__=1',
    ]) {
      const answer = await app.call(verb, url, verb === 'post' ? {} : undefined, { cookie, 'sec-fetch-site': 'same-origin' })
      expect(answer.status).toBeLessThan(500)
    }
  },
)

test('R-170: without a credential, only public routes answer', async () => {
  for (const { method, path, access } of routes) {
    const answer = await app.call(method.toLowerCase() as 'get', `/auth${path.replace(/:\w+/g, 'x')}`, method === 'GET' ? undefined : {})
    if (access !== 'public') expect([path, answer.status]).toEqual([path, 401])
  }
})

test.each([
  ['Express 5', undefined],
  ['Express 4, whose parsers leave an empty object behind', express4],
])('R-190: a body of another type is refused where one may be left out, on %s', async (_name, framework) => {
  const own = framework ? await makeApp({ framework: framework as never, before: (express) => express.use(framework.json()) }) : app
  const { accessToken } = await signUp(own)
  const types: [string, string | Buffer][] = [
    ['text/plain', '{"username":"ada"}'],
    ['application/x-www-form-urlencoded', 'username=ada'],
    ['application/json; charset=utf-16le', Buffer.from('{"username":"ada","username":"bob"}', 'utf16le')],
  ]
  for (const [type, body] of types) {
    const answer = await own
      .call('patch', '/auth/me', undefined, { ...bearer(accessToken), 'content-type': type })
      .serialize((data) => data)
      .send(body)
    expect([type, answer.status]).toEqual([type, 422])
  }
  for (const body of [undefined, {}]) await own.call('patch', '/auth/me', body, bearer(accessToken)).expect(200)
})

test('R-192: a problem document names its code and nothing of the inside', async () => {
  const { body } = await app.call('post', '/auth/login', { email: 'nobody@example.com', password: 'x' }).expect(401)
  expect(Object.keys(body).sort()).toEqual(['code', 'detail', 'status', 'title', 'type'])
})

test('R-191: a parameter given twice is refused', async () => {
  await app.call('get', '/auth/sessions?id=1&id=2', undefined, bearer(token)).expect(200)
  await app.call('delete', '/auth/sessions/%00', undefined, bearer(token)).expect(422)
  await app.call('delete', '/auth/sessions/%E0%A4%A', undefined, bearer(token)).expect(422)
})

test('R-196: a wrong method, TRACE and odd spellings of a path are 404; case and a slash at the end are the same route (R-038)', async () => {
  await app.call('get', '/auth/login').expect(404)
  for (const path of ['/auth//login', '/auth/%6cogin', '/auth/login;a=b', '/auth/../auth/login/x']) {
    expect((await raw('POST', path)).status).toBe(404)
  }
  expect((await raw('TRACE', '/auth/login')).status).toBe(404)
  for (const path of ['/auth/login/', '/auth/LOGIN', '/auth/login?x=1']) expect((await raw('POST', path)).status).toBe(422)
})

test('R-202: what a header carries cannot start a line of a log or a cell of its own', async () => {
  const email = freshEmail()
  await app.call('post', '/auth/signup', { email, password: PASSWORD }, { 'user-agent': 'a\u009bb', 'x-request-id': 'x y' }).expect(201)
  const user = await app.auth.users.findByEmail(email)
  const [row] = (await app.auth.audit.query({ userId: user!.id })).data
  expect(row!.userAgent).toMatch(/^a\P{Cc}?b$/u)
  expect(row!.requestId).toMatch(/^[0-9a-f-]{36}$/)
})

test('R-035, R-057: X-Forwarded-For and Host change nothing; the log says once what to set', async () => {
  const email = freshEmail()
  await app
    .call('post', '/auth/signup', { email, password: PASSWORD }, { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9' })
    .expect(201)
  const user = await app.auth.users.findByEmail(email)
  expect((await app.auth.sessions.list(user!.id))[0]!.ip).toBe('127.0.0.1')
  expect(app.logs.filter(({ message }) => message.includes('trust proxy'))).toHaveLength(1)
  const trusting = await makeApp({ before: (express) => void express.set('trust proxy', 1) })
  const up = await trusting.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }, { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' })
  expect((await trusting.auth.sessions.list(up.body.user.id))[0]!.ip).toBe('203.0.113.9')
})

test.each(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'])('%s alone makes the log say once that trust proxy is not set', async (header) => {
  const own = await makeApp()
  for (let i = 0; i < 2; i++) await own.call('get', '/auth/config', undefined, { [header]: 'https' }).expect(200)
  await own.call('get', '/private', undefined, { [header]: 'https' }).expect(401)
  expect(own.logs.filter(({ message }) => message.includes('trust proxy'))).toHaveLength(1)
})

test('R-195: no answer allows another origin', async () => {
  const answer = await app.call('get', '/auth/config', undefined, { origin: 'https://evil.example' })
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
})

test('R-081: no GET writes a row', async () => {
  const all = async () => [...(await counts()), await app.prisma.authAuditLog.count(), await app.prisma.authSigningKey.count()]
  const before = await all()
  for (const { method, path } of routes) if (method === 'GET') await app.call('get', `/auth${path.replace(/:\w+/g, 'x')}`, undefined, bearer(token))
  expect(await all()).toEqual(before)
})

test("the router works behind the app's own express.json() too", async () => {
  const { json } = await import('express')
  const own = await makeApp({ before: (express) => void express.use(json()) })
  await signUp(own)
  await request(own.server).post('/auth/login').set('content-type', 'application/json').send('{').expect(400)
  await own
    .call('post', '/auth/login', undefined, { 'content-type': 'application/json' })
    .send('{"__proto__":1,"email":"a@example.com","password":"x"}')
    .expect(422)
})

test('K4: response.transform may change what a refusal says, and a refusal goes out though it fails', async () => {
  const own = await makeApp({
    options: {
      hooks: {
        'response.transform': ({ route, status, body }) => {
          if (route === 'POST /logout') throw new Error('not this one')
          return status === 401 && route === 'POST /login' ? { ...(body as object), help: 'https://help.example.com' } : undefined
        },
      },
    },
  })
  const { port } = own.server.address() as AddressInfo
  const post = (path: string, body: object) =>
    fetch(`http://127.0.0.1:${port}/auth${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const refused = await post('/login', { email: 'nobody@example.com', password: 'x' })
  expect([refused.status, refused.headers.get('content-type')]).toEqual([401, 'application/problem+json; charset=utf-8'])
  expect(await refused.json()).toMatchObject({ code: 'INVALID_CREDENTIALS', help: 'https://help.example.com' })
  const broken = await post('/logout', { wrong: 1 })
  expect([broken.status, ((await broken.json()) as { code: string }).code]).toEqual([422, 'VALIDATION_FAILED'])
})

test('response.transform may change a body', async () => {
  const own = await makeApp({
    options: { hooks: { 'response.transform': ({ route, body }) => (route === 'GET /config' ? { ...(body as object), extra: 1 } : undefined) } },
  })
  const { port } = own.server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}/auth/config`)
  expect(await answer.json()).toMatchObject({ extra: 1, providers: [] })
})

function raw(method: string, path: string): Promise<{ status: number }> {
  const { port } = app.server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const request = http.request({ port, method, path, headers: { 'content-type': 'application/json' } }, (answer) => {
      answer.resume()
      resolve({ status: answer.statusCode ?? 0 })
    })
    request.on('error', reject).end(method === 'POST' ? '{}' : undefined)
  })
}
