import type { Express } from 'express'
import { bearer, createClock, makeApp, ownClient, signUp, type TestApp, testDatabase } from '../../support/make-app.ts'
import { alone, createBus } from '../../support/two-processes.ts'

let app: TestApp
const routes: NonNullable<Parameters<typeof makeApp>[0]>['routes'] = (express, auth) => {
  express.get('/who', auth.requireAuth(), (req, res) => void res.json(req.auth))
  express.get('/maybe', auth.optionalAuth(), (req, res) => void res.json({ via: req.auth?.via ?? null }))
  express.get('/read', auth.requirePermission('invoice:read'), (_req, res) => void res.json({}))
  express.get('/write', auth.requirePermission('invoice:write'), (_req, res) => void res.json({}))
  express.get('/clerk', auth.requireRole('key-clerk'), (_req, res) => void res.json({}))
  express.get('/step-up', auth.requireStepUp(), (_req, res) => void res.json({}))
  express.get('/mfa', auth.requireMfa(), (_req, res) => void res.json({}))
  express.post('/own', auth.sameOrigin(), auth.requireAuth(), (_req, res) => void res.json({}))
}
beforeAll(async () => {
  app = await makeApp({ options: { apiKeys: { enabled: true } }, routes })
  await app.auth.roles.create({ name: 'key-clerk', permissions: ['invoice:*'] })
})

const keyed = (key: string) => ({ authorization: `ApiKey ${key}` })
const get = (path: string, key: string, on = app) => on.call('get', path, undefined, keyed(key))
async function clerk(on = app) {
  const person = await signUp(on)
  await on.auth.roles.assign(person.user.id, 'key-clerk')
  return person
}
const make = async (token: string, body: object = {}, on = app) =>
  (await on.call('post', '/auth/api-keys', { name: 'CI', ...body }, bearer(token)).expect(201)).body as {
    id: string
    key: string
    permissions: string[] | null
  }

test('R-150: a key is made by its owner, shown once, kept as a hash, and the owner is told', async () => {
  const { accessToken, user } = await clerk()
  const expiresAt = new Date(app.clock.now().getTime() + 3_600_000).toISOString()
  const { body } = await app.call('post', '/auth/api-keys', { name: 'CI', expiresAt }, bearer(accessToken)).expect(201)
  expect(body.key).toMatch(/^lk_[0-9a-f]{24}_[0-9a-f]{72}$/)
  expect(body).toMatchObject({ name: 'CI', prefix: body.key.slice(0, 27), tenantId: null, permissions: null, expiresAt, lastUsedAt: null })
  const row = await app.prisma.authAccessKey.findUniqueOrThrow({ where: { id: body.id } })
  expect(JSON.stringify(row)).not.toContain(body.key.slice(28))
  const listed = (await app.call('get', '/auth/api-keys', undefined, bearer(accessToken)).expect(200)).body
  const { key: _key, ...shown } = body
  expect(listed).toEqual([shown])
  await app.mailbox.settle()
  expect(app.mailbox.last(user.email)).toMatchObject({ kind: 'api_key_created' })
  expect(app.events.find(({ name, event }) => name === 'api_key.created' && event.keyId === body.id)).toBeDefined()
  expect(JSON.stringify(app.events)).not.toContain(body.key)
  expect((await app.auth.audit.query({ userId: user.id, event: 'api_key.created' })).data[0]?.data).toEqual({ keyId: body.id, name: 'CI' })
})

test('it signs requests in by either header, at no query once it is known', async () => {
  const { accessToken, user } = await clerk()
  const { key } = await make(accessToken)
  const { body } = await get('/who', key).expect(200)
  expect(body).toMatchObject({ user: { id: user.id }, session: null, roles: ['key-clerk'], via: 'api-key' })
  await app.call('get', '/who', undefined, { 'x-api-key': key }).expect(200)
  await app.call('post', '/own', {}, { ...keyed(key), origin: 'https://elsewhere.example' }).expect(200)
  for (const path of ['/read', '/write', '/clerk']) await get(path, key).expect(200)
  app.statements()
  for (const path of ['/who', '/read', '/write', '/clerk']) await get(path, key).expect(200)
  expect(app.statements()).toEqual([])
})

