import { freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await makeApp({ options: { baseUrl: 'https://api.example.com/auth', trustedOrigins: ['https://app.example.com'] } })
})
const cookie = { 'x-auth-transport': 'cookie' }
const jar = (answer: { headers: Record<string, unknown> }) => ((answer.headers['set-cookie'] ?? []) as string[]).map((line) => line.split(';')[0]).join('; ')
const enter = async (extra: object = {}, headers: Record<string, string> = {}) =>
  app.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, ...extra }, { ...cookie, ...headers })

test('R-076, R-077: tokens travel in __Host- cookies, Secure, HttpOnly, SameSite=Lax, and never in the body', async () => {
  const answer = await enter()
  expect(answer.status).toBe(201)
  const lines = answer.headers['set-cookie'] as unknown as string[]
  expect(lines.map((line) => line.split('=')[0])).toEqual(['__Host-lk.access', '__Host-lk.refresh'])
  for (const line of lines) {
    expect(line).toMatch(/; Path=\//)
    expect(line).toMatch(/; HttpOnly/)
    expect(line).toMatch(/; Secure/)
    expect(line).toMatch(/; SameSite=Lax/)
    expect(line).not.toMatch(/Domain/)
    expect(line.length).toBeLessThan(4096)
  }
  expect(answer.body).not.toHaveProperty('accessToken')
  expect(answer.body).not.toHaveProperty('refreshToken')
  expect(answer.headers['cache-control']).toBe('no-store')
})

test('R-076: a cookie that browsers would drop for its length is not sent, and the log says why', async () => {
  const own = await makeApp({
    options: { hooks: { 'token.claims': ({ user }) => ({ all: 'x'.repeat(user.username === 'much' ? 3000 : 10) }) }, identifiers: { username: true } },
  })
  const ask = (username: string) => own.call('post', '/auth/signup', { username, password: PASSWORD }, cookie)
  const answer = await ask('much').expect(500)
  expect(answer.headers['set-cookie']).toBeUndefined()
  expect(own.logs).toContainEqual(
    expect.objectContaining({
      level: 'error',
      fields: expect.objectContaining({ err: expect.objectContaining({ message: expect.stringMatching(/too long for a cookie/) }) }),
    }),
  )
  await ask('little').expect(201)
})

test('rememberMe false gives cookies that end with the browser', async () => {
  const brief = (await enter({ rememberMe: false })).headers['set-cookie'] as unknown as string[]
  expect(brief.join()).not.toMatch(/Max-Age|Expires/i)
  const lasting = (await enter({ rememberMe: true })).headers['set-cookie'] as unknown as string[]
  expect(lasting.every((line) => /Max-Age/i.test(line))).toBe(true)
})

test('a cookie session signs requests in, refreshes, and signing out clears its cookies with the attributes they had', async () => {
  const cookies = jar(await enter())
  await app.call('get', '/private', undefined, { cookie: cookies }).expect(200)
  const refreshed = await app.call('post', '/auth/refresh', {}, { cookie: cookies, 'sec-fetch-site': 'same-origin' }).expect(200)
  expect(refreshed.body).not.toHaveProperty('refreshToken')
  const next = jar(refreshed)
  const out = await app.call('post', '/auth/logout', undefined, { cookie: next, 'sec-fetch-site': 'same-origin' }).expect(204)
  const cleared = out.headers['set-cookie'] as unknown as string[]
  expect(cleared).toHaveLength(2)
  for (const line of cleared) expect(line).toMatch(/^__Host-lk\.(access|refresh)=; Path=\/; Expires=Thu, 01 Jan 1970.*HttpOnly; Secure; SameSite=Lax$/)
  await app.call('get', '/private', undefined, { cookie: next }).expect(401)
  await app.call('post', '/auth/logout', undefined, { cookie: next, 'sec-fetch-site': 'same-origin' }).expect(204)
})

describe('R-079, R-080: what another site can send is refused before a cookie is set', () => {
  const body = () => ({ email: freshEmail(), password: PASSWORD })
  test.each([
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['a null origin', { origin: 'null' }],
    ['a sister site', { origin: 'https://evil.example.com' }],
    ['a name that begins like ours', { origin: 'https://app.example.com.evil.example' }],
    ['another port', { origin: 'https://app.example.com:8443' }],
    ['another scheme', { origin: 'http://app.example.com' }],
    ['Fetch Metadata that says cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['Fetch Metadata that says same-site', { 'sec-fetch-site': 'same-site' }],
  ])('%s', async (_name, headers) => {
    for (const path of ['/auth/signup', '/auth/login', '/auth/refresh', '/auth/logout']) {
      const answer = await app.call('post', path, body(), { ...cookie, ...headers })
      expect([answer.status, answer.body.code, answer.headers['set-cookie']]).toEqual([403, 'CSRF_REJECTED', undefined])
    }
  })

  test.each([
    ['our own origin', { origin: 'https://api.example.com' }],
    ['a trusted origin', { origin: 'https://app.example.com', 'sec-fetch-site': 'same-site' }],
    ['Fetch Metadata that says same-origin', { 'sec-fetch-site': 'same-origin' }],
    ['a navigation of the user', { 'sec-fetch-site': 'none' }],
    ['no header but ours', {}],
  ])('%s may', async (_name, headers) => {
    await app.call('post', '/auth/signup', body(), { ...cookie, ...headers }).expect(201)
  })

  test('a cookie without Fetch Metadata, Origin or our header is refused', async () => {
    const cookies = jar(await enter())
    const { body } = await app.call('post', '/auth/logout-all', undefined, { cookie: cookies })
    expect(body).toMatchObject({ code: 'CSRF_REJECTED', detail: 'The request does not say where it comes from: send X-Auth-Transport, or Origin.' })
    const foreign = await app.call('post', '/auth/logout-all', undefined, { cookie: cookies, origin: 'https://evil.example' })
    expect(foreign.body).toMatchObject({ code: 'CSRF_REJECTED', detail: 'The request came from another site.' })
    await app.call('get', '/private', undefined, { cookie: cookies }).expect(200)
  })

  test('forms and plain text are no JSON', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await app
        .call('post', '/auth/login', undefined, { ...cookie, 'content-type': type, 'sec-fetch-site': 'same-origin' })
        .send('email=a@example.com&password=x')
      expect(answer.status).toBe(422)
    }
  })
})

