import { bearer, freshEmail, makeApp, ownClient, PASSWORD, signUp, type TestApp, testDatabase } from '../../support/make-app.ts'
import { isDoubled } from '../../support/two-processes.ts'

let app: TestApp
beforeAll(async () => {
  app = await makeApp({
    routes: (express, auth) => {
      const ok = (_req: unknown, res: { json: (body: object) => void }) => void res.json({ ok: true })
      express.get('/read', auth.requirePermission('invoice:read'), ok)
      express.get('/any', auth.requirePermission({ any: ['invoice:read', 'report:read'] }), ok)
      express.get('/all', auth.requirePermission({ all: ['invoice:read', 'report:read'] }), ok)
      express.get('/deploy', auth.requirePermission({ all: ['deploy:run'], guard: 'api' }), ok)
      express.get('/deploy-web', auth.requirePermission({ any: ['deploy:run'], guard: 'web' }), ok)
      express.get('/granted', auth.requireAuth(), async (req, res) => void res.json(await req.auth!.getPermissions({ guard: 'api' })))
      express.get('/api-guard', auth.requireRole({ any: ['robot'], guard: 'api' }), ok)
      express.get('/platform', auth.requireRole({ any: ['accountant'], scope: 'platform' }), ok)
      express.get('/anywhere', auth.requireRole({ any: ['accountant'], scope: 'any' }), ok)
      express.get('/can', auth.requireAuth(), async (req, res) => {
        const { auth: who } = req
        res.json({ has: who?.has('accountant'), can: who?.can(String(req.query.permission)), permissions: await who?.getPermissions() })
      })
    },
  })
  await signUp(app)
})
const get = (path: string, token: string, on = app) => on.call('get', path, undefined, bearer(token))
let count = 0
const freshName = (name = 'role') => `${name}-${++count}`

test('R-097, R-174, regression 8: what a role grants, and taking it away, counts from the next request on; known tokens cost no query', async () => {
  const { accessToken, user } = await signUp(app)
  const role = await app.auth.roles.create({ name: 'accountant', permissions: ['invoice:read'] })
  await get('/read', accessToken).expect(403)
  await app.auth.roles.assign(user.id, 'accountant')
  await get('/read', accessToken).expect(200)
  await get('/any', accessToken).expect(200)
  await get('/all', accessToken).expect(403)
  await get('/anywhere', accessToken).expect(200)
  await get('/platform', accessToken).expect(403)
  app.statements()
  for (let i = 0; i < 3; i++) await get('/read', accessToken).expect(200)
  expect(app.statements()).toEqual([])

  await app.auth.roles.update(role.id, { permissions: ['invoice:read', 'report:*'] })
  await get('/all', accessToken).expect(200)
  const me = (await app.call('get', '/auth/me', undefined, bearer(accessToken)).expect(200)).body
  expect(me).toMatchObject({ roles: ['accountant'], permissions: ['invoice:read', 'report:*'] })
  expect((await get('/can?permission=report:write', accessToken)).body).toEqual({ has: true, can: true, permissions: ['invoice:read', 'report:*'] })

  await app.auth.roles.update(role.id, { isActive: false })
  await get('/read', accessToken).expect(403)
  await get('/anywhere', accessToken).expect(403)
  expect(await app.auth.permissions.of(user.id)).toEqual([])
  const login = (await app.call('post', '/auth/login', { email: user.email, password: PASSWORD })).body.accessToken
  await app.auth.roles.update(role.id, { isActive: true })
  for (const token of [accessToken, login]) await get('/read', token).expect(200)
  await app.auth.roles.update(role.id, { name: 'bookkeeper' })
  for (const token of [accessToken, login]) {
    await get('/read', token).expect(200)
    await get('/anywhere', token).expect(403)
  }
  await app.auth.permissions.delete('invoice:read')
  await get('/read', accessToken).expect(403)
  await app.auth.roles.delete(role.id)
  await get('/any', accessToken).expect(403)
  expect(await app.auth.roles.of(user.id)).toEqual([])
  const names = app.events.map(({ name }) => name)
  for (const name of ['role.created', 'role.updated', 'role.deleted', 'permission.created', 'permission.deleted']) expect(names).toContain(name)
  const { data } = await app.auth.audit.query({ event: 'role.deleted' })
  expect(data[0]?.data).toEqual({ role: 'bookkeeper', guard: 'web' })
})