test('with permissions it carries just those, and no role', async () => {
  const { accessToken } = await clerk()
  const { key, permissions } = await make(accessToken, { permissions: ['invoice:read'] })
  expect(permissions).toEqual(['invoice:read'])
  expect((await get('/who', key)).body.roles).toEqual([])
  await get('/read', key).expect(200)
  await get('/write', key).expect(403)
  await get('/clerk', key).expect(403)
})

test('R-152, R-172: never more than its owner may do, when it is made and when it is used (PRIVILEGE_EXCEEDED)', async () => {
  const { accessToken, user } = await clerk()
  for (const permissions of [['report:read'], ['*'], ['invoice:read', 'door:*']]) {
    const refused = await app.call('post', '/auth/api-keys', { name: 'too much', permissions }, bearer(accessToken)).expect(403)
    expect(refused.body.code).toBe('PRIVILEGE_EXCEEDED')
  }
  const all = await make(accessToken)
  const some = await make(accessToken, { permissions: ['invoice:*'] })
  const wider = await app.call('patch', `/auth/api-keys/${some.id}`, { permissions: ['*'] }, bearer(accessToken)).expect(403)
  expect(wider.body.code).toBe('PRIVILEGE_EXCEEDED')
  for (const { key } of [all, some]) await get('/write', key).expect(200)
  const role = (await app.auth.roles.list()).find(({ name }) => name === 'key-clerk')!
  await app.auth.roles.update(role.id, { permissions: ['invoice:read'] })
  for (const { key } of [all, some]) {
    await get('/write', key).expect(403)
    await get('/read', key).expect(200)
  }
  await app.auth.roles.update(role.id, { permissions: ['invoice:*'] })
  await app.auth.roles.remove(user.id, 'key-clerk')
  for (const { key } of [all, some]) {
    await get('/read', key).expect(403)
    await get('/who', key).expect(200)
  }
})