test('R-078: a cookie that is given twice is not trusted', async () => {
  const cookies = jar(await enter())
  const access = cookies.split('; ')[0]!
  for (const header of [`__Host-lk.access=evil; ${access}`, `${access}; __Host-lk.access=evil`]) {
    await app.call('get', '/private', undefined, { cookie: header }).expect(401)
  }
  await app.call('get', '/private', undefined, { cookie: `lk.access=evil; ${access}; x=1` }).expect(200)
})

test('R-082: where there is an Authorization header, cookies are not looked at', async () => {
  const cookies = jar(await enter())
  await app.call('get', '/private', undefined, { cookie: cookies, authorization: 'Bearer nonsense' }).expect(401)
  await app.call('get', '/private', undefined, { cookie: cookies, authorization: 'Basic eDp5' }).expect(401)
  await app.call('get', '/private', undefined, { cookie: cookies, 'x-api-key': 'x' }).expect(401)
  await app.call('get', '/private', undefined, { cookie: cookies, 'x-auth-transport': 'bearer' }).expect(401)
})

test('the transport is the one asked for, the default otherwise, and only an allowed one', async () => {
  expect((await app.call('post', '/auth/login', { email: 'a@example.com', password: 'x' }, { 'x-auth-transport': 'pigeon' })).status).toBe(422)
  const bearerOnly = await makeApp({ options: { transport: { allow: ['bearer'] } } })
  expect((await bearerOnly.call('post', '/auth/login', { email: 'a@example.com', password: 'x' }, cookie)).status).toBe(422)
  const byCookie = await makeApp({ options: { transport: { default: 'cookie' } } })
  const answer = await byCookie.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }, { 'sec-fetch-site': 'same-origin' }).expect(201)
  expect(answer.headers['set-cookie']).toHaveLength(2)
  expect((await byCookie.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD })).body.code).toBe('CSRF_REJECTED')
})

test('a stale cookie does not turn a bearer sign-in into a cookie one', async () => {
  const cookies = jar(await enter())
  const up = await signUp(app)
  const answer = await app
    .call('post', '/auth/login', { email: up.user.email, password: PASSWORD }, { cookie: cookies, 'sec-fetch-site': 'same-origin' })
    .expect(200)
  expect(answer.body.accessToken).toBeDefined()
  await app.call('post', '/auth/refresh', { refreshToken: answer.body.refreshToken }, { cookie: cookies, 'sec-fetch-site': 'same-origin' }).expect(200)
})

