import request from 'supertest'
import { z } from 'zod'
import { AuthError } from '../../../src/index.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await makeApp({ options: { identifiers: { email: true, username: true }, metadata: z.strictObject({ colour: z.enum(['red', 'blue']) }) } })
})

test('GET /me is live from the database', async () => {
  const { accessToken, user, session } = await signUp(app)
  await app.auth.roles.create({ name: 'member' })
  await app.auth.roles.assign(user.id, 'member')
  const { body } = await app.call('get', '/auth/me', undefined, bearer(accessToken)).expect(200)
  expect(body).toMatchObject({
    user: { id: user.id, email: user.email },
    session: { id: session.id, amr: ['pwd'] },
    roles: ['member'],
    memberships: [],
    permissions: [],
    platformRoles: [],
  })
  expect(JSON.stringify(body)).not.toMatch(/argon2|hash/i)
})

test("PATCH /me changes the username, which must be free, and metadata by the app's schema", async () => {
  const [one, other] = [await signUp(app, { username: 'first.one' }), await signUp(app)]
  const patch = (body: object, token = other.accessToken) => app.call('patch', '/auth/me', body, bearer(token))
  expect((await patch({ username: 'FIRST.one' }).expect(409)).body.code).toBe('USERNAME_TAKEN')
  expect((await patch({ username: 'Second.One', metadata: { colour: 'red' } }).expect(200)).body.user).toMatchObject({
    username: 'second.one',
    metadata: { colour: 'red' },
  })
  expect((await patch({ metadata: { colour: 'green' } }).expect(422)).body.errors[0].path).toBe('metadata.colour')
  for (const field of ['email', 'role', 'emailVerified', 'passwordHash', 'id', 'status', 'tenantId']) await patch({ [field]: 'x' }).expect(422)
  expect((await patch({ username: null }).expect(200)).body.user.username).toBeNull()
  await app.call('post', '/auth/login', { username: 'first.one', password: PASSWORD }).expect(200)
  const closed = await makeApp({ clock: app.clock })
  await closed.call('patch', '/auth/me', { metadata: {} }, bearer(one.accessToken)).expect(422)
  await closed.call('patch', '/auth/me', { username: 'x.y.z' }, bearer(one.accessToken)).expect(422)
})

test('R-075: DELETE /me asks for a recent sign-in, and takes everything with it', async () => {
  const { user, refreshToken } = await signUp(app)
  app.clock.advance(901)
  const { body: stale } = await app.call('post', '/auth/refresh', { refreshToken }).expect(200)
  const refused = await app.call('delete', '/auth/me', undefined, bearer(stale.accessToken)).expect(403)
  expect(refused.body).toMatchObject({ code: 'STEP_UP_REQUIRED', methods: ['password'] })
  const { body: fresh } = await app.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)
  await app.call('delete', '/auth/me', undefined, bearer(fresh.accessToken)).expect(204)
  await app.call('get', '/auth/me', undefined, bearer(fresh.accessToken)).expect(401)
  expect(await app.prisma.authSession.count({ where: { userId: user.id } })).toBe(0)
  expect(await app.prisma.authUser.count({ where: { id: user.id } })).toBe(0)
})

test('whoever changes or deletes an account while another request deletes it is signed out', async () => {
  const { accessToken } = await signUp(app)
  const ask = (method: 'patch' | 'delete', body?: object) => app.call(method, '/auth/me', body, bearer(accessToken))
  const answers = await Promise.all([
    ...Array.from({ length: 5 }, () => ask('delete')),
    ...Array.from({ length: 5 }, (_, i) => ask('patch', { username: `gone${process.pid}.${i}` })),
  ])
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
  expect(answers.filter(({ status, body }) => status >= 400 && body.code !== 'SESSION_REVOKED')).toEqual([])
})

