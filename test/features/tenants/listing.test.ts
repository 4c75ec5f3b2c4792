import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({
    options: { tenants: { mode: 'shared', selfService: true } },
    routes: (app, auth) => void app.get('/by-host', auth.requireTenant({ from: 'subdomain' }), (_req, res) => void res.json({ ok: true })),
  })
})

let count = 0
const slug = () => `list-${process.pid}-${++count}`
async function team() {
  const email = freshEmail()
  const { user } = await signUp(t, { email })
  const tenant = await t.auth.tenants.create({ name: 'Acme', slug: slug(), ownerId: user.id })
  const enter = async () => bearer((await t.call('post', '/auth/login', { email, password: PASSWORD, tenant: tenant.id }).expect(200)).body.accessToken)
  return { email, userId: user.id, tenant, path: `/auth/tenants/${tenant.id}`, headers: await enter(), enter }
}
async function pages(path: string, headers: Record<string, string>) {
  const all = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body }: { body: { data: object[]; nextCursor: string | null } } = await t
      .call('get', `${path}?limit=1${cursor && `&cursor=${cursor}`}`, undefined, headers)
      .expect(200)
    expect(body.data.length).toBeLessThanOrEqual(1)
    all.push(...body.data)
    cursor = body.nextCursor
  }
  return all
}

test('members are listed by pages, with whose memberships they are', async () => {
  const me = await team()
  const { user } = await signUp(t)
  const place = { userId: user.id, tenantId: me.tenant.id }
  await t.auth.memberships.add({ ...place, roles: [], status: 'suspended', metadata: { seat: 1 } })
  expect(await t.auth.memberships.update({ ...place, metadata: { seat: 2 } })).toMatchObject({ metadata: { seat: 2 }, status: 'suspended', invitedById: null })
  expect(await pages(`${me.path}/members`, me.headers)).toMatchObject([
    { userId: user.id, status: 'suspended', metadata: { seat: 2 }, user: { id: user.id, email: user.email, phone: null, username: null } },
    { userId: me.userId, roles: ['owner'], user: { id: me.userId, email: me.email } },
  ])
  const { body } = await t.call('get', `${me.path}/members?status=active`, undefined, me.headers).expect(200)
  expect(body.data.map(({ userId }: { userId: string }) => userId)).toEqual([me.userId])
  await t.call('get', `${me.path}/members?status=strange`, undefined, me.headers).expect(422)
  await t.call('get', `${me.path}/members?cursor=strange`, undefined, me.headers).expect(422)
  expect((await t.auth.memberships.list({ tenantId: me.tenant.id })).data).toHaveLength(2)
  expect((await t.auth.memberships.list({ userId: user.id })).data).toMatchObject([{ tenantId: me.tenant.id, user: { email: user.email } }])
  expect((await t.auth.memberships.list({ tenantId: me.tenant.id, userId: user.id })).data).toHaveLength(1)
})

test("a tenant's roles are listed by pages; those of other guards are the app's alone", async () => {
  const me = await team()
  const made = []
  for (const name of ['first', 'second', 'third']) made.unshift(await t.auth.roles.create({ name, tenantId: me.tenant.id, permissions: ['tenant:read'] }))
  const robot = await t.auth.roles.create({ name: 'robot', guard: 'api', tenantId: me.tenant.id })
  expect(await pages(`${me.path}/roles`, me.headers)).toEqual(made)
  await t.call('patch', `${me.path}/roles/${robot.id}`, { name: 'root' }, me.headers).expect(404)
})

test('an invitation that nobody accepted in time is expired to every filter', async () => {
  const me = await team()
  const old = await t.auth.invitations.create({ tenantId: me.tenant.id, email: freshEmail() })
  t.clock.advance(8 * 86_400)
  const headers = await me.enter()
  const young = await t.auth.invitations.create({ tenantId: me.tenant.id, email: freshEmail() })
  for (const [status, id] of [
    ['pending', young.id],
    ['expired', old.id],
  ]) {
    const { body } = await t.call('get', `${me.path}/invitations?status=${status}`, undefined, headers).expect(200)
    expect(body.data).toMatchObject([{ id, status }])
    expect(body.data).toHaveLength(1)
  }
})