test('R-077: where only cookies are allowed, no header makes tokens come in the body', async () => {
  const own = await makeApp({ options: { transport: { default: 'cookie', allow: ['cookie'] }, apiKeys: { enabled: true } } })
  const body = { email: freshEmail(), password: PASSWORD }
  const here = { 'sec-fetch-site': 'same-origin' }
  await own.call('post', '/auth/signup', body, here).expect(201)
  const headers: Record<string, string>[] = [{ authorization: 'Bearer x' }, { authorization: 'Basic eDp5' }, { 'x-api-key': 'x' }]
  for (const header of headers) {
    const answer = await own.call('post', '/auth/login', body, { ...here, ...header }).expect(200)
    expect(answer.body).not.toHaveProperty('accessToken')
    expect(answer.body).not.toHaveProperty('refreshToken')
    expect(answer.headers['set-cookie']).toHaveLength(2)
    await own.call('post', '/auth/login', body, header).expect(403)
  }
  const { user } = (await own.call('post', '/auth/login', body, here)).body
  const { key } = await own.auth.apiKeys.create({ userId: user.id, name: 'ci' })
  expect((await own.call('post', '/auth/logout-all', {}, { 'x-api-key': key })).body.code).toBe('FORBIDDEN')
})

describe('R-071: signing out ends the session, though its access token has run out', () => {
  const quarter = 15 * 60 + 1
  test('a browser has only the refresh cookie left', async () => {
    const cookies = jar(await enter())
    const left = cookies.split('; ').filter((pair) => pair.includes('refresh'))
    app.clock.advance(quarter)
    const here = { cookie: left.join(), 'sec-fetch-site': 'same-origin' }
    expect((await app.call('post', '/auth/logout', undefined, here).expect(204)).headers['set-cookie']).toHaveLength(2)
    expect((await app.call('post', '/auth/refresh', {}, here)).body.code).toBe('REFRESH_TOKEN_INVALID')
    await app.call('post', '/auth/logout', undefined, here).expect(204)
  })

  test('a bearer client has the token that has run out', async () => {
    const { accessToken, refreshToken, user } = await signUp(app)
    app.clock.advance(quarter)
    const [header, claims, signature = ''] = accessToken.split('.')
    const forged = [header, claims, (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1)].join('.')
    await app.call('post', '/auth/logout', undefined, { authorization: `Bearer ${forged}` }).expect(204)
    expect(await app.auth.sessions.list(user.id)).toHaveLength(1)
    await app.call('post', '/auth/logout', undefined, { authorization: `Bearer ${accessToken}` }).expect(204)
    expect((await app.call('post', '/auth/refresh', { refreshToken })).body.code).toBe('REFRESH_TOKEN_INVALID')
    const { data } = await app.auth.audit.query({ userId: user.id, event: 'logout' })
    expect(data).toMatchObject([{ outcome: 'success', actorId: user.id }])
  })
})

test('R-070: signing in again in the same browser ends the session whose cookies it replaces, whoever’s it was, and no other', async () => {
  const email = freshEmail()
  const here = { ...cookie, 'sec-fetch-site': 'same-origin' }
  const first = jar(await enter({ email }))
  const elsewhere = jar(await app.call('post', '/auth/login', { email, password: PASSWORD }, here).expect(200))
  const other = jar(await enter())
  const again = jar(await app.call('post', '/auth/login', { email, password: PASSWORD }, { ...here, cookie: first }).expect(200))
  expect((await app.call('get', '/private', undefined, { cookie: first })).body.code).toBe('SESSION_REVOKED')
  expect((await app.call('post', '/auth/refresh', {}, { ...here, cookie: first })).body.code).toBe('REFRESH_TOKEN_INVALID')
  for (const cookies of [elsewhere, again]) await app.call('get', '/private', undefined, { cookie: cookies }).expect(200)
  const taken = jar(await app.call('post', '/auth/login', { email, password: PASSWORD }, { ...here, cookie: other }).expect(200))
  expect((await app.call('get', '/private', undefined, { cookie: other })).body.code).toBe('SESSION_REVOKED')
  const newcomer = jar(await enter({}, { cookie: taken, 'sec-fetch-site': 'same-origin' }))
  expect((await app.call('get', '/private', undefined, { cookie: taken })).body.code).toBe('SESSION_REVOKED')
  for (const cookies of [elsewhere, again, newcomer]) await app.call('get', '/private', undefined, { cookie: cookies }).expect(200)
})