test('what a hook does not find is not found, and nobody is signed out for it', async () => {
  const missing = () => {
    throw new AuthError('NOT_FOUND')
  }
  const own = await makeApp({ options: { identifiers: { username: true }, hooks: { 'user.beforeUpdate': missing, 'user.beforeDelete': missing } } })
  const { accessToken } = await signUp(own)
  for (const method of ['patch', 'delete'] as const) {
    // Asked without the OpenAPI document, which cannot know what hooks refuse with.
    const answer = await request(own.server)
      [method]('/auth/me')
      .set(bearer(accessToken))
      .send({ username: `kept${process.pid}` })
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND'])
  }
  await own.call('get', '/auth/me', undefined, bearer(accessToken)).expect(200)
})

test('stepUp.maxAge is an option', async () => {
  const own = await makeApp({ options: { stepUp: { maxAge: 30 } } })
  const { accessToken } = await signUp(own)
  own.clock.advance(31)
  await own.call('delete', '/auth/me', undefined, bearer(accessToken)).expect(403)
})

test("R-073: sessions are listed and ended, and nobody reaches another's", async () => {
  const firefox = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0' }
  const one = await signUp(app)
  const { body: two } = await app.call('post', '/auth/login', { email: one.user.email, password: PASSWORD }, firefox).expect(200)
  const stranger = await signUp(app)
  const { body: list } = await app.call('get', '/auth/sessions', undefined, bearer(two.accessToken)).expect(200)
  expect(list).toHaveLength(2)
  expect(list.find((session: { current: boolean }) => session.current)).toMatchObject({
    id: two.session.id,
    device: 'Firefox on Linux',
    ip: '127.0.0.1',
    amr: ['pwd'],
  })
  for (const id of [one.session.id, 'nothing', '00000000-0000-7000-8000-000000000000']) {
    await app.call('delete', `/auth/sessions/${id}`, undefined, bearer(stranger.accessToken)).expect(404)
  }
  await app.call('delete', `/auth/sessions/${one.session.id}`, undefined, bearer(two.accessToken)).expect(204)
  await app.call('get', '/private', undefined, bearer(one.accessToken)).expect(401)
  await app.call('delete', `/auth/sessions/${one.session.id}`, undefined, bearer(two.accessToken)).expect(404)
  const { body: three } = await app.call('post', '/auth/login', { email: one.user.email, password: PASSWORD })
  await app.call('delete', '/auth/sessions', undefined, bearer(three.accessToken)).expect(204)
  await app.call('get', '/private', undefined, bearer(two.accessToken)).expect(401)
  await app.call('post', '/auth/logout-all', undefined, bearer(three.accessToken)).expect(204)
  await app.call('get', '/private', undefined, bearer(three.accessToken)).expect(401)
  await app.call('get', '/private', undefined, bearer(stranger.accessToken)).expect(200)
})

test('the light check answers without a query', async () => {
  const { accessToken, user, session } = await signUp(app)
  await app.call('get', '/auth/session', undefined, bearer(accessToken)).expect(200)
  app.statements()
  const { body } = await app.call('get', '/auth/session', undefined, bearer(accessToken)).expect(200)
  expect(body).toEqual({ valid: true, userId: user.id, sessionId: session.id, tenantId: null, expiresAt: expect.any(String) })
  expect(app.statements()).toEqual([])
})