test('a suspended member is told so, a stranger that there is no such tenant', async () => {
  const [me, { user, accessToken }] = [await team(), await signUp(t)]
  await t.auth.memberships.add({ userId: user.id, tenantId: me.tenant.id, status: 'suspended' })
  expect((await t.call('get', me.path, undefined, bearer(accessToken)).expect(403)).body.code).toBe('NOT_A_MEMBER')
  expect((await t.call('get', me.path, undefined, bearer((await signUp(t)).accessToken)).expect(404)).body.code).toBe('NOT_FOUND')
})

test('R-161: a tenant goes by its new slug at once, and by the old one no more', async () => {
  const me = await team()
  const ask = (name: string) => t.call('get', '/by-host', undefined, { ...me.headers, host: `${name}.example.com` })
  await ask(me.tenant.slug).expect(200)
  await ask(me.tenant.slug.toUpperCase()).expect(200)
  const fresh = slug()
  await t.call('patch', me.path, { slug: fresh }, me.headers).expect(200)
  await ask(fresh).expect(200)
  expect((await ask(me.tenant.slug).expect(403)).body.code).toBe('TENANT_MISMATCH')
})

test('a name in any script, and one that others have, makes a tenant; what points nowhere or is too long is refused by name', async () => {
  const { accessToken } = await signUp(t)
  const { body } = await t.call('post', '/auth/tenants', { name: '東京' }, bearer(accessToken)).expect(201)
  expect(body).toMatchObject({ name: '東京', slug: expect.stringMatching(/^tenant-[0-9a-f]{12}$/) })
  const names = [await t.auth.tenants.create({ name: 'Same Name' }), await t.auth.tenants.create({ name: 'Same Name' })]
  expect(names.map(({ slug }) => slug)).toEqual(['same-name', expect.stringMatching(/^same-name-[0-9a-f]{12}$/)])
  await expect(t.auth.tenants.create({ name: 'Same Name', slug: 'same-name' })).rejects.toMatchObject({ code: 'SLUG_TAKEN' })
  const missing = { code: 'NOT_FOUND' }
  await expect(t.auth.tenants.create({ name: 'Child', slug: slug(), parentId: 'nowhere' })).rejects.toMatchObject(missing)
  await expect(t.auth.tenants.update(body.id, { parentId: 'nowhere' })).rejects.toMatchObject(missing)
  await expect(t.auth.roles.create({ name: 'lost', tenantId: 'nowhere' })).rejects.toMatchObject(missing)
  const invalid = { code: 'VALIDATION_FAILED' }
  for (const field of ['domain', 'locale'])
    await expect(t.auth.tenants.create({ name: 'Long', slug: slug(), [field]: 'x'.repeat(500) })).rejects.toMatchObject(invalid)
  for (const field of ['description', 'guard']) await expect(t.auth.roles.create({ name: 'long', [field]: 'x'.repeat(500) })).rejects.toMatchObject(invalid)
})

test('making another tenant the default one is written down', async () => {
  const me = await team()
  const other = await t.auth.tenants.create({ name: 'Other', slug: slug(), ownerId: me.userId })
  await t.call('post', '/auth/tenants/switch', { tenant: other.id, default: true }, me.headers).expect(200)
  expect((await t.auth.audit.query({ tenantId: other.id, event: 'membership.updated' })).data).toMatchObject([
    { actorId: me.userId, data: { isDefault: true } },
  ])
})

