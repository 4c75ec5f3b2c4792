import type { Server } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import type { ErrorRequestHandler } from 'express'
import express4 from 'express4'
import {
  AuthError,
  type AuthOptions,
  authErrorHandler,
  authed,
  authRouter,
  getAuth,
  requireAuth,
  requirePermission,
  requireRole,
  requireStepUp,
  requireTenant,
} from '../../src/index.ts'
import { until } from '../support/load.ts'
import { bearer, freshEmail, makeApp, ownClient, PASSWORD, SECRET, signUp, type TestApp } from '../support/make-app.ts'
import { alone, isDoubled } from '../support/two-processes.ts'

let app: TestApp
beforeAll(async () => {
  app = await makeApp({
    routes: (express, auth) => {
      express.get('/optional', auth.optionalAuth(), (req, res) => {
        const who = getAuth(req)
        res.json(who.signedIn ? { id: who.user.id } : { id: null })
      })
      express.get('/guest', auth.requireGuest(), (_req, res) => void res.json({ ok: true }))
      express.get('/both', auth.requireRole({ all: ['editor', 'admin'] }), (_req, res) => void res.json({ ok: true }))
      express.get('/either', auth.requireRole('editor', 'admin'), (_req, res) => void res.json({ ok: true }))
      express.get('/context', auth.requireAuth(), async (_req, res) => {
        await new Promise((resolve) => setTimeout(resolve, 2))
        res.json({ id: auth.context()?.user.id })
      })
      express.get(
        '/authed',
        auth.requireAuth(),
        authed(async (req, res) => res.json({ id: req.auth.user.id, email: (await req.auth.getUser())?.email, user: (req as any).user })),
      )
      express.get(
        '/rejects',
        auth.requireAuth(),
        authed(async () => Promise.reject(new AuthError('FORBIDDEN'))),
      )
      express.get('/unguarded', (req, res) => void res.json(getAuth(req)))
      express.use(authErrorHandler)
    },
  })
  await signUp(app) // makes the signing key
  await app.auth.roles.create({ name: 'admin' })
  await app.auth.roles.create({ name: 'editor' })
})
const get = (path: string, token?: string, on = app) => on.call('get', path, undefined, token ? bearer(token) : {})

test('requireAuth: 401 without a credential, 200 with one, and no query once the token was seen', async () => {
  const { accessToken, user, session } = await signUp(app)
  const { body } = await get('/private', accessToken).expect(200)
  expect(body).toMatchObject({ user: { id: user.id }, session: { id: session.id, amr: ['pwd'] }, tenantId: null, roles: [], via: 'bearer' })
  app.statements()
  for (let i = 0; i < 5; i++) await get('/private', accessToken).expect(200)
  expect(app.statements()).toEqual([])
  const problem = await get('/private')
    .expect(401)
    .expect('content-type', /application\/problem\+json/)
  expect(problem.body).toEqual({ type: 'about:blank', title: 'Unauthenticated', status: 401, code: 'UNAUTHENTICATED', detail: expect.any(String) })
})

test('R-062: an access token is good until its last second and not beyond', async () => {
  const { accessToken, expiresIn } = await signUp(app)
  app.clock.advance(expiresIn - 1)
  await get('/private', accessToken).expect(200)
  app.clock.advance(1)
  expect((await get('/private', accessToken).expect(401)).body.code).toBe('TOKEN_EXPIRED')
  expect((await get('/private', accessToken).expect(401)).body.code).toBe('TOKEN_EXPIRED')
})

test('optionalAuth lets everyone through and says who it is; a bad credential counts as none', async () => {
  const { accessToken, user } = await signUp(app)
  expect((await get('/optional')).body).toEqual({ id: null })
  expect((await get('/optional', 'nonsense')).body).toEqual({ id: null })
  expect((await get('/optional', accessToken)).body).toEqual({ id: user.id })
})