describe('services', () => {
  test('users are made, found, changed, listed and given passwords', async () => {
    const email = freshEmail()
    const user = await app.auth.users.create({ email: email.toUpperCase(), password: PASSWORD, emailVerified: true, metadata: { plan: 'pro' } })
    expect(user).toMatchObject({ email, emailVerified: true, status: 'active', hasPassword: true, metadata: { plan: 'pro' } })
    expect(await app.auth.users.findByEmail(` ${email} `)).toEqual(await app.auth.users.get(user.id))
    const changed = await app.auth.users.update(user.id, { email: freshEmail(), username: 'service.user' })
    expect(changed).toMatchObject({ emailVerified: false, username: 'service.user' })
    await expect(app.auth.users.create({ username: 'service.user' })).rejects.toMatchObject({ code: 'USERNAME_TAKEN' })
    const { accessToken } = await app.auth.sessions.create(user.id, { amr: ['fed'] })
    await app.auth.users.setPassword(user.id, 'another good passphrase')
    await app.call('get', '/private', undefined, bearer(accessToken)).expect(401)
    await app.call('post', '/auth/login', { username: 'service.user', password: 'another good passphrase' }).expect(200)
    await expect(app.auth.users.setPassword(user.id, 'password')).rejects.toMatchObject({ code: 'PASSWORD_TOO_WEAK' })
    for (const gone of [
      app.auth.users.update('none', {}),
      app.auth.users.delete('none'),
      app.auth.users.suspend('none'),
      app.auth.users.setPassword('none', PASSWORD),
      app.auth.sessions.create('none'),
    ]) {
      await expect(gone).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    expect(await app.auth.users.get('none')).toBeNull()
  })

  test('R-183: lists go page by page; a forged cursor is refused', async () => {
    for (let i = 0; i < 5; i++) await app.auth.users.create({ email: `page${i}@pages.example` })
    const first = await app.auth.users.list({ search: '@PAGES.example', limit: 3 })
    const second = await app.auth.users.list({ search: '@pages.example', limit: 3, cursor: first.nextCursor! })
    expect([...first.data, ...second.data].map(({ email }) => email)).toEqual([4, 3, 2, 1, 0].map((i) => `page${i}@pages.example`))
    expect(second.nextCursor).toBeNull()
    await expect(app.auth.users.list({ cursor: "' OR 1=1" })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  })

  test('auth.transaction commits or rolls back as one, and events wait for the commit', async () => {
    const email = freshEmail()
    const before = app.events.length
    await expect(
      app.auth.transaction(async (auth) => {
        await auth.users.create({ email })
        throw new Error('roll back')
      }),
    ).rejects.toThrow('roll back')
    await new Promise(setImmediate)
    expect([await app.auth.users.findByEmail(email), app.events.length]).toEqual([null, before])
    const user = await app.auth.transaction(async (auth, tx) => {
      const user = await auth.users.create({ email })
      await tx.authBlockedEmailDomain.create({ data: { id: user.id, domain: `${user.id}.example`, createdAt: new Date() } })
      await new Promise(setImmediate)
      expect(app.events.length).toBe(before)
      return user
    })
    await new Promise(setImmediate)
    expect(app.events.at(-1)).toMatchObject({ name: 'user.created', event: { userId: user.id } })
    expect(await app.prisma.authBlockedEmailDomain.count({ where: { id: user.id } })).toBe(1)
  })

  test('auth.transaction runs the work of the app once where a key of its own rows is taken', async () => {
    const domain = `${freshEmail().split('@')[0]}.example`
    let runs = 0
    const work = app.auth.transaction(async (_auth, tx) => {
      runs++
      for (const id of ['one', 'two']) await tx.authBlockedEmailDomain.create({ data: { id: `${domain}${id}`, domain, createdAt: new Date() } })
    })
    await expect(work).rejects.toMatchObject({ code: 'P2002' })
    expect(runs).toBe(1)
  })

  test('auth.with(tx) joins a transaction that the app opened; committed() sends its events', async () => {
    const email = freshEmail()
    const before = app.events.length
    const bound = await app.prisma.$transaction(async (tx) => {
      const auth = app.auth.with(tx)
      await auth.users.create({ email })
      return auth
    })
    await new Promise(setImmediate)
    expect(app.events.length).toBe(before)
    bound.committed()
    await new Promise(setImmediate)
    expect(app.events.at(-1)?.name).toBe('user.created')
    await expect(
      app.prisma.$transaction(async (tx) => {
        await app.auth.with(tx).users.create({ email: 'rolled@back.example' })
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await app.auth.users.findByEmail('rolled@back.example')).toBeNull()
  })
})