test('R-070: the session replaced makes room itself, and where it cannot be ended the sign-in has not been', async () => {
  let isBroken = false
  const own = await makeApp({
    options: {
      sessions: { maxPerUser: 2 },
      hooks: {
        'session.revoked': () => {
          if (isBroken) throw new Error('broken')
        },
      },
    },
  })
  const email = freshEmail()
  const here = { ...cookie, 'sec-fetch-site': 'same-origin' }
  const login = (cookies = '') => own.call('post', '/auth/login', { email, password: PASSWORD }, { ...here, cookie: cookies })
  const elsewhere = jar(await own.call('post', '/auth/signup', { email, password: PASSWORD }, here).expect(201))
  own.clock.advance(1)
  const first = jar(await login().expect(200))
  isBroken = true
  await login(first).expect(500)
  for (const cookies of [elsewhere, first]) await own.call('get', '/private', undefined, { cookie: cookies }).expect(200)
  isBroken = false
  const again = jar(await login(first).expect(200))
  for (const cookies of [elsewhere, again]) await own.call('get', '/private', undefined, { cookie: cookies }).expect(200)
  await own.call('get', '/private', undefined, { cookie: first }).expect(401)
  expect(own.events.filter(({ name }) => name === 'session.evicted')).toEqual([])
})

test('R-070: a session that a hook makes in a request with cookies replaces none', async () => {
  const own = await makeApp({
    options: { identifiers: { email: true, username: true }, hooks: { 'user.afterUpdate': async ({ id }, { auth }) => void (await auth.sessions.create(id)) } },
  })
  const cookies = jar(await own.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }, cookie).expect(201))
  await own.call('patch', '/auth/me', { username: `two${process.pid}` }, { cookie: cookies, 'sec-fetch-site': 'same-origin' }).expect(200)
  await own.call('get', '/private', undefined, { cookie: cookies }).expect(200)
})

test('cookies.secure, sameSite, domain and prefix change names and attributes', async () => {
  const plain = await makeApp({ options: { cookies: { secure: false, prefix: 'my' } } })
  const [access] = (await plain.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }, cookie)).headers['set-cookie'] as unknown as string[]
  expect(access).toMatch(/^my\.access=/)
  expect(access).not.toMatch(/Secure/)
  const shared = await makeApp({ options: { cookies: { domain: 'example.com', sameSite: 'strict' } } })
  const [wide] = (await shared.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }, cookie)).headers['set-cookie'] as unknown as string[]
  expect(wide).toMatch(/^__Secure-lk\.access=.*Domain=example\.com.*SameSite=Strict/)
})

test("sameOrigin() protects the app's own routes, and lets bearer requests pass", async () => {
  const own = await makeApp({
    routes: (express, auth) => {
      express.post('/transfer', auth.sameOrigin(), auth.requireAuth(), (_req, res) => void res.json({ ok: true }))
    },
  })
  const entered = await own.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }, cookie)
  const cookies = jar(entered)
  await own.call('post', '/transfer', {}, { cookie: cookies, origin: 'https://evil.example' }).expect(403)
  await own.call('post', '/transfer', {}, { cookie: cookies, 'sec-fetch-site': 'same-origin' }).expect(200)
  const { accessToken } = await signUp(own)
  await own.call('post', '/transfer', {}, { authorization: `Bearer ${accessToken}`, origin: 'https://elsewhere.example' }).expect(200)
})

test('sameOrigin() for a whole app stands before all of its routes', async () => {
  const own = await makeApp({
    routes: (express, auth) => {
      express.use(auth.sameOrigin())
      express.post('/transfer', auth.requireAuth(), (_req, res) => void res.json({ ok: true }))
      express.get('/page', (_req, res) => void res.json({ ok: true }))
      express.post('/hook', (_req, res) => void res.json({ ok: true }))
    },
  })
  const cookies = jar(await own.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }, cookie))
  const foreign = { cookie: cookies, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  await own.call('post', '/transfer', {}, foreign).expect(403)
  await own.call('get', '/page', undefined, foreign).expect(200)
  await own.call('post', '/transfer', {}, { cookie: cookies, 'sec-fetch-site': 'same-origin' }).expect(200)
  await own.call('post', '/hook', {}, { authorization: 'Bearer of-another-kind' }).expect(200)
  // What comes from a server that knows neither browser headers nor ours has to be mounted before it.
  await own.call('post', '/hook', {}).expect(403)
})