test('R-152: revoked, expired, or its owner suspended or deleted: it ends at once', async () => {
  const { accessToken, user } = await clerk()
  const { id, key } = await make(accessToken)
  const brief = await make(accessToken, { expiresAt: new Date(app.clock.now().getTime() + 60_000).toISOString() })
  const others = [await make(accessToken), await make(accessToken)]
  for (const one of [key, brief.key, ...others.map((other) => other.key)]) await get('/read', one).expect(200)
  await app.call('delete', `/auth/api-keys/${id}`, undefined, bearer(accessToken)).expect(204)
  expect((await get('/read', key).expect(401)).body.code).toBe('API_KEY_INVALID')
  await app.call('delete', `/auth/api-keys/${id}`, undefined, bearer(accessToken)).expect(404)
  app.clock.advance(60)
  await get('/read', brief.key).expect(401)
  await app.auth.users.suspend(user.id)
  for (const other of others) await get('/read', other.key).expect(401)
  await app.auth.users.reactivate(user.id)
  for (const other of others) await get('/read', other.key).expect(200)
  await app.auth.apiKeys.revoke(others[0]!.id)
  await get('/read', others[0]!.key).expect(401)
  await app.auth.users.delete(user.id)
  await get('/read', others[1]!.key).expect(401)
  await expect(app.auth.apiKeys.revoke(others[1]!.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('another process hears of a revocation through the feed', async () => {
  const other = await makeApp({ prisma: await ownClient(await testDatabase()), options: { apiKeys: { enabled: true }, feed: { pollEvery: 1 } }, routes })
  const { accessToken } = await clerk()
  const { id, key } = await make(accessToken)
  await get('/who', key, other).expect(200)
  await app.auth.apiKeys.revoke(id)
  const deadline = performance.now() + 5000
  while ((await get('/who', key, other)).status === 200 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100))
  await get('/who', key, other).expect(401)
})

test('a key of a tenant acts there, and ends with membership or tenant', async () => {
  const { user, accessToken } = await clerk()
  const now = app.clock.now()
  const id = `keys-${process.pid}`
  await app.prisma.authTenant.create({ data: { id, slug: `${id}-slug`, name: 'One', createdAt: now, updatedAt: now } })
  await app.call('post', '/auth/api-keys', { name: 'x', tenant: id }, bearer(accessToken)).expect(404)
  await app.call('post', '/auth/api-keys', { name: 'x', tenant: 'nowhere' }, bearer(accessToken)).expect(404)
  await app.prisma.authMembership.create({ data: { id: `m-${id}`, userId: user.id, scope: id, tenantId: id, createdAt: now, updatedAt: now } })
  await app.auth.roles.create({ name: 'keeper', tenantId: id, permissions: ['api-key:write'] })
  await app.auth.roles.assign(user.id, 'keeper', { tenantId: id })
  const { key } = await make(accessToken, { tenant: `${id}-slug` })
  expect((await get('/who', key)).body).toMatchObject({ tenantId: id, roles: ['keeper'] })
  await get('/read', key).expect(403)
  await app.auth.roles.assign(user.id, 'key-clerk', { tenantId: id })
  await get('/read', key).expect(200)
  await app.prisma.authTenant.updateMany({ where: { id }, data: { status: 'suspended' } })
  await expect(app.auth.apiKeys.create({ userId: user.id, name: 'x', tenantId: id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await app.auth.roles.remove(user.id, 'key-clerk', { tenantId: id })
  await get('/who', key).expect(401)
  await app.prisma.authTenant.updateMany({ where: { id }, data: { status: 'active' } })
  await get('/who', key).expect(200)
})

test("R-170: a tenant's keys ask for api-key:read and api-key:write there; those outside tenants are one's own", async () => {
  const own = await makeApp({ options: { apiKeys: { enabled: true }, tenants: { mode: 'shared' } } })
  const tenant = await own.auth.tenants.create({ name: 'Team', slug: `team-keys-${process.pid}` })
  await own.auth.roles.create({ name: 'reader', tenantId: tenant.id, permissions: ['api-key:read'] })
  await own.auth.roles.create({ name: 'writer', tenantId: tenant.id, permissions: ['api-key:*'] })
  const { user, accessToken } = await signUp(own)
  const place = { userId: user.id, tenantId: tenant.id }
  await own.auth.memberships.add({ ...place, roles: [] })
  const outside = bearer(accessToken)
  const inside = bearer((await own.auth.sessions.create(user.id, { tenantId: tenant.id })).accessToken)
  const ask = (method: 'get' | 'post' | 'patch' | 'delete', path: string, body: object | undefined, headers: Record<string, string>) =>
    own.call(method, `/auth/api-keys${path}`, body, headers)
  const forbidden = async (answer: Promise<{ status: number; body: { code?: string } }>) => {
    const { status, body } = await answer
    expect([status, body.code]).toEqual([403, 'FORBIDDEN'])
  }
  const theirs = await own.auth.apiKeys.create({ ...place, name: 'theirs' })
  const mine = (await ask('post', '', { name: 'mine' }, outside).expect(201)).body
  const listed = async (headers: Record<string, string>) => (await ask('get', '', undefined, headers).expect(200)).body.map(({ id }: { id: string }) => id)
  for (const headers of [inside, outside]) expect(await listed(headers)).toEqual([mine.id])
  const writes = () => [
    ask('post', '', { name: 'x' }, inside),
    ask('post', '', { name: 'x', tenant: tenant.slug }, outside),
    ask('patch', `/${theirs.id}`, { name: 'x' }, outside),
  ]
  for (const write of writes()) await forbidden(write)
  await ask('patch', `/${mine.id}`, { name: 'still mine' }, inside).expect(200)
  await own.auth.memberships.update({ ...place, roles: ['reader'] })
  for (const headers of [inside, outside]) expect(await listed(headers)).toEqual([mine.id, theirs.id])
  for (const write of writes()) await forbidden(write)
  await own.auth.memberships.update({ ...place, roles: ['writer'] })
  for (const [index, status] of [201, 201, 200].entries()) await writes()[index]!.expect(status)
  await own.auth.memberships.update({ ...place, roles: [] })
  await ask('delete', `/${theirs.id}`, undefined, outside).expect(204)
  await ask('delete', `/${mine.id}`, undefined, inside).expect(204)
  await own.auth.tenants.suspend(tenant.id)
  await ask('post', '', { name: 'x', tenant: tenant.id }, outside).expect(404)
})

test('R-152: permissions: null, when it is made or later, is all that the owner may do, and no more', async () => {
  const { accessToken, user } = await clerk()
  const { id, key } = await make(accessToken, { permissions: ['invoice:read'] })
  await get('/write', key).expect(403)
  const change = (body: object, token = accessToken) => app.call('patch', `/auth/api-keys/${id}`, body, bearer(token))
  expect((await change({ permissions: null, name: 'All' }).expect(200)).body).toMatchObject({ name: 'All', permissions: null })
  expect((await app.call('get', '/auth/api-keys', undefined, bearer(accessToken))).body).toMatchObject([{ id, name: 'All', permissions: null }])
  for (const path of ['/write', '/clerk']) await get(path, key).expect(200)
  expect((await change({ permissions: null }).expect(200)).body.permissions).toBeNull()
  expect((await change({ permissions: ['invoice:read'] }).expect(200)).body.permissions).toEqual(['invoice:read'])
  await get('/write', key).expect(403)
  await change({ permissions: null }, (await signUp(app)).accessToken).expect(404)
  await change({ permissions: null }).expect(200)
  await app.auth.roles.remove(user.id, 'key-clerk')
  await get('/read', key).expect(403)
  await app.call('delete', `/auth/api-keys/${id}`, undefined, bearer(accessToken)).expect(204)
  await change({ permissions: null }).expect(404)
  const audited = (await app.auth.audit.query({ userId: user.id, event: 'api_key.updated' })).data.map(({ data }) => (data as { fields: string[] }).fields)
  expect(audited).toContainEqual(['name', 'permissions'])
})

test("R-152: no key reaches what an account's security hangs on", async () => {
  const { accessToken } = await clerk()
  const { id, key } = await make(accessToken)
  const tried: ['get' | 'post' | 'patch' | 'delete', string, object?][] = [
    ['get', '/me'],
    ['delete', '/me'],
    ['get', '/sessions'],
    ['delete', '/sessions'],
    ['get', '/api-keys'],
    ['post', '/api-keys', { name: 'another' }],
    ['patch', `/api-keys/${id}`, { name: 'other' }],
    ['delete', `/api-keys/${id}`],
    ['post', '/change-email', { newEmail: 'x@example.com' }],
    ['post', '/mfa/totp', {}],
    ['post', '/logout-all'],
  ]
  for (const [method, path, body] of tried) {
    const answer = await app.call(method, `/auth${path}`, body, keyed(key))
    expect([path, [401, 403].includes(answer.status)]).toEqual([path, true])
  }
  expect((await get('/step-up', key).expect(403)).body.code).toBe('STEP_UP_REQUIRED')
  await get('/mfa', key).expect(403)
})

test('R-151: the owner is the session, whatever the body says', async () => {
  const { accessToken } = await clerk()
  const other = await signUp(app)
  for (const extra of [
    { userId: other.user.id },
    { ownerId: other.user.id },
    { tenantId: 'x' },
    { rateLimit: 1 },
    { name: '' },
    { name: 'a\nb' },
    { permissions: ['a b'] },
    { permissions: 'x' },
  ])
    await app.call('post', '/auth/api-keys', { name: 'CI', ...extra }, bearer(accessToken)).expect(422)
  await app.call('post', '/auth/api-keys', { name: 'CI', expiresAt: app.clock.now().toISOString() }, bearer(accessToken)).expect(422)
  await app.call('post', '/auth/api-keys', { name: 'CI' }).expect(401)
  const { id } = await make(accessToken)
  for (const method of ['patch', 'delete'] as const)
    await app.call(method, `/auth/api-keys/${id}`, method === 'patch' ? { name: 'mine' } : undefined, bearer(other.accessToken)).expect(404)
  app.clock.advance(16 * 60)
  const { body } = await app.call('post', '/auth/login', { email: other.user.email, password: 'correct horse battery staple' }).expect(200)
  await app.call('post', '/auth/api-keys', { name: 'CI' }, bearer(body.accessToken)).expect(201)
})

test('R-153: not in a query string, not as a bearer token, not in a cookie', async () => {
  const { accessToken } = await clerk()
  const { key } = await make(accessToken)
  for (const path of [`/who?api_key=${key}`, `/who?apiKey=${key}`, `/who?x-api-key=${key}`]) await app.call('get', path).expect(401)
  await app.call('get', '/who', undefined, bearer(key)).expect(401)
  await app.call('get', '/who', undefined, { cookie: `__Host-lk.access=${key}` }).expect(401)
  expect((await app.call('get', '/maybe', undefined, keyed('nonsense'))).body).toEqual({ via: null })
  expect((await app.call('get', '/maybe', undefined, keyed(key))).body).toEqual({ via: 'api-key' })
})

test('what cannot be a key is refused without a query', async () => {
  const { accessToken } = await clerk()
  const { key } = await make(accessToken)
  app.statements()
  const typo = `${key.slice(0, 40)}${key[40] === 'a' ? 'b' : 'a'}${key.slice(41)}`
  for (const bad of ['x', 'lk_', typo, key.toUpperCase(), `${key}0`, key.slice(0, -1), 'a'.repeat(5000)]) {
    expect((await get('/who', bad).expect(401)).body.code).toBe('API_KEY_INVALID')
  }
  expect(app.statements()).toEqual([])
})

test('R-041: an address that keeps coming with wrong keys has to wait (apiKeys.failures); limits.enabled: false takes that off', async () => {
  const own = await makeApp({ options: { apiKeys: { enabled: true, failures: { max: 3, per: 60 } }, limits: { enabled: true } }, routes })
  const { accessToken } = await clerk(own)
  const { key } = await make(accessToken, {}, own)
  await get('/who', key, own).expect(200)
  for (let i = 0; i < 3; i++) await get('/who', `wrong${i}`, own).expect(401)
  const refused = await get('/who', 'wrong', own).expect(429)
  expect(refused.body.code).toBe('TOO_MANY_ATTEMPTS')
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  await get('/who', key, own).expect(200)
  own.clock.advance(60)
  await get('/who', 'wrong', own).expect(401)
})

test('R-036, R-041: wrong keys are counted for an IPv6 network of /64, and an IPv4 address written as IPv6 is that address', async () => {
  const before = (app: Express) => void app.set('trust proxy', 1)
  const own = await makeApp({ options: { apiKeys: { enabled: true, failures: { max: 2, per: 60 } }, limits: { enabled: true } }, routes, before })
  const from = (ip: string) => own.call('get', '/who', undefined, { authorization: 'ApiKey wrong', 'x-forwarded-for': ip })
  await from('2001:db8:1:1::1').expect(401)
  await from('2001:db8:1:1:ffff::2').expect(401)
  await from('2001:db8:1:1:abcd::3').expect(429)
  await from('2001:db8:1:2::1').expect(401)
  await from('192.0.2.1').expect(401)
  await from('::ffff:192.0.2.1').expect(401)
  await from('192.0.2.1').expect(429)
  await from('192.0.2.2').expect(401)
})

test('apiKeys.limit: so many requests for each key', async () => {
  const own = await makeApp({ options: { apiKeys: { enabled: true, limit: { max: 3, per: 60 } } }, routes })
  const { accessToken } = await clerk(own)
  const [one, other] = [await make(accessToken, {}, own), await make(accessToken, {}, own)]
  for (let i = 0; i < 3; i++) await get('/who', one.key, own).expect(200)
  expect((await get('/who', one.key, own).expect(429)).body).toMatchObject({ code: 'TOO_MANY_REQUESTS', retryAfter: 60 })
  await get('/who', other.key, own).expect(200)
  own.clock.advance(60)
  await get('/who', one.key, own).expect(200)
})

test.each(['backend', 'database'] as const)('R-041, F-24: wrong keys are counted for all processes (%s)', async (where) => {
  const clock = createClock()
  const backend = createBus(clock.now)
  const options = {
    apiKeys: { enabled: true, failures: { max: 4, per: 60 } },
    limits: { enabled: true, store: where },
    ...(where === 'backend' && { backend }),
  }
  const [one, other] = [await makeApp({ options, routes, clock }), await makeApp({ options, routes, clock })]
  for (const own of [one, one, other, other]) await get('/who', 'wrong', own).expect(401)
  for (const own of [one, other]) expect((await get('/who', 'wrong', own).expect(429)).body).toMatchObject({ code: 'TOO_MANY_ATTEMPTS', retryAfter: 60 })
  for (const own of [one, other]) await get('/who', 'wrong', own).expect(429)
  clock.advance(60)
  for (const own of [one, other]) await get('/who', 'wrong', own).expect(401)
})

test('apiKeys.limit, F-24: with a backend the processes count a key together, without a query', async () => {
  const clock = createClock()
  const options = { apiKeys: { enabled: true, limit: { max: 4, per: 60 } }, backend: createBus(clock.now) }
  const [one, other] = [await makeApp({ options, routes, clock }), await makeApp({ options, routes, clock })]
  const { key } = await make((await clerk(one)).accessToken, {}, one)
  for (const own of [one, other]) await get('/who', key, own).expect(200)
  for (const own of [one, other]) {
    own.statements()
    await get('/who', key, own).expect(200)
    expect(own.statements()).toEqual([])
  }
  for (const own of [one, other]) expect((await get('/who', key, own).expect(429)).body).toMatchObject({ code: 'TOO_MANY_REQUESTS', retryAfter: 60 })
  clock.advance(60)
  await get('/who', key, other).expect(200)
})

alone('a known key is read again after tokens.accessTtl, whatever the feed says', async () => {
  const { accessToken } = await clerk()
  const { id, key } = await make(accessToken)
  await get('/who', key).expect(200)
  await app.prisma.authAccessKey.updateMany({ where: { id }, data: { revokedAt: app.clock.now() } })
  await get('/who', key).expect(200)
  app.clock.advance(15 * 60)
  await get('/who', key).expect(401)
})

test('its use is written down once a minute, not with every request', async () => {
  const { accessToken } = await clerk()
  const { id, key } = await make(accessToken)
  const used = () => app.events.filter(({ name, event }) => name === 'api_key.used' && event.keyId === id).length
  for (let i = 0; i < 5; i++) await get('/who', key).expect(200)
  expect(used()).toBe(1)
  app.clock.advance(59)
  await get('/who', key).expect(200)
  expect(used()).toBe(1)
  app.clock.advance(1)
  await get('/who', key).expect(200)
  expect(used()).toBe(2)
  const written = async () => (await app.prisma.authAccessKey.findUniqueOrThrow({ where: { id } })).lastUsedAt?.getTime()
  const deadline = performance.now() + 3000
  while ((await written()) !== app.clock.now().getTime() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await written()).toBe(app.clock.now().getTime())
})

test('PATCH changes name, end and permissions for the next request', async () => {
  const { accessToken } = await clerk()
  const { id, key } = await make(accessToken)
  await get('/write', key).expect(200)
  const { body } = await app.call('patch', `/auth/api-keys/${id}`, { name: 'Robot', permissions: ['invoice:read'] }, bearer(accessToken)).expect(200)
  expect(body).toMatchObject({ name: 'Robot', permissions: ['invoice:read'] })
  await get('/write', key).expect(403)
  await get('/read', key).expect(200)
  await app.call('patch', `/auth/api-keys/${id}`, {}, bearer(accessToken)).expect(200)
  expect(app.events.find(({ name, event }) => name === 'api_key.updated' && event.keyId === id)?.event.fields).toEqual(['name', 'permissions'])
})

test('auth.apiKeys: create, verify, list, revoke', async () => {
  const { user } = await clerk()
  const made = await app.auth.apiKeys.create({ userId: user.id, name: 'Server', permissions: ['invoice:read'] })
  expect(await app.auth.apiKeys.verify(made.key)).toEqual({
    keyId: made.id,
    userId: user.id,
    tenantId: null,
    expiresAt: null,
    roles: [],
    permissions: ['invoice:read'],
  })
  expect((await app.auth.apiKeys.list(user.id)).map(({ id }) => id)).toEqual([made.id])
  await app.auth.apiKeys.revoke(made.id)
  await expect(app.auth.apiKeys.verify(made.key)).rejects.toMatchObject({ code: 'API_KEY_INVALID' })
  expect(await app.auth.apiKeys.list(user.id)).toEqual([])
  await expect(app.auth.apiKeys.create({ userId: 'nobody', name: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('sessions.check: database asks the database about keys too, and resolvers are asked for each request', async () => {
  let roles = ['key-clerk']
  const own = await makeApp({ options: { apiKeys: { enabled: true }, sessions: { check: 'database' }, rbac: { resolveRoles: () => roles } }, routes })
  const { accessToken } = await signUp(own)
  const { id, key } = await make(accessToken, {}, own)
  await get('/clerk', key, own).expect(200)
  roles = []
  await get('/clerk', key, own).expect(403)
  await own.prisma.authAccessKey.updateMany({ where: { id }, data: { revokedAt: own.clock.now() } })
  await get('/who', key, own).expect(401)
})

test('apiKeys.enabled: false is the default: no routes, and no key signs in', async () => {
  const { accessToken } = await clerk()
  const { key } = await make(accessToken)
  const off = await makeApp({ routes, prisma: await ownClient(await testDatabase()) })
  expect((await off.call('get', '/auth/api-keys', undefined, bearer(accessToken)).expect(404)).body.code).toBe('FEATURE_DISABLED')
  expect((await get('/who', key, off).expect(401)).body.code).toBe('UNAUTHENTICATED')
  expect((await off.call('get', '/auth/config')).body.apiKeys).toBe(false)
  expect((await app.call('get', '/auth/config')).body.apiKeys).toBe(true)
})

test('R-152: what platform roles permit is not for keys, and refused when one is made', async () => {
  const app = await makeApp({ options: { apiKeys: { enabled: true } } })
  const role = await app.auth.roles.create({ name: `staff-${process.pid}`, permissions: ['staff:act'] })
  const { user, accessToken } = await signUp(app)
  await app.auth.platform.grant(user.id, [role.name])
  const answer = await app.call('post', '/auth/api-keys', { name: 'k', permissions: ['staff:act'] }, bearer(accessToken)).expect(403)
  expect(answer.body.code).toBe('PRIVILEGE_EXCEEDED')
})

test('R-152: a key with permissions of its own carries no role of another guard either', async () => {
  const own = await makeApp({
    options: { apiKeys: { enabled: true } },
    routes: (express, auth) => void express.get('/robots', auth.requireRole({ any: ['robot'], guard: 'api' }), (_req, res) => void res.json({ ok: true })),
  })
  await own.auth.roles.create({ name: 'robot', guard: 'api' })
  const { user } = await signUp(own)
  await own.auth.roles.assign(user.id, 'robot', { guard: 'api' })
  const [full, narrow] = [
    await own.auth.apiKeys.create({ userId: user.id, name: 'full' }),
    await own.auth.apiKeys.create({ userId: user.id, name: 'narrow', permissions: [] }),
  ]
  await own.call('get', '/robots', undefined, { 'x-api-key': full.key }).expect(200)
  await own.call('get', '/robots', undefined, { 'x-api-key': narrow.key }).expect(403)
})