describe('R-193, F-20: whatever is thrown while a request is looked at, nobody gets in', () => {
  const thrown = [undefined, null, 0, '', 'route', 'router', 'text', new Error('boom')]
  const guards = ['requireAuth', 'optionalAuth', 'requireGuest', 'requireStepUp', 'requireMfa', 'requireVerifiedEmail'] as const
  const paths = [...guards.map((name) => `/${name}`), '/permission', '/private']

  test.each([
    ['a hook, on Express 5', { hooks: 'request.authenticated' }, undefined],
    ['a hook, on Express 4', { hooks: 'request.authenticated' }, express4],
    ['a resolver', { rbac: 'resolveRoles' }, undefined],
  ])('by %s', async (_name, where, framework) => {
    let fails: { with: unknown } | undefined
    const plugIn = async () => {
      if (fails) throw fails.with
      return []
    }
    const options = Object.fromEntries(Object.entries(where).map(([option, name]) => [option, { [name]: plugIn }])) as Partial<AuthOptions>
    const own = await makeApp({
      ...(framework && { framework: framework as never }),
      options,
      routes: (express, auth) => {
        for (const name of guards) express.get(`/${name}`, auth[name](), (_req, res) => void res.send('in'))
        express.get('/permission', auth.requirePermission('a:b'), (_req, res) => void res.send('in'))
        express.use(((_error, _req, res, _next) => void res.status(500).send('kept out')) as ErrorRequestHandler)
      },
    })
    const { accessToken } = await signUp(own)
    for (const value of thrown) {
      fails = { with: value }
      for (const path of paths) expect([path, value, (await get(path, accessToken, own)).status]).toEqual([path, value, 500])
    }
  })

  test('authed(handler) that rejects with nothing does not go on to the next handler', async () => {
    const rejects = authed(() => Promise.reject(undefined))
    const own = await makeApp({ routes: (express, auth) => express.get('/rejects', auth.requireAuth(), rejects, (_req, res) => void res.send('in')) })
    await get('/rejects', (await signUp(own)).accessToken, own).expect(500)
  })
})

test('the hook request.authenticated sees every request that is let in, those of the router too, and may refuse it', async () => {
  const seen: unknown[] = []
  const own = await makeApp({
    options: {
      hooks: {
        'request.authenticated': ({ auth }, { req }) => {
          seen.push([auth.user.id, req?.path])
          if (req?.get('x-station') === 'elsewhere') throw new AuthError('WRONG_STATION')
        },
      },
    },
  })
  const { accessToken, user } = await signUp(own)
  for (const path of ['/private', '/auth/me']) {
    await get(path, accessToken, own).expect(200)
    expect(seen.splice(0)).toEqual([[user.id, path.replace('/auth', '')]])
    const refused = await own.call('get', path, undefined, { ...bearer(accessToken), 'x-station': 'elsewhere' })
    expect(refused.body).toMatchObject({ status: 403, code: 'WRONG_STATION' })
    seen.length = 0
    await get(path, undefined, own).expect(401)
    expect(seen).toEqual([])
  }
})

test('the hook request.authenticated keeps out of the routes that find out themselves who asks, and signing out goes on', async () => {
  let isOpen = true
  const own = await makeApp({
    options: {
      tenants: { mode: 'shared' },
      hooks: {
        'request.authenticated': () => {
          if (!isOpen) throw new AuthError('WRONG_STATION')
        },
      },
    },
  })
  const { accessToken } = await signUp(own)
  isOpen = false
  const asks: [string, object][] = [
    ['/change-password', { currentPassword: PASSWORD, newPassword: 'another horse battery staple' }],
    ['/mfa/totp', {}],
    ['/invitations/accept', { token: 'x' }],
    ['/verify-email/send', {}],
    ['/verify-email', { token: 'x' }],
    ['/change-email/confirm', { code: '123456' }],
  ]
  for (const [path, body] of asks) {
    const answer = await own.call('post', `/auth${path}`, body, bearer(accessToken))
    expect([path, answer.body.code]).toEqual([path, 'WRONG_STATION'])
  }
  await own.call('post', '/auth/logout', undefined, bearer(accessToken)).expect(204)
})

test("what the app's own queries in a resolver or a hook fail with goes to the app's handler, not to the client as a conflict", async () => {
  let code: string | undefined
  const plugIn = async () => {
    if (code) throw Object.assign(new Error('of the app'), { code })
    return []
  }
  for (const options of [{ rbac: { resolveRoles: plugIn } }, { hooks: { 'request.authenticated': async () => void (await plugIn()) } }]) {
    code = undefined
    const own = await makeApp({
      options,
      routes: (express) => express.use(((error, _req, res, _next) => void res.status(500).send(error.code)) as ErrorRequestHandler),
    })
    const { accessToken } = await signUp(own)
    for (code of ['P2002', 'P2003', 'P2025']) {
      const answer = await get('/private', accessToken, own)
      expect([answer.status, answer.text]).toEqual([500, code])
    }
  }
})