test('another process hears of it through the feed', async () => {
  const other = await makeApp({ prisma: await ownClient(await testDatabase()), options: { feed: { pollEvery: 1 } } })
  const { accessToken, user } = await signUp(app)
  const name = freshName()
  const role = await app.auth.roles.create({ name, permissions: ['door:open'] })
  await app.auth.roles.assign(user.id, name)
  other.app.get('/door', other.auth.requirePermission('door:open'), (_req, res) => void res.json({}))
  await get('/door', accessToken, other).expect(200)
  await app.auth.roles.update(role.id, { permissions: [] })
  const deadline = performance.now() + 5000
  while ((await get('/door', accessToken, other)).status === 200 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100))
  await get('/door', accessToken, other).expect(403)
})

test('sessions.check: database sees roles and permissions as well', async () => {
  const strict = await makeApp({ options: { sessions: { check: 'database' } } })
  strict.app.get('/door', strict.auth.requirePermission('gate:open'), (_req, res) => void res.json({}))
  const { accessToken, user } = await signUp(strict)
  const name = freshName()
  await strict.auth.roles.create({ name, permissions: ['gate:*'] })
  await get('/door', accessToken, strict).expect(403)
  await strict.auth.roles.assign(user.id, name)
  await get('/door', accessToken, strict).expect(200)
})

test('roles inherit what others grant, several and through others, and never in a circle (ROLE_CYCLE)', async () => {
  const [a, b, c] = [freshName('a'), freshName('b'), freshName('c')]
  const top = await app.auth.roles.create({ name: a, permissions: ['a:x'] })
  const middle = await app.auth.roles.create({ name: b, permissions: ['b:x'], inherits: [a] })
  const heir = await app.auth.roles.create({ name: c, permissions: ['c:x'], inherits: [b, a] })
  expect(heir).toMatchObject({ permissions: ['c:x'], inherits: [a, b] })
  const { user } = await signUp(app)
  await app.auth.roles.assign(user.id, c)
  expect(await app.auth.permissions.of(user.id)).toEqual(['a:x', 'b:x', 'c:x'])
  await app.auth.roles.update(middle.id, { isActive: false })
  expect(await app.auth.permissions.of(user.id)).toEqual(['a:x', 'c:x'])
  await app.auth.roles.update(middle.id, { isActive: true })
  for (const inherits of [[c], [a], [b]]) await expect(app.auth.roles.update(top.id, { inherits })).rejects.toMatchObject({ code: 'ROLE_CYCLE', status: 409 })
  await expect(app.auth.roles.update(top.id, { inherits: ['nobody'] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await app.auth.roles.list()).find(({ id }) => id === top.id)?.inherits).toEqual([])
})

test('two changes at once that only together would close a circle: one of them is refused', async () => {
  for (let round = 0; round < 5; round++) {
    const one = await app.auth.roles.create({ name: freshName() })
    const two = await app.auth.roles.create({ name: freshName() })
    const results = await Promise.allSettled([app.auth.roles.update(one.id, { inherits: [two.name] }), app.auth.roles.update(two.id, { inherits: [one.name] })])
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1)
    for (const result of results) if (result.status === 'rejected') expect(result.reason.code).toBe('ROLE_CYCLE')
    const listed = (await app.auth.roles.list()).filter(({ id }) => id === one.id || id === two.id)
    expect(listed.filter(({ inherits }) => inherits.length > 0)).toHaveLength(1)
  }
})

