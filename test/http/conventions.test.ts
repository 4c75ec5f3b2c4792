import net from 'node:net'
import express from 'express'
import request from 'supertest'
import { AuthError } from '../../src/index.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../support/make-app.ts'
import { sentTo } from '../support/secrets.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: { apiKeys: { enabled: true } } })
})
const cookie = { 'x-auth-transport': 'cookie' }
const jar = (answer: { headers: Record<string, unknown> }) => ((answer.headers['set-cookie'] ?? []) as string[]).map((line) => line.split(';')[0]).join('; ')
const inCookies = async () => jar(await t.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }, cookie).expect(201))

describe('R-082: where a header carries a credential, cookies are ignored altogether', () => {
  test.each([
    ['authorization', 'Bearer x'],
    ['authorization', 'Basic dXNlcjpwYXNz'],
    ['x-api-key', 'lk_foo_bar'],
  ])('%s: %s', async (name, value) => {
    const cookies = await inCookies()
    const both = { ...cookie, cookie: cookies, [name]: value }
    await t.call('post', '/auth/refresh', {}, both).expect(401)
    await t.call('post', '/auth/logout', {}, both).expect(204)
    // The session of the cookies is there still.
    await t.call('post', '/auth/refresh', {}, { ...cookie, cookie: cookies }).expect(200)
  })

  test('nor is the cookie of a trusted device', async () => {
    const own = await makeApp({ options: { mfa: { totp: false, email: true } } })
    const { user, accessToken } = await signUp(own)
    await own.auth.users.update(user.id, { emailVerified: true })
    const { id } = (await own.call('post', '/auth/mfa/email', {}, bearer(accessToken)).expect(200)).body
    const code = async () => (await sentTo(own, user.email, 'mfa_code')).code
    await own.call('post', `/auth/mfa/factors/${id}/confirm`, { code: await code() }, bearer(accessToken)).expect(200)
    const credentials = { email: user.email, password: PASSWORD }
    const { mfaToken } = (await own.call('post', '/auth/login', credentials, cookie).expect(200)).body
    await own.call('post', '/auth/mfa/challenge', { mfaToken, type: 'email' }, cookie).expect(202)
    const trusting = await own.call('post', '/auth/mfa/verify', { mfaToken, code: await code(), trustDevice: true }, cookie).expect(200)
    const cookies = jar(trusting)
    expect((await own.call('post', '/auth/login', credentials, { ...cookie, cookie: cookies }).expect(200)).body.status).toBe('signed_in')
    for (const [name, value] of [
      ['authorization', 'Bearer abc'],
      ['x-api-key', 'lk_foo_bar'],
    ] as const)
      expect((await own.call('post', '/auth/login', credentials, { [name]: value, cookie: cookies }).expect(200)).body.status).toBe('mfa_required')
  })
})

test('R-078: only spaces and tabs around the name of a cookie are not of it', async () => {
  const { port } = t.server.address() as { port: number }
  const cookies = await inCookies()
  const raw = (header: Buffer) =>
    new Promise<number>((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1', () => {
        socket.write(Buffer.concat([Buffer.from('GET /auth/session HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: '), header, Buffer.from('\r\n\r\n')]))
      })
      socket.on('data', (chunk: Buffer) => resolve(Number(chunk.toString('latin1', 9, 12))))
      socket.on('error', reject)
    })
  expect(await raw(Buffer.from(cookies))).toBe(200)
  expect(await raw(Buffer.from(` \t${cookies}`))).toBe(200)
  expect(await raw(Buffer.concat([Buffer.from([0xa0]), Buffer.from(cookies)]))).toBe(401)
})

test('F-13: a header of blanks is read as quickly as any', async () => {
  const { accessToken } = await signUp(t)
  const took = async (cookie: string) => {
    const times: number[] = []
    for (let i = 0; i < 5; i++) {
      const began = performance.now()
      await t.call('get', '/auth/session', undefined, { cookie, ...bearer(accessToken) }).expect(200)
      await t.call('get', '/auth/session', undefined, { cookie }).expect(401)
      times.push(performance.now() - began)
    }
    return Math.min(...times)
  }
  expect(await took(`a${' '.repeat(15_000)}b=1`)).toBeLessThan((await took('a=1')) + 60)
})

test('a refresh token in the body goes its way where cookies are the default', async () => {
  const own = await makeApp({ options: { transport: { default: 'cookie' } } })
  const { body } = await own.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }, { 'x-auth-transport': 'bearer' }).expect(201)
  const refreshed = await own.call('post', '/auth/refresh', { refreshToken: body.refreshToken }).expect(200)
  expect(refreshed.body.refreshToken).toEqual(expect.any(String))
  expect(refreshed.headers['set-cookie']).toBeUndefined()
})

describe('R-190: a body that is no object is a 422 that says so', () => {
  const wanted = [{ path: '', message: expect.stringMatching(/object/) }]
  test.each(['"hello"', '5', 'null', 'true', '[]', '{"email":'])('%s', async (text) => {
    const { body } = await request(t.server).post('/auth/login').set('content-type', 'application/json').send(text).expect(422)
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', errors: wanted })
  })

  test('null, where the app reads bodies that are no objects', async () => {
    const own = await makeApp({ before: (app) => void app.use(express.json({ strict: false })) })
    const { body } = await request(own.server).post('/auth/logout').set('content-type', 'application/json').send('null').expect(422)
    expect(body.errors).toEqual(wanted)
  })
})