test('requireGuest refuses who is signed in', async () => {
  const { accessToken } = await signUp(app)
  await get('/guest').expect(200)
  expect((await get('/guest', accessToken).expect(409)).body.code).toBe('ALREADY_SIGNED_IN')
})

test('R-097, regression 8: a role counts from the next request on, and a removed one no longer', async () => {
  const { accessToken, user } = await signUp(app)
  await get('/admin', accessToken).expect(403)
  await app.auth.roles.assign(user.id, 'admin')
  await app.auth.roles.assign(user.id, 'admin')
  await get('/admin', accessToken).expect(200)
  await get('/either', accessToken).expect(200)
  await get('/both', accessToken).expect(403)
  await app.auth.roles.assign(user.id, 'editor')
  await get('/both', accessToken).expect(200)
  app.statements()
  await get('/both', accessToken).expect(200)
  if (!isDoubled) expect(app.statements()).toEqual([])
  const fresh = (await app.call('post', '/auth/login', { email: user.email, password: PASSWORD })).body.accessToken
  await get('/both', fresh).expect(200)
  await app.auth.roles.remove(user.id, 'admin')
  for (const token of [accessToken, fresh]) await get('/admin', token).expect(403)
  expect(await app.auth.roles.of(user.id)).toEqual(['editor'])
})