test('a system role can be given other permissions, but no other name, no rest and no end (ROLE_IS_SYSTEM)', async () => {
  const role = await app.auth.roles.create({ name: freshName('system'), isSystem: true })
  for (const patch of [{ name: freshName() }, { isActive: false }])
    await expect(app.auth.roles.update(role.id, patch)).rejects.toMatchObject({ code: 'ROLE_IS_SYSTEM', status: 409 })
  await expect(app.auth.roles.delete(role.id)).rejects.toMatchObject({ code: 'ROLE_IS_SYSTEM' })
  expect(await app.auth.roles.update(role.id, { permissions: ['x:y'], description: 'Keeps the lights on.' })).toMatchObject({ permissions: ['x:y'] })
  await expect(app.auth.roles.update('nobody', { isActive: true })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(app.auth.roles.delete('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('new users get the default roles', async () => {
  const name = freshName('default')
  const role = await app.auth.roles.create({ name, isDefault: true, permissions: ['greeting:read'] })
  const { accessToken, user } = await signUp(app)
  expect(await app.auth.roles.of(user.id)).toEqual([name])
  expect((await get('/can?permission=greeting:read', accessToken)).body.can).toBe(true)
  const made = await app.auth.users.create({ email: freshEmail() })
  expect(await app.auth.roles.of(made.id)).toEqual([name])
  const inOne = await app.auth.transaction(async (auth) => {
    const second = await auth.roles.create({ name: freshName('default'), isDefault: true })
    const { id } = await auth.users.create({ email: freshEmail() })
    expect(await auth.roles.of(id)).toEqual([name, second.name].sort())
    return second
  })
  await app.auth.roles.delete(inOne.id)
  await app.auth.roles.update(role.id, { isDefault: false })
  expect(await app.auth.roles.of((await signUp(app)).user.id)).toEqual([])
})

test('guards are namespaces: the same name is another role there', async () => {
  const name = 'robot'
  await app.auth.roles.create({ name })
  await app.auth.roles.create({ name, guard: 'api', permissions: ['api:call'] })
  const { accessToken, user } = await signUp(app)
  await app.auth.roles.assign(user.id, name)
  await get('/api-guard', accessToken).expect(403)
  await app.auth.roles.assign(user.id, name, { guard: 'api' })
  await get('/api-guard', accessToken).expect(200)
  expect(await app.auth.roles.of(user.id, { guard: 'api' })).toEqual([name])
  expect(await app.auth.permissions.of(user.id)).toEqual([])
  await app.auth.roles.remove(user.id, name, { guard: 'api' })
  await get('/api-guard', accessToken).expect(403)
  expect(await app.auth.permissions.list({ guard: 'api' })).toMatchObject([{ name: 'api:call', guard: 'api' }])
})

test('H3: permissions of another guard are asked for by its name, and count in no other', async () => {
  const name = freshName('deployer')
  const role = await app.auth.roles.create({ name, guard: 'api', permissions: ['deploy:*'] })
  const { accessToken, user } = await signUp(app)
  await get('/deploy', accessToken).expect(403)
  await app.auth.roles.assign(user.id, name, { guard: 'api' })
  await get('/deploy', accessToken).expect(200)
  expect((await get('/granted', accessToken).expect(200)).body).toEqual(['deploy:*'])
  expect(await app.auth.permissions.of(user.id, { guard: 'api' })).toEqual(['deploy:*'])
  expect(await app.auth.permissions.of(user.id, { guard: 'web' })).toEqual([])
  await get('/deploy-web', accessToken).expect(403)
  app.statements()
  await get('/deploy', accessToken).expect(200)
  if (!isDoubled) expect(app.statements()).toEqual([])
  await app.auth.roles.update(role.id, { permissions: ['deploy:see'] })
  await get('/deploy', accessToken).expect(403)
  await app.auth.roles.update(role.id, { permissions: ['deploy:run'] })
  await get('/deploy', accessToken).expect(200)
  await app.auth.roles.update(role.id, { isActive: false })
  for (const path of ['/deploy', '/granted']) expect((await get(path, accessToken)).body).not.toMatchObject({ ok: true })
  await app.auth.roles.update(role.id, { isActive: true })
  // A role of the same name in the default guard grants nothing here.
  const namesake = await signUp(app)
  await app.auth.roles.create({ name, permissions: ['other:thing'] })
  await app.auth.roles.assign(namesake.user.id, name)
  await get('/deploy', namesake.accessToken).expect(403)
  await app.auth.roles.remove(user.id, name, { guard: 'api' })
  await get('/deploy', accessToken).expect(403)
  expect(() => app.auth.requirePermission({ any: [], guard: 'api' })).toThrow(TypeError)
  expect(() => app.auth.requirePermission({ any: ['a'], guard: '' })).toThrow(TypeError)
})

test('H3, R-152: a key with permissions of its own has none of another guard; one without has those of its owner', async () => {
  const own = await makeApp({
    options: { apiKeys: { enabled: true } },
    routes: (express, auth) => {
      express.get(
        '/deploy',
        auth.requirePermission({ all: ['deploy:run'], guard: 'api' }),
        async (req, res) => void res.json(await req.auth!.getPermissions({ guard: 'api' })),
      )
      express.get('/granted', auth.requireAuth(), async (req, res) => void res.json(await req.auth!.getPermissions({ guard: 'api' })))
    },
  })
  const name = freshName('deployer')
  await own.auth.roles.create({ name, guard: 'api', permissions: ['deploy:run'] })
  const user = await own.auth.users.create({ email: freshEmail() })
  await own.auth.roles.assign(user.id, name, { guard: 'api' })
  const [all, none] = [
    await own.auth.apiKeys.create({ userId: user.id, name: 'all' }),
    await own.auth.apiKeys.create({ userId: user.id, name: 'none', permissions: [] }),
  ]
  const by = (path: string, key: string) => own.call('get', path, undefined, { 'x-api-key': key })
  expect((await by('/deploy', all.key).expect(200)).body).toEqual(['deploy:run'])
  await by('/deploy', none.key).expect(403)
  expect((await by('/granted', none.key).expect(200)).body).toEqual([])
})

test('permissions are seeded by the same call at every start, by several processes at once', async () => {
  const wanted = [
    { name: 'seed:read', category: 'Seeds', description: 'See the seeds' },
    { name: 'seed:write', category: 'Seeds' },
  ]
  await Promise.all([app.auth.permissions.define(wanted), app.auth.permissions.define(wanted)])
  const again = await app.auth.permissions.define([...wanted, { name: 'seed:write', category: 'Sowing' }])
  expect(again.map(({ name, category }) => [name, category]).sort()).toEqual([
    ['seed:read', 'Seeds'],
    ['seed:write', 'Sowing'],
  ])
  expect(await app.auth.permissions.list({ category: 'Seeds' })).toMatchObject([{ name: 'seed:read', description: 'See the seeds' }])
  expect((await app.auth.permissions.search('THE seeds')).map(({ name }) => name)).toEqual(['seed:read'])
  expect(await app.auth.permissions.search('seed_r%')).toEqual([])
  expect(await app.auth.permissions.categories()).toEqual(expect.arrayContaining(['Seeds', 'Sowing']))
  for (const name of ['', 'a b', 'a:', ':a', 'a*', '*:a', 'a:*:b', 'ä', 'a\n', 'x'.repeat(200)])
    await expect(app.auth.permissions.define([{ name }])).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  await expect(app.auth.permissions.delete('nothing:here')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a permission is deleted by its name or its id', async () => {
  const [byId, byName, kept] = await app.auth.permissions.define([
    { name: 'gone:by-id', guard: 'api' },
    { name: 'gone:by-name', guard: 'api' },
    { name: 'gone:by-id' },
  ])
  await app.auth.permissions.delete(byId!.id)
  await app.auth.permissions.delete(byName!.name, { guard: 'api' })
  expect((await app.auth.permissions.search('gone:by')).map(({ id }) => id)).toEqual([kept!.id])
  const { data } = await app.auth.audit.query({ event: 'permission.deleted' })
  expect(data.map(({ data }) => data)).toEqual(expect.arrayContaining([{ permission: 'gone:by-id', guard: 'api' }]))
  expect(app.events.filter(({ name }) => name === 'permission.deleted')).toContainEqual(
    expect.objectContaining({ event: expect.objectContaining({ name: 'gone:by-id', guard: 'api' }) }),
  )
  await expect(app.auth.permissions.delete(byId!.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a role is given and taken by its name or its id, which says its guard', async () => {
  const { user } = await signUp(app)
  const role = await app.auth.roles.create({ name: freshName() })
  const robot = await app.auth.roles.create({ name: freshName(), guard: 'api' })
  for (const { id } of [role, robot]) await app.auth.roles.assign(user.id, id)
  expect([await app.auth.roles.of(user.id), await app.auth.roles.of(user.id, { guard: 'api' })]).toEqual([[role.name], [robot.name]])
  for (const { id } of [role, robot]) await app.auth.roles.remove(user.id, id)
  expect([await app.auth.roles.of(user.id), await app.auth.roles.of(user.id, { guard: 'api' })]).toEqual([[], []])
  const missing = { code: 'NOT_FOUND' }
  await expect(app.auth.roles.assign(user.id, robot.id, { guard: 'web' })).rejects.toMatchObject(missing)
  await app.auth.roles.delete(role.id)
  await expect(app.auth.roles.assign(user.id, role.id)).rejects.toMatchObject(missing)
})

test('a tenant has roles of its own, which count there and nowhere else; its owner holds the built-in permissions', async () => {
  const now = app.clock.now()
  const tenantId = `tenant-${process.pid}`
  await app.prisma.authTenant.create({ data: { id: tenantId, slug: tenantId, name: 'One', createdAt: now, updatedAt: now } })
  const { user } = await signUp(app)
  await expect(app.auth.roles.assign(user.id, 'robot', { tenantId })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await app.prisma.authMembership.create({ data: { id: `m-${tenantId}`, userId: user.id, scope: tenantId, tenantId, createdAt: now, updatedAt: now } })
  const name = freshName('clerk')
  await app.auth.roles.create({ name, tenantId, permissions: ['desk:use'] })
  await expect(app.auth.roles.create({ name })).rejects.toMatchObject({ code: 'ROLE_TAKEN' })
  await expect(app.auth.roles.create({ name: 'robot', tenantId })).rejects.toMatchObject({ code: 'ROLE_TAKEN' })
  await app.auth.roles.assign(user.id, name, { tenantId })
  expect(await app.auth.permissions.of(user.id, { tenantId })).toEqual(['desk:use'])
  expect(await app.auth.permissions.of(user.id)).toEqual([])
  await expect(app.auth.roles.assign(user.id, name)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const [own, ...others] = await app.auth.roles.list({ tenantId })
  expect([own!.name, others]).toEqual([name, []])
  for (const place of [{}, { tenantId: null }, { tenantId: 'elsewhere' }])
    await expect(app.auth.roles.assign(user.id, own!.id, place)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await app.auth.roles.remove(user.id, own!.id, { tenantId })
  expect(await app.auth.roles.of(user.id, { tenantId })).toEqual([])
  await app.auth.roles.assign(user.id, own!.id, { tenantId })
  await app.auth.roles.create({ name: 'owner', isSystem: true })
  await app.auth.roles.assign(user.id, 'owner', { tenantId })
  expect(await app.auth.permissions.of(user.id, { tenantId })).toEqual(expect.arrayContaining(['desk:use', 'tenant:delete', 'member:invite']))
  await app.auth.roles.assign(user.id, 'owner')
  expect(await app.auth.permissions.of(user.id)).toEqual([])
})

test('rbac.resolveRoles and rbac.resolvePermissions take the place of the tables', async () => {
  let roles = ['from-the-app']
  const own = await makeApp({
    options: {
      rbac: { resolveRoles: async () => roles, resolvePermissions: ({ roles }) => roles.map((role) => `${role}:*`) },
    },
  })
  own.app.get('/door', own.auth.requireRole('from-the-app'), own.auth.requirePermission('from-the-app:open'), (_req, res) => void res.json({}))
  const { accessToken, user } = await signUp(own)
  await get('/door', accessToken, own).expect(200)
  expect(await own.auth.permissions.of(user.id)).toEqual(['from-the-app:*'])
  roles = []
  await get('/door', accessToken, own).expect(403)
})

test('guards that ask for nothing are refused at start', () => {
  expect(() => app.auth.requirePermission('')).toThrow(TypeError)
  expect(() => app.auth.requirePermission({ any: [] })).toThrow(TypeError)
  expect(() => app.auth.requireRole({ any: ['a'], guard: 'api', scope: 'platform' })).toThrow(TypeError)
})