test('no tenant is below itself, not even through others or by two changes at once', async () => {
  const make = () => t.auth.tenants.create({ name: 'Node', slug: slug() })
  const [a, b, c] = [await make(), await make(), await make()]
  const invalid = { code: 'VALIDATION_FAILED', details: { errors: [{ path: 'parentId' }] } }
  await expect(t.auth.tenants.update(a.id, { parentId: a.id })).rejects.toMatchObject(invalid)
  await t.auth.tenants.update(b.id, { parentId: a.id })
  await t.auth.tenants.update(c.id, { parentId: b.id })
  await expect(t.auth.tenants.update(a.id, { parentId: c.id })).rejects.toMatchObject(invalid)
  expect((await t.auth.tenants.get(a.id))!.parentId).toBeNull()
  await t.auth.tenants.update(c.id, { parentId: null })
  await t.auth.tenants.update(b.id, { parentId: null })
  const answers = await Promise.allSettled([t.auth.tenants.update(b.id, { parentId: c.id }), t.auth.tenants.update(c.id, { parentId: b.id })])
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('R-190: what no database keeps, or is no host name, is refused by name; a domain is kept in one form', async () => {
  const make = (fields: object) => t.auth.tenants.create({ name: 'Field', slug: slug(), ...fields })
  const bad = {
    name: ['a\0b', 'a\ud800', 'a\nb', '  ', 5, null],
    domain: ['x\0', 'a b', 'a/b', '..'],
    locale: ['e\0'],
    metadata: ['x', [], { a: '\0' }],
    parentId: ['\0'],
  }
  for (const [field, values] of Object.entries(bad))
    for (const value of values)
      await expect(make({ [field]: value })).rejects.toMatchObject({ code: 'VALIDATION_FAILED', details: { errors: [{ path: field }] } })
  for (const guard of ['a\0', '']) {
    await expect(t.auth.roles.create({ name: 'guarded', guard })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
    await expect(t.auth.permissions.define([{ name: 'x:y', guard }])).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  }
  expect([await t.auth.tenants.get('a\0'), await t.auth.tenants.findBySlug('\ud800')]).toEqual([null, null])
  const host = `B\u00fccher-${process.pid}.Example`
  expect((await make({ domain: host })).domain).toBe(new URL(`http://${host}`).hostname)
  await expect(make({ domain: host.toUpperCase() })).rejects.toMatchObject({ code: 'SLUG_TAKEN' })
})

test('of ten who make a tenant of one name at once all get one; of ten who choose one slug, one does', async () => {
  const name = `Twins ${process.pid}`
  const { accessToken } = await signUp(t)
  const ten = (body: object) => Promise.all(Array.from({ length: 10 }, () => t.call('post', '/auth/tenants', body, bearer(accessToken))))
  expect((await ten({ name })).map(({ status }) => status)).toEqual(Array(10).fill(201))
  expect((await ten({ name, slug: slug() })).map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)])
})

test('of those who sign up with a tenant of one name at once, the first there is too, each gets one; a domain that is taken stays so', async () => {
  const t = await makeApp({ options: { tenants: { mode: 'shared', selfService: true, ownerRole: `founder-${process.pid}` } } })
  const name = `Founders ${process.pid}`
  const found = () => t.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, newTenant: { name } })
  const answers = await Promise.all(Array.from({ length: 4 }, found))
  expect(answers.map(({ status, body }) => [status, body.code])).toEqual(Array(4).fill([201, undefined]))
  const domain = `founders-${process.pid}.example.com`
  const all = await Promise.allSettled(Array.from({ length: 5 }, () => t.auth.tenants.create({ name, domain })))
  expect(all.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))).toEqual(Array(4).fill('SLUG_TAKEN'))
})

test('tenants are listed by the one above them; null: those below none', async () => {
  const above = await t.auth.tenants.create({ name: 'Group', slug: slug() })
  const below = []
  for (const name of ['First', 'Second']) below.unshift((await t.auth.tenants.create({ name, slug: slug(), parentId: above.id })).id)
  const ids = async (query: object) => (await t.auth.tenants.list({ limit: 200, ...query })).data.map(({ id }) => id)
  expect(await ids({ parentId: above.id })).toEqual(below)
  const first = await t.auth.tenants.list({ parentId: above.id, limit: 1 })
  expect(await ids({ parentId: above.id, cursor: first.nextCursor })).toEqual(below.slice(1))
  expect(await ids({ parentId: above.id, status: 'suspended' })).toEqual([])
  expect(await ids({ parentId: 'nowhere' })).toEqual([])
  const top = await ids({ parentId: null })
  expect(top).toContain(above.id)
  expect(top).not.toContain(below[0])
})