test('roles: one name once, and only for those who exist', async () => {
  await expect(app.auth.roles.create({ name: 'admin' })).rejects.toMatchObject({ code: 'ROLE_TAKEN' })
  await expect(app.auth.roles.create({ name: 'no\nline' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  const { user } = await signUp(app)
  await expect(app.auth.roles.assign(user.id, 'nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(app.auth.roles.assign('no-user', 'admin')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await Promise.all(Array.from({ length: 10 }, () => app.auth.roles.assign(user.id, 'admin')))
  expect(await app.auth.roles.of(user.id)).toEqual(['admin'])
  expect((await app.auth.roles.list()).map(({ name }) => name)).toEqual(['admin', 'editor'])
})

test('auth.context() is the same anywhere below the guard, request by request', async () => {
  const people = await Promise.all([signUp(app), signUp(app), signUp(app)])
  const answers = await Promise.all(people.map(({ accessToken }) => get('/context', accessToken)))
  expect(answers.map(({ body }) => body.id)).toEqual(people.map(({ user }) => user.id))
  expect(app.auth.context()).toBeUndefined()
})

describe('auth.context()', () => {
  test('is there for the first who asks, however many requests went by without', async () => {
    const own = await makeApp({
      routes: (express, auth) => express.get('/context', auth.requireAuth(), async (_req, res) => void res.json({ id: auth.context()?.user.id })),
    })
    const { accessToken, user } = await signUp(own)
    for (let i = 0; i < 1100; i++) await get('/private', accessToken, own)
    expect((await get('/context', accessToken, own)).body).toEqual({ id: user.id })
  })

  test("is each instance's own: one answers nothing of whom another let in, and both answer where both did", async () => {
    const other = await makeApp({ options: { secret: `${SECRET}-other`, tokens: { issuer: 'other' } } })
    const both = ({ auth }: TestApp) => [app.auth.context()?.user.id ?? null, auth.context()?.user.id ?? null]
    app.app.get('/of-one', app.auth.requireAuth(), (_req, res) => void res.json(both(other)))
    app.app.get(
      '/of-both',
      app.auth.requireAuth(),
      (req, _res, next) => {
        req.headers.authorization = String(req.headers['x-other'])
        next()
      },
      other.auth.requireAuth(),
      app.auth.optionalAuth(),
      (_req, res) => void res.json(both(other)),
    )
    const [mine, theirs] = [await signUp(app), await signUp(other)]
    expect((await get('/of-one', mine.accessToken)).body).toEqual([mine.user.id, null])
    const headers = { ...bearer(mine.accessToken), 'x-other': `Bearer ${theirs.accessToken}` }
    expect((await app.call('get', '/of-both', undefined, headers)).body).toEqual([mine.user.id, theirs.user.id])
  })

  test('says so where the option `context` is false', async () => {
    const own = await makeApp({
      options: { context: false },
      routes: (express, auth) => {
        express.get('/context', auth.requireAuth(), (_req, res) => {
          expect(() => auth.context()).toThrow(/switched off: take `context: false` out of the options/)
          res.json({})
        })
      },
    })
    await get('/context', (await signUp(own)).accessToken, own).expect(200)
  })
})

test('authed narrows, getUser reads the database, req.user is what Passport-style code expects', async () => {
  const { accessToken, user, session } = await signUp(app)
  expect((await get('/authed', accessToken)).body).toEqual({
    id: user.id,
    email: user.email,
    user: { id: user.id, sessionId: session.id, tenantId: null, roles: [] },
  })
  expect((await get('/rejects', accessToken)).body.code).toBe('FORBIDDEN')
})

test('getAuth where no guard ran is a mistake, and says so', async () => {
  expect((await get('/unguarded')).status).toBe(500)
})

test('R-071: a session ended in one process is refused in another within the polling interval', async () => {
  const other = await makeApp({ clock: app.clock, options: { feed: { pollEvery: 1 } } })
  const { accessToken, session } = await signUp(app)
  await get('/private', accessToken, other).expect(200)
  await app.auth.sessions.revoke(session.id)
  await get('/private', accessToken).expect(401)
  await eventually(async () => expect((await get('/private', accessToken, other)).body.code).toBe('SESSION_REVOKED'))
})

test('R-097: a role given in one process counts in another within the polling interval', async () => {
  const other = await makeApp({ clock: app.clock, options: { feed: { pollEvery: 1 } } })
  const { accessToken, user } = await signUp(app)
  await get('/admin', accessToken, other).expect(403)
  await app.auth.roles.assign(user.id, 'admin')
  await eventually(async () => expect((await get('/admin', accessToken, other)).status).toBe(200))
})

test('a process that starts after a revocation knows of it', async () => {
  const { accessToken, session } = await signUp(app)
  await app.auth.sessions.revoke(session.id)
  const late = await makeApp({ clock: app.clock })
  expect((await get('/private', accessToken, late)).body.code).toBe('SESSION_REVOKED')
})

test("sessions.check 'database' asks on each request, in one statement", async () => {
  const other = await makeApp({ clock: app.clock, options: { sessions: { check: 'database' }, feed: { pollEvery: '1h' } } })
  const { accessToken, session, user } = await signUp(app)
  await app.auth.roles.assign(user.id, 'admin')
  await get('/admin', accessToken, other).expect(200)
  other.statements()
  await get('/private', accessToken, other).expect(200)
  expect(other.statements()).toHaveLength(1)
  await app.auth.roles.remove(user.id, 'admin')
  await get('/admin', accessToken, other).expect(403)
  await app.auth.sessions.revoke(session.id)
  expect((await get('/private', accessToken, other)).body.code).toBe('SESSION_REVOKED')
})

test("sessions.check 'database': requests that come at once ask in one statement, and each is answered for its own session", async () => {
  const other = await makeApp({ clock: app.clock, options: { sessions: { check: 'database' }, feed: { pollEvery: '1h' } } })
  const people = [await signUp(app), await signUp(app), await signUp(app), await signUp(app)] as const
  for (const { accessToken } of people) await get('/private', accessToken, other).expect(200)
  await app.auth.sessions.revoke(people[1].session.id)
  await app.auth.users.suspend(people[2].user.id)
  await get('/private', people[3].accessToken, other).expect(200)
  other.statements()
  const answers = await pipelined(
    other.server,
    people.map(({ accessToken }) => accessToken),
  )
  expect(answers).toEqual([people[0].user.id, 'SESSION_REVOKED', 'SESSION_REVOKED', people[3].user.id])
  expect(other.statements()).toHaveLength(1)
})

/** One write on one connection: the server reads all of the requests in one turn. Who each was answered for, or why not. */
async function pipelined(server: Server, tokens: readonly string[]): Promise<string[]> {
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(tokens.map((token) => `GET /private HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`).join(''))
  let text = ''
  const found = () => [...text.matchAll(/"user":\{"id":"([^"]+)"|"code":"(\w+)"/g)].map(([, id, code]) => id ?? code ?? '')
  for await (const chunk of socket) {
    text += chunk
    if (found().length === tokens.length) break
  }
  return found()
}

test('R-072: suspending or deleting a user ends everything at once; who comes back inherits nothing', async () => {
  const { accessToken, refreshToken, user } = await signUp(app)
  await app.auth.users.suspend(user.id, { reason: 'abuse' })
  expect((await get('/private', accessToken)).body.code).toBe('SESSION_REVOKED')
  await app.call('post', '/auth/refresh', { refreshToken }).expect(401)
  await app.auth.users.reactivate(user.id)
  const back = (await app.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)).body
  await app.auth.roles.assign(user.id, 'admin')
  await app.auth.users.delete(user.id)
  expect((await get('/private', back.accessToken)).body.code).toBe('SESSION_REVOKED')
  const again = await signUp(app, { email: user.email })
  expect(again.user.id).not.toBe(user.id)
  await get('/admin', again.accessToken).expect(403)
  expect(await app.auth.sessions.list(again.user.id)).toHaveLength(1)
  const { data } = await app.auth.audit.query({ userId: user.id, event: 'user.deleted' })
  expect(data).toHaveLength(1)
})

test('a suspension with an end is over then', async () => {
  const { user } = await signUp(app)
  const until = new Date(app.clock.now().getTime() + 60_000)
  await app.auth.users.suspend(user.id, { until })
  expect((await app.auth.users.get(user.id))?.status).toBe('suspended')
  await app.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(403)
  app.clock.advance(60)
  expect((await app.auth.users.get(user.id))?.status).toBe('active')
  await app.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)
})

test('a suspension and sign-ins at the same moment never leave a live session', async () => {
  for (let round = 0; round < 3; round++) {
    const { user } = await signUp(app)
    await Promise.all([
      ...Array.from({ length: 4 }, () => app.call('post', '/auth/login', { email: user.email, password: PASSWORD })),
      app.auth.users.suspend(user.id),
    ])
    expect(await app.auth.sessions.list(user.id)).toEqual([])
  }
})

test('a guard that is told what means nothing stops the start, of the default instance too', () => {
  const free = { requireTenant, requireRole, requirePermission, requireStepUp }
  const wrong = (guards: typeof free, value: any): [() => unknown, RegExp][] => [
    [() => guards.requireTenant({ from: value }), /requireTenant\(\{ from \}\) takes one of 'token', 'header', 'param', 'subdomain'/],
    [() => guards.requireTenant({ from: 'param', param: '' }), /requireTenant\(\{ param \}\) takes a name/],
    [() => guards.requireRole({ any: ['a'], scope: value }), /requireRole\(\{ scope \}\) takes one of 'tenant', 'platform', 'any'/],
    [() => guards.requireRole({ any: ['a'], guard: '' }), /requireRole\(\{ guard \}\) takes a name/],
    [() => guards.requireRole(), /requireRole needs at least one name/],
    [() => guards.requireRole({ all: [] }), /requireRole needs at least one name/],
    [() => guards.requireRole(null as never), /requireRole needs at least one name/],
    [() => guards.requirePermission(''), /requirePermission needs at least one name/],
    [() => guards.requireStepUp({ maxAge: value }), /requireStepUp\(\{ maxAge \}\) takes seconds/],
  ]
  for (const guards of [free, app.auth]) {
    for (const [make, message] of [...wrong(guards, 'bogus'), ...wrong(guards, 'constructor')]) {
      expect(make).toThrow(TypeError)
      expect(make).toThrow(message)
    }
  }
})

test('auth.on takes the name of an event and a function', () => {
  for (const wrong of [5, undefined, {}] as never[]) {
    expect(() => app.auth.on('user.created', wrong)).toThrow(new TypeError("latchkey: on('user.created', listener) takes a function"))
  }
  expect(() => app.auth.on('user.creatd' as never, () => {})).toThrow(TypeError)
})

test('the default instance: authRouter(opts) and the free-standing guards, on Express 4', async () => {
  const prisma = await ownClient()
  const quiet = () => {} // nobody closes this instance, and what it says when its database is gone belongs to no test
  const own = await makeApp({
    prisma,
    framework: express4 as never,
    routes: (express) => {
      express.use(
        '/v2/auth',
        authRouter({
          prisma,
          secret: SECRET,
          password: { allowWeakHash: true, argon2: { memoryCost: 64, timeCost: 1 } },
          limits: { enabled: false },
          feed: { pollEvery: '1h' },
          logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
        }),
      )
      express.get('/me', requireAuth(), (req, res) => void res.json({ id: req.auth?.user.id }))
      express.get('/boss', requireAuth(), requireRole('admin'), (_req, res) => void res.json({ ok: true }))
    },
  })
  const { body } = await own.call('post', '/v2/auth/signup', { email: freshEmail(), password: PASSWORD }).expect(201)
  expect((await get('/me', body.accessToken, own)).body).toEqual({ id: body.user.id })
  await get('/boss', body.accessToken, own).expect(403)
  await get('/me', undefined, own).expect(401)
  expect((await own.call('get', '/v2/auth/openapi.json')).body.servers).toEqual([{ url: '/v2/auth' }])
  await own.call('post', '/v2/auth/login', { email: 'x' }).expect(422)
})

async function eventually(check: () => Promise<void>, tries = 60) {
  for (let i = 1; ; i++) {
    try {
      return await check()
    } catch (error) {
      if (i === tries) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

test('a guard that has asked once lets the next request with the same token on within the same turn', async () => {
  const t = await makeApp({
    options: { tenants: { mode: 'shared' } },
    routes: (express, auth) => {
      const guards = { email: auth.requireVerifiedEmail(), tenant: auth.requireTenant(), role: auth.requireRole({ any: ['clerk'], guard: 'api' }) }
      express.get('/in-turn/:name', (req, res) => {
        let isIn = false
        guards[req.params.name as keyof typeof guards](req, res, () => {
          isIn = true
        })
        const wasIn = isIn
        setTimeout(() => res.json({ wasIn, isIn }), 50)
      })
    },
  })
  const user = await t.auth.users.create({ email: freshEmail(), emailVerified: true })
  const tenant = await t.auth.tenants.create({ name: 'In turn', ownerId: user.id })
  await t.auth.roles.create({ name: 'clerk', guard: 'api', tenantId: tenant.id })
  await t.auth.roles.assign(user.id, 'clerk', { tenantId: tenant.id, guard: 'api' })
  const { accessToken } = await t.auth.sessions.create(user.id, { tenantId: tenant.id })
  // Once in each process.
  const asked = async (path: string) => {
    for (let n = 0; n < 2; n++) await get(path, accessToken, t).expect(200)
  }
  await asked('/private')
  for (const name of ['email', 'tenant', 'role']) {
    await asked(`/in-turn/${name}`)
    expect((await get(`/in-turn/${name}`, accessToken, t)).body).toEqual({ wasIn: true, isIn: true })
  }
})

alone('R-097, R-174: of two readings of the roles that overlap, the older one that ends last changes nothing', async () => {
  const client = await ownClient()
  let held: Promise<void> | undefined
  const isOfUser = (args: any) => args?.where?.memberships !== undefined
  const authRole = new Proxy(client.authRole as any, {
    get: (model, method) =>
      method !== 'findMany'
        ? model[method]
        : async (args: any) => {
            const found = await model.findMany(args)
            const wait = isOfUser(args) ? held : undefined
            if (wait) held = undefined
            await wait
            return found
          },
  })
  const prisma = new Proxy(client as any, { get: (inner, name) => (name === 'authRole' ? authRole : Reflect.get(inner, name)) })
  const t = await makeApp({ prisma })
  const [admin, other] = [
    await t.auth.roles.create({ name: `admin-${process.pid}-overlap` }),
    await t.auth.roles.create({ name: `other-${process.pid}-overlap` }),
  ]
  t.app.get('/as-admin', t.auth.requireRole(admin.name), (_req, res) => void res.json({}))
  const { user, accessToken } = await signUp(t)
  const ask = async () => (await t.call('get', '/as-admin', undefined, bearer(accessToken))).status
  await t.auth.roles.assign(user.id, admin.name)
  expect(await ask()).toBe(200)
  await t.auth.roles.assign(user.id, other.name)
  let release = () => {}
  held = new Promise((resolve) => {
    release = resolve
  })
  const slow = ask()
  await until(async () => held === undefined)
  await t.auth.roles.remove(user.id, admin.name)
  expect(await ask()).toBe(403)
  release()
  await slow
  for (let i = 0; i < 3; i++) expect(await ask()).toBe(403)
})