describe('Retry-After (RFC 9110, 10.2.3)', () => {
  test.each([
    [new AuthError('TOO_MANY_REQUESTS'), 429, '60'],
    [new AuthError('QUOTA_USED', { status: 429 }), 429, '60'],
    [new AuthError('TOO_MANY_ATTEMPTS', { retryAfter: 1.5 }), 429, '2'],
    [new AuthError('UNAVAILABLE'), 503, '2'],
  ])('%s', async (error, status, seconds) => {
    const refuse = () => {
      throw error
    }
    const own = await makeApp({ options: { hooks: { 'login.before': refuse } } })
    const { headers, body } = await own.call('post', '/auth/login', { email: freshEmail(), password: PASSWORD }).expect(status)
    expect(headers['retry-after']).toBe(seconds)
    expect(body.retryAfter).toBe(Number(seconds))
  })
})

test('a feature that is switched off is 404 before anything of the request is looked at', async () => {
  const send = (text: string) => request(t.server).post('/auth/magic-link/request').set('content-type', 'application/json').send(text)
  for (const text of ['{}', '{"email":', `{"email":"${'x'.repeat(40_000)}"}`]) expect((await send(text).expect(404)).body.code).toBe('FEATURE_DISABLED')
})

test('no event and no hook carries a captcha token, and no route refuses one', async () => {
  await t.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, captchaToken: 'of-the-captcha', team: 'red' }).expect(201)
  expect(t.events.find(({ name, event }) => name === 'user.registered' && JSON.stringify(event).includes('red'))!.event.extra).toEqual({ team: 'red' })
  await t.call('post', '/auth/login', { email: freshEmail(), password: PASSWORD, captchaToken: 'of-the-captcha' }).expect(401)
})

test('R-152: no route that asks for a session by itself takes an API key', async () => {
  const { user, accessToken } = await signUp(t)
  const { key } = (await t.call('post', '/auth/api-keys', { name: 'ci' }, bearer(accessToken)).expect(201)).body
  const attempts = { '/verify-email/send': {}, '/change-password': { currentPassword: PASSWORD, newPassword: 'another good password' } }
  for (const [path, body] of Object.entries(attempts))
    expect((await t.call('post', `/auth${path}`, body, { authorization: `ApiKey ${key}` }).expect(403)).body.code).toBe('FORBIDDEN')
  await t.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)
})

test('the OpenAPI document tells of parameters of the query and of the cookie as it is named here', async () => {
  const own = await makeApp({ options: { cookies: { secure: false } } })
  const { body } = await own.call('get', '/auth/openapi.json').expect(200)
  const lookup = body.paths['/tenants/lookup'].get
  expect(lookup.parameters).toEqual([expect.objectContaining({ name: 'slug', in: 'query', required: true })])
  const members = body.paths['/tenants/{id}/members'].get.parameters as { name: string; in: string; required: boolean }[]
  expect(members.map(({ name, in: place, required }) => `${name} ${place} ${required}`)).toEqual(
    expect.arrayContaining(['id path true', 'cursor query false', 'limit query false']),
  )
  expect(body.components.securitySchemes).toMatchObject({ cookie: { name: 'lk.access' }, refreshCookie: { name: 'lk.refresh' } })
  expect([body.paths['/login'].post.requestBody.required, body.paths['/logout'].post.requestBody.required]).toEqual([true, false])
})

test('the OpenAPI document has no shape that points to itself, says of each route who may call, and names headers where they matter', async () => {
  const { body } = await t.call('get', '/auth/openapi.json').expect(200)
  const pointers = (value: unknown) => [...JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = '']) => name)
  const schemas = body.components.schemas as Record<string, unknown>
  expect(pointers(body).filter((name) => !(name in schemas))).toEqual([])
  const leadsTo = (name: string, seen = new Set<string>()): Set<string> => {
    for (const next of pointers(schemas[name])) if (!seen.has(next)) leadsTo(next, seen.add(next))
    return seen
  }
  expect(Object.keys(schemas).filter((name) => leadsTo(name).has(name) || name.startsWith('_'))).toEqual([])
  expect(body.components.schemas.Problem.properties).toMatchObject({ reasons: { type: 'array' }, methods: { type: 'array' } })
  const operations = Object.values(body.paths as Record<string, Record<string, { security?: unknown[] }>>).flatMap((path) => Object.values(path))
  expect(operations.filter(({ security }) => security === undefined)).toEqual([])
  expect([body.paths['/login'].post.security, body.paths['/me'].get.security, body.paths['/logout'].post.security]).toEqual([
    [],
    [{ bearer: [] }, { cookie: [] }],
    [{}, { bearer: [] }, { cookie: [] }],
  ])
  expect(body.paths['/refresh'].post.security).toEqual([{}, { refreshCookie: [] }])
  for (const path of ['/invitations/accept', '/change-email/confirm', '/verify-email', '/verify-email/send'])
    expect([path, body.paths[path].post.security]).toEqual([path, [{}, { bearer: [] }, { cookie: [] }]])
  const headersOf = ({ parameters = [] }: { parameters?: { name: string; in: string }[] }) =>
    parameters.filter((one) => one.in === 'header').map(({ name }) => name)
  expect(headersOf(body.paths['/login'].post)).toEqual(['X-Auth-Transport', 'X-Trusted-Device'])
  expect(headersOf(body.paths['/change-password'].post)).toEqual(['X-Auth-Transport'])
  expect(headersOf(body.paths['/me'].get)).toEqual([])
})
