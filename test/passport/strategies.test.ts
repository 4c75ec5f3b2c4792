import { createPublicKey, type JsonWebKey } from 'node:crypto'
import express from 'express'
import { generateSync } from 'otplib'
import passport from 'passport'
import { ExtractJwt, Strategy as JwtStrategy, type SecretOrKeyProvider, type VerifyCallback } from 'passport-jwt'
import { Strategy as LocalStrategy } from 'passport-local'
import { AuthError } from '../../src/index.ts'
import { apiKeyStrategy, jwtStrategy, localStrategy, type PassportUser } from '../../src/passport/index.ts'
import { cookieHeader, cookiesOf } from '../support/federated.ts'
import { bearer, createClock, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../support/make-app.ts'
import { alone } from '../support/two-processes.ts'

let station: string | undefined
/** An app that has long run Passport, with a strategy of its own, and takes ours in beside it. */
const host = new passport.Passport()
const seen: { info?: any; status?: any }[] = []
let t: TestApp

beforeAll(async () => {
  t = await makeApp({
    options: {
      apiKeys: { enabled: true },
      identifiers: { email: true, phone: true, username: true },
      lockout: { maxAttempts: 3 },
      hooks: {
        'request.authenticated': () => {
          if (station === 'elsewhere') throw new AuthError('WRONG_STATION')
        },
      },
    },
    before: (app) => app.use(host.initialize()),
    routes: (app, auth) => {
      host.use('staff', new LocalStrategy((name, secret, done) => done(null, name === 'root' && secret === 'toor' ? { id: 'root' } : false)))
      host.use(localStrategy(auth))
      host.use('by-name', localStrategy(auth, { usernameField: 'name', passwordField: 'secret' }))
      host.use(jwtStrategy(auth))
      host.use(apiKeyStrategy(auth))
      const show: express.RequestHandler = (req, res) => void res.json({ user: req.user, authInfo: req.authInfo })
      const body = [express.json(), express.urlencoded({ extended: false })]
      app.post('/staff', body, host.authenticate('staff', { session: false }), show)
      app.post('/local', body, host.authenticate('local', { session: false }), show)
      app.post('/by-name', body, host.authenticate('by-name', { session: false }), show)
      app.post('/told', body, (req: express.Request, res: express.Response, next: express.NextFunction) => {
        host.authenticate('local', { session: false }, (error: unknown, user: PassportUser | false, info: object, status: number) => {
          seen.push({ info, status })
          if (error) return next(error)
          res.status(user ? 200 : 401).end()
        })(req, res, next)
      })
      app.get('/jwt', host.authenticate('jwt', { session: false }), show)
      app.post('/jwt', host.authenticate('jwt', { session: false }), show)
      app.get('/key', host.authenticate('api-key', { session: false }), show)
      app.get('/either', host.authenticate(['jwt', 'api-key'], { session: false }), show)
      app.get('/guarded', host.authenticate('jwt', { session: false }), auth.requireRole('editor'), show)
    },
  })
})

test('the strategies sit beside those the app has, and change nothing about them', async () => {
  expect((await t.call('post', '/staff', { username: 'root', password: 'toor' }).expect(200)).body.user).toEqual({ id: 'root' })
  await t.call('post', '/staff', { username: 'root', password: 'x' }).expect(401)
})

test('the hook request.authenticated keeps out whom a strategy has found', async () => {
  const { accessToken, user } = await signUp(t)
  const { key } = await t.auth.apiKeys.create({ userId: user.id, name: 'ci' })
  const ask = async () => [
    (await t.call('get', '/jwt', undefined, bearer(accessToken))).status,
    (await t.call('get', '/key', undefined, { 'x-api-key': key })).status,
  ]
  expect(await ask()).toEqual([200, 200])
  station = 'elsewhere'
  expect(await ask()).toEqual([403, 403])
  station = undefined
})

describe('localStrategy', () => {
  test('signs in: req.user is who, req.authInfo holds the session and its tokens', async () => {
    const { user } = await signUp(t)
    await t.auth.roles.create({ name: 'editor' })
    await t.auth.roles.assign(user.id, 'editor')
    const { body } = await t.call('post', '/local', { email: user.email, password: PASSWORD }).expect(200)
    expect(body.user).toEqual({ id: user.id, sessionId: body.authInfo.session.id, tenantId: null, roles: ['editor'] })
    await t.call('get', '/private', undefined, bearer(body.authInfo.accessToken)).expect(200)
    const jwt = await t.call('get', '/jwt', undefined, bearer(body.authInfo.accessToken)).expect(200)
    expect(jwt.body.user).toEqual(body.user)
    await t.call('get', '/guarded', undefined, bearer(body.authInfo.accessToken)).expect(200)
    await t.call('get', '/guarded', undefined, bearer((await signUp(t)).accessToken)).expect(403)
  })

  test('takes a phone number or a username, from the fields it was told', async () => {
    await t.auth.users.create({ username: 'ada.l', password: PASSWORD, phone: '+4915112345680' })
    for (const name of ['ADA.L', '+49 151 12345680']) await t.call('post', '/by-name', { name, secret: PASSWORD }).expect(200)
    await t.call('post', '/by-name', { email: 'ada.l', password: PASSWORD }).expect(400)
  })

  test('a form will do; a query, an object, an array and nothing will not', async () => {
    const { user } = await signUp(t)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    await t
      .call('post', '/local', undefined, form)
      .send(new URLSearchParams({ email: user.email, password: PASSWORD }).toString())
      .expect(200)
    await t.call('post', `/local?email=${user.email}&password=${encodeURIComponent(PASSWORD)}`, {}).expect(400)
    for (const body of [
      { email: { $ne: null }, password: PASSWORD },
      { email: [user.email], password: PASSWORD },
      { email: user.email, password: { length: 1 } },
      {},
    ])
      await t.call('post', '/local', body).expect(400)
    await t.call('post', '/local', { email: user.email, password: 'a\0b' }).expect(400)
  })

  test('R-020, R-030: wrong and unknown look alike, and the lockout of the account holds', async () => {
    const { user } = await signUp(t)
    seen.length = 0
    await t.call('post', '/told', { email: user.email, password: 'wrong' }).expect(401)
    await t.call('post', '/told', { email: freshEmail(), password: 'wrong' }).expect(401)
    await t.call('post', '/told', { email: 'no address', password: 'wrong' }).expect(401)
    expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(seen[0]).toEqual({ info: { code: 'INVALID_CREDENTIALS', message: expect.any(String) }, status: 401 })
    for (let round = 0; round < 3; round++) await t.call('post', '/told', { email: user.email, password: 'wrong' }).expect(401)
    await t.call('post', '/told', { email: user.email, password: PASSWORD }).expect(401)
    expect(seen.at(-1)).toMatchObject({ info: { code: 'TOO_MANY_ATTEMPTS', retryAfter: expect.any(Number) }, status: 429 })
  })

  test('R-111: a sign-in that waits for a second factor lets nobody in', async () => {
    const { user, accessToken } = await signUp(t)
    const { body } = await t.call('post', '/auth/mfa/totp', {}, bearer(accessToken)).expect(200)
    const code = generateSync({ secret: body.secret, epoch: Math.floor(t.clock.now().getTime() / 1000), digits: 6, period: 30 })
    await t.call('post', `/auth/mfa/totp/${body.id}/confirm`, { code }, bearer(accessToken)).expect(200)
    await t.call('post', '/local', { email: user.email, password: PASSWORD }).expect(401)
    await t.call('post', '/told', { email: user.email, password: PASSWORD }).expect(401)
    expect(seen.at(-1)!.info).toMatchObject({ code: 'SIGN_IN_INCOMPLETE', status: 'mfa_required', mfaToken: expect.any(String) })
  })
})

describe('jwtStrategy', () => {
  test('R-090: refuses what requireAuth refuses, revoked sessions included', async () => {
    const { user, accessToken } = await signUp(t)
    await t.call('get', '/jwt', undefined, bearer(accessToken)).expect(200)
    for (const headers of [{}, bearer('a.b.c'), bearer(`${accessToken.slice(0, -2)}xx`), { authorization: 'Basic x' }])
      await t.call('get', '/jwt', undefined, headers).expect(401)
    await t.call('get', `/jwt?access_token=${accessToken}`).expect(401)
    await t.auth.sessions.revokeAll(user.id)
    await t.call('get', '/jwt', undefined, bearer(accessToken)).expect(401)
    const { accessToken: later } = await signUp(t)
    t.clock.advance(901)
    await t.call('get', '/jwt', undefined, bearer(later)).expect(401)
  })

  test('R-079: a cookie is taken, but not from a page of another site', async () => {
    const { user } = await signUp(t)
    const login = await t.call('post', '/auth/login', { email: user.email, password: PASSWORD }, { 'x-auth-transport': 'cookie' }).expect(200)
    const cookies = cookieHeader(cookiesOf(login))
    expect((await t.call('get', '/jwt', undefined, cookies).expect(200)).body.user.id).toBe(user.id)
    await t.call('post', '/jwt', {}, { ...cookies, 'sec-fetch-site': 'same-origin' }).expect(200)
    await t.call('post', '/jwt', {}, { ...cookies, 'sec-fetch-site': 'cross-site' }).expect(403)
  })
})

test('apiKeyStrategy takes keys and nothing else; jwtStrategy takes no keys; both together take either', async () => {
  const { user, accessToken } = await signUp(t)
  const { key, id } = await t.auth.apiKeys.create({ userId: user.id, name: 'ci' })
  const byKey = { 'x-api-key': key }
  expect((await t.call('get', '/key', undefined, byKey).expect(200)).body.user).toEqual({ id: user.id, sessionId: null, tenantId: null, roles: [] })
  await t.call('get', '/key', undefined, { authorization: `ApiKey ${key}` }).expect(200)
  await t.call('get', '/key', undefined, bearer(accessToken)).expect(401)
  await t.call('get', '/key').expect(401)
  await t.call('get', '/jwt', undefined, byKey).expect(401)
  await t.call('get', '/either', undefined, byKey).expect(200)
  await t.call('get', '/either', undefined, bearer(accessToken)).expect(200)
  await t.auth.apiKeys.revoke(id)
  await t.call('get', '/key', undefined, byKey).expect(401)
})

alone("the app's own passport-jwt reads our tokens by the keys we publish, where their algorithm is one it knows", async () => {
  const own = new passport.Passport()
  const app = await makeApp({
    clock: createClock(new Date()), // jsonwebtoken looks at the machine's clock
    options: { tokens: { algorithm: 'ES256' } },
    routes: (app) => {
      const verify: VerifyCallback = (claims, done) => done(null, { id: claims.sub })
      const findKey: SecretOrKeyProvider = (_req, token, done) => {
        app.locals.keys().then((keys: Record<string, string>) => done(null, keys[JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid]))
      }
      const jwtFromRequest = ExtractJwt.fromAuthHeaderAsBearerToken()
      own.use(new JwtStrategy({ jwtFromRequest, secretOrKeyProvider: findKey, algorithms: ['ES256'], issuer: 'https://api.example.com/auth' }, verify))
      app.get('/own', own.authenticate('jwt', { session: false }), (req, res) => void res.json(req.user))
    },
  })
  app.app.locals.keys = async () => {
    const { body } = await app.call('get', '/auth/.well-known/jwks.json').expect(200)
    return Object.fromEntries(
      body.keys.map((jwk: JsonWebKey & { kid: string }) => [
        jwk.kid,
        createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString(),
      ]),
    )
  }
  const { user, accessToken } = await signUp(app)
  expect((await app.call('get', '/own', undefined, bearer(accessToken)).expect(200)).body).toEqual({ id: user.id })
  await app.call('get', '/own', undefined, bearer(`${accessToken.slice(0, -4)}AAAA`)).expect(401)
})

test('what createAuth did not make is refused', () => {
  expect(() => jwtStrategy({ ...t.auth })).toThrow(/the instance that createAuth\(\) made/)
})

test('R-193: a strategy whose check throws nothing lets nobody in', async () => {
  const own = new passport.Passport()
  let isBroken = false
  const app = await makeApp({
    options: { rbac: { resolveRoles: () => (isBroken ? Promise.reject(undefined) : []) } },
    routes: (express, auth) => {
      own.use(jwtStrategy(auth))
      express.get('/jwt', own.initialize(), own.authenticate('jwt', { session: false }), (_req, res) => void res.send('in'))
    },
  })
  const { accessToken } = await signUp(app)
  await app.call('get', '/jwt', undefined, bearer(accessToken)).expect(200)
  isBroken = true
  await app.call('get', '/jwt', undefined, bearer(accessToken)).expect(500)
})
