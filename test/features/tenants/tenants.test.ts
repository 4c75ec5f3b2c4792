import { routes } from '../../support/contract.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { isDoubled } from '../../support/two-processes.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({
    options: { tenants: { mode: 'shared', selfService: true, lookup: true } },
    routes: (app, auth) => {
      app.get('/in-tenant', auth.requireTenant(), (req, res) => void res.json({ tenantId: req.auth!.tenantId, roles: req.auth!.roles }))
      app.get('/by-header', auth.requireTenant({ from: 'header' }), (_req, res) => void res.json({ ok: true }))
      app.get('/t/:tenantId/things', auth.requireTenant({ from: 'param' }), (_req, res) => void res.json({ ok: true }))
      app.get('/by-host', auth.requireTenant({ from: 'subdomain' }), (_req, res) => void res.json({ ok: true }))
      app.get('/members', auth.requireTenant(), auth.requirePermission('member:read'), (_req, res) => void res.json({ ok: true }))
    },
  })
})

let count = 0
const slug = () => `acme-${process.pid}-${++count}`
const login = (t: TestApp, email: string, body = {}) => t.call('post', '/auth/login', { email, password: PASSWORD, ...body })
/** Someone who owns a tenant, signed in to it. */
async function owner(t: TestApp) {
  const email = freshEmail()
  const { user } = await signUp(t, { email })
  const tenant = await t.auth.tenants.create({ name: 'Acme', slug: slug(), ownerId: user.id })
  const { body } = await login(t, email).expect(200)
  return { email, userId: user.id, tenant, headers: bearer(body.accessToken as string), refreshToken: body.refreshToken as string }
}
/** A further member, signed in to the tenant. */
async function member(t: TestApp, tenantId: string, roles: string[] = []) {
  const email = freshEmail()
  const { user } = await signUp(t, { email })
  await t.auth.memberships.add({ userId: user.id, tenantId, roles })
  const { body } = await login(t, email).expect(200)
  return { email, userId: user.id, headers: bearer(body.accessToken as string) }
}

test('a sign-up makes account, tenant, membership and owner role as one, or nothing (A8)', async () => {
  const email = freshEmail()
  const name = slug()
  const { body } = await t.call('post', '/auth/signup', { email, password: PASSWORD, newTenant: { name: 'Ærø & Söhne', slug: name } }).expect(201)
  const tenant = (await t.auth.tenants.findBySlug(name))!
  expect(body.session.tenantId).toBe(tenant.id)
  const { body: me } = await t.call('get', '/auth/me', undefined, bearer(body.accessToken)).expect(200)
  expect(me).toMatchObject({ roles: ['owner'], memberships: [{ tenantId: tenant.id, tenant: name, status: 'active', roles: ['owner'] }] })
  expect(me.permissions).toEqual(expect.arrayContaining(['tenant:update', 'member:write']))
  const taken = freshEmail()
  expect((await t.call('post', '/auth/signup', { email: taken, password: PASSWORD, newTenant: { name: 'x', slug: name } }).expect(409)).body.code).toBe(
    'SLUG_TAKEN',
  )
  expect(await t.auth.users.findByEmail(taken)).toBeNull()
})

test('regression 7: naming a tenant never makes a membership without invitation or openSignup', async () => {
  const { tenant } = await owner(t)
  const join = (t: TestApp, body = {}) => t.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, tenant: tenant.slug, ...body })
  expect((await join(t).expect(403)).body.code).toBe('INVITATION_REQUIRED')
  await t.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, tenantId: tenant.id }).expect(201)
  expect((await t.auth.memberships.list(tenant.id)).data).toHaveLength(1)
  const open = await makeApp({ options: { tenants: { mode: 'shared', openSignup: true } } })
  const { body } = await join(open).expect(201)
  expect(body.session.tenantId).toBe(tenant.id)
  await t.auth.tenants.suspend(tenant.id)
  expect((await join(open).expect(403)).body.code).toBe('TENANT_SUSPENDED')
  const closed = await makeApp({ options: { tenants: { mode: 'shared' } } })
  await closed.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, newTenant: { name: 'mine' } }).expect(403)
  const off = await makeApp()
  await off.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, tenant: 'x' }).expect(404)
  await off.call('get', '/auth/tenants').expect(404)
})

test('a sign-in goes to the only tenant, the one named, the default one, or asks which (G5)', async () => {
  const first = await owner(t)
  const second = await t.auth.tenants.create({ name: 'Beta', slug: slug() })
  const third = await t.auth.tenants.create({ name: 'Alpha', slug: slug() })
  for (const { id } of [second, third]) await t.auth.memberships.add({ userId: first.userId, tenantId: id })
  expect((await login(t, first.email, { tenant: second.slug }).expect(200)).body.session.tenantId).toBe(second.id)
  expect((await login(t, first.email, { tenant: 'nowhere' }).expect(403)).body.code).toBe('NOT_A_MEMBER')
  expect((await login(t, first.email, { tenant: 'nowhere', password: 'not this one' }).expect(401)).body.code).toBe('INVALID_CREDENTIALS')
  const { body } = await login(t, first.email).expect(200)
  expect(body).toMatchObject({ status: 'tenant_selection_required', tenantToken: expect.stringMatching(/^lkp_/), expiresIn: 600 })
  expect(body.tenants.map(({ name }: { name: string }) => name)).toEqual(['Acme', 'Alpha', 'Beta'])
  const stranger = await owner(t)
  expect((await t.call('post', '/auth/tenants/select', { tenantToken: body.tenantToken, tenant: stranger.tenant.id }).expect(403)).body.code).toBe(
    'NOT_A_MEMBER',
  )
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => t.call('post', '/auth/tenants/select', { tenantToken: body.tenantToken, tenant: third.slug })),
  )
  expect(answers.filter(({ status }) => status === 200).map(({ body }) => body.session.tenantId)).toEqual([third.id])
  await t.call('get', '/private', undefined, bearer(body.tenantToken)).expect(401)
  await t.call('post', '/auth/refresh', { refreshToken: body.tenantToken }).expect(401)
  await t.call('post', '/auth/tenants/switch', { tenant: second.id, default: true }, first.headers).expect(200)
  expect((await login(t, first.email).expect(200)).body.session.tenantId).toBe(second.id)
})

test('a switch gives a new session there in place of this one, no more recent than the old (R-070)', async () => {
  const me = await owner(t)
  const other = await t.auth.tenants.create({ name: 'Other', slug: slug() })
  await t.auth.memberships.add({ userId: me.userId, tenantId: other.id, roles: [] })
  t.clock.advance(300)
  const { body } = await t.call('post', '/auth/tenants/switch', { tenant: other.slug }, me.headers).expect(200)
  expect(body.session).toMatchObject({ tenantId: other.id, authenticatedAt: new Date(t.clock.now().getTime() - 300_000).toISOString() })
  expect((await t.call('get', '/in-tenant', undefined, bearer(body.accessToken)).expect(200)).body).toEqual({ tenantId: other.id, roles: [] })
  await t.call('get', '/in-tenant', undefined, me.headers).expect(401)
  const stranger = await owner(t)
  await t.call('post', '/auth/tenants/switch', { tenant: stranger.tenant.id }, bearer(body.accessToken)).expect(404)
  await t.call('post', '/auth/tenants/switch', { tenant: 'nowhere' }, bearer(body.accessToken)).expect(404)
})

test('R-074: a switch prolongs no session: its longest life counts from the sign-in, and so it does after a refresh', async () => {
  const own = await makeApp({ options: { tenants: { mode: 'shared' }, sessions: { rememberTtl: '40d' } } })
  const me = await owner(own)
  const other = await own.auth.tenants.create({ name: 'Other', slug: slug(), ownerId: me.userId })
  const end = new Date(own.clock.now().getTime() + 40 * 86_400_000).toISOString()
  let { refreshToken } = me
  for (const tenant of [other.id, me.tenant.id, other.id]) {
    own.clock.advance(13 * 86_400)
    const fresh = (await own.call('post', '/auth/refresh', { refreshToken }).expect(200)).body
    const { body } = await own.call('post', '/auth/tenants/switch', { tenant }, bearer(fresh.accessToken)).expect(200)
    expect(body.session).toMatchObject({ tenantId: tenant, expiresAt: end })
    const again = (await own.call('post', '/auth/refresh', { refreshToken: body.refreshToken }).expect(200)).body
    expect(again.session.expiresAt).toBe(end)
    refreshToken = again.refreshToken
  }
  own.clock.advance(86_400)
  expect((await own.call('post', '/auth/refresh', { refreshToken }).expect(401)).body.code).toBe('REFRESH_TOKEN_EXPIRED')
})

test('R-161: what the request names must be the tenant of the session', async () => {
  const { tenant, headers, userId } = await owner(t)
  const other = await t.auth.tenants.create({ name: 'Other', slug: slug() })
  await t.auth.memberships.add({ userId, tenantId: other.id })
  for (const name of [tenant.id, tenant.slug]) {
    await t.call('get', '/by-header', undefined, { ...headers, 'x-tenant-id': name }).expect(200)
    await t.call('get', `/t/${name}/things`, undefined, headers).expect(200)
  }
  await t.call('get', '/by-host', undefined, { ...headers, host: `${tenant.slug}.example.com` }).expect(200)
  const mismatches = [
    t.call('get', '/by-header', undefined, { ...headers, 'x-tenant-id': other.id }),
    t.call('get', `/t/${other.id}/things`, undefined, headers),
    t.call('get', `/t/${tenant.id}/things`, undefined, { ...headers, 'x-tenant-id': other.id }),
    t.call('get', '/in-tenant', undefined, { ...headers, 'x-tenant-id': other.id }),
    t.call('get', '/by-host', undefined, { ...headers, host: `${other.slug}.example.com` }),
    t.call('get', `/auth/tenants/${other.id}`, undefined, headers),
    t.call('get', `/auth/tenants/${tenant.id}`, undefined, { ...headers, 'x-tenant-id': other.id }),
  ]
  for (const answer of await Promise.all(mismatches)) expect([answer.status, answer.body.code]).toEqual([403, 'TENANT_MISMATCH'])
  expect((await t.call('get', '/by-header', undefined, headers).expect(403)).body.code).toBe('TENANT_REQUIRED')
  const { accessToken } = await signUp(t)
  expect((await t.call('get', '/in-tenant', undefined, bearer(accessToken)).expect(403)).body.code).toBe('TENANT_REQUIRED')
})

test('R-097, R-174, G9: a suspended tenant or membership, a removal, a lost role count from the next request on', async () => {
  const me = await owner(t)
  const them = await member(t, me.tenant.id, ['owner'])
  await t.call('get', '/members', undefined, them.headers).expect(200)
  t.statements()
  await t.call('get', '/members', undefined, them.headers).expect(200)
  if (!isDoubled) expect(t.statements()).toEqual([])
  await t.auth.tenants.suspend(me.tenant.id)
  expect((await t.call('get', '/in-tenant', undefined, them.headers).expect(403)).body.code).toBe('TENANT_SUSPENDED')
  expect((await t.call('get', `/auth/tenants/${me.tenant.id}`, undefined, them.headers).expect(403)).body.code).toBe('TENANT_SUSPENDED')
  await t.auth.tenants.reactivate(me.tenant.id)
  await t.call('get', '/in-tenant', undefined, them.headers).expect(200)
  const place = { userId: them.userId, tenantId: me.tenant.id }
  await t.auth.memberships.update({ ...place, roles: [] })
  await t.call('get', '/members', undefined, them.headers).expect(403)
  await t.auth.memberships.update({ ...place, status: 'suspended' })
  expect((await t.call('get', '/in-tenant', undefined, them.headers).expect(403)).body.code).toBe('NOT_A_MEMBER')
  await t.auth.memberships.update({ ...place, status: 'active' })
  await t.call('get', '/in-tenant', undefined, them.headers).expect(200)
  await t.auth.memberships.remove(place)
  expect((await t.call('get', '/in-tenant', undefined, them.headers).expect(403)).body.code).toBe('NOT_A_MEMBER')
})

test('a suspended tenant cannot be signed in to (regression 7)', async () => {
  const strict = await makeApp({ options: { tenants: { mode: 'shared', required: true } } })
  const me = await owner(t)
  await t.auth.tenants.suspend(me.tenant.id)
  expect((await login(strict, me.email).expect(403)).body.code).toBe('TENANT_SUSPENDED')
  expect((await login(t, me.email, { tenant: me.tenant.id }).expect(403)).body.code).toBe('TENANT_SUSPENDED')
  expect((await login(t, me.email).expect(200)).body.session.tenantId).toBeNull()
  const email = freshEmail()
  await t.auth.users.create({ email, password: PASSWORD })
  expect((await login(strict, email).expect(403)).body.code).toBe('TENANT_REQUIRED')
})

test('R-172, G19: the last owner stays, also when two remove each other at once', async () => {
  const me = await owner(t)
  const path = (userId: string) => `/auth/tenants/${me.tenant.id}/members/${userId}`
  for (const call of [
    t.call('delete', path(me.userId), undefined, me.headers),
    t.call('patch', path(me.userId), { roles: [] }, me.headers),
    t.call('patch', path(me.userId), { status: 'suspended' }, me.headers),
  ]) {
    expect((await call.expect(409)).body.code).toBe('LAST_OWNER')
  }
  for (let round = 0; round < 5; round++) {
    const first = await owner(t)
    const second = await member(t, first.tenant.id, ['owner'])
    const remove = (userId: string, headers: Record<string, string>) =>
      t.call('delete', `/auth/tenants/${first.tenant.id}/members/${userId}`, undefined, headers)
    const answers = await Promise.all([remove(second.userId, first.headers), remove(first.userId, second.headers)])
    const { data } = await t.auth.memberships.list(first.tenant.id)
    expect(data.filter(({ roles }) => roles.includes('owner'))).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
    expect(answers.every(({ status }) => status < 500)).toBe(true)
  }
})

test('R-172: nobody gives or takes more than they hold; members leave by themselves', async () => {
  const me = await owner(t)
  await t.auth.permissions.define([{ name: 'member:write' }, { name: 'member:read' }, { name: 'invoice:write' }])
  const clerk = `clerk-${process.pid}-${++count}`
  const boss = `boss-${process.pid}-${count}`
  await t.auth.roles.create({ name: clerk, permissions: ['member:read', 'member:write'] })
  await t.auth.roles.create({ name: boss, permissions: ['invoice:write'] })
  const them = await member(t, me.tenant.id, [clerk])
  const third = await member(t, me.tenant.id)
  const path = (userId: string) => `/auth/tenants/${me.tenant.id}/members/${userId}`
  for (const roles of [['owner'], [boss]]) {
    expect((await t.call('patch', path(third.userId), { roles }, them.headers).expect(403)).body.code).toBe('PRIVILEGE_EXCEEDED')
    expect((await t.call('patch', path(them.userId), { roles }, them.headers).expect(403)).body.code).toBe('PRIVILEGE_EXCEEDED')
  }
  expect((await t.call('delete', path(me.userId), undefined, them.headers).expect(403)).body.code).toBe('PRIVILEGE_EXCEEDED')
  const { body } = await t.call('patch', path(third.userId), { roles: [clerk], displayName: 'Third' }, them.headers).expect(200)
  expect(body).toMatchObject({ roles: [clerk], displayName: 'Third' })
  await t.call('patch', path(third.userId), { roles: ['no such role'] }, me.headers).expect(404)
  await t.call('delete', path(them.userId), undefined, them.headers).expect(204)
  await t.call('delete', path(third.userId), undefined, me.headers).expect(204)
})

test('one’s own tenants, lookup by slug, change and deletion', async () => {
  const { accessToken, user } = await signUp(t)
  const name = slug()
  const { body: made } = await t.call('post', '/auth/tenants', { name: 'Mine', slug: name }, bearer(accessToken)).expect(201)
  expect((await t.call('get', '/auth/tenants', undefined, bearer(accessToken)).expect(200)).body).toEqual([
    { id: made.id, slug: name, name: 'Mine', status: 'active', membershipStatus: 'active', isDefault: false, roles: ['owner'] },
  ])
  expect((await t.call('get', `/auth/tenants/lookup?slug=${name}`).expect(200)).body).toEqual({ id: made.id, slug: name, name: 'Mine' })
  await t.call('get', `/auth/tenants/lookup?slug=${made.id}`).expect(404)
  const { body } = await t.call('patch', `/auth/tenants/${name}`, { name: 'Renamed', metadata: { plan: 'pro' } }, bearer(accessToken)).expect(200)
  expect(body).toMatchObject({ name: 'Renamed', metadata: { plan: 'pro' } })
  for (const odd of [{ slug: 'A B' }, { slug: '-a' }, { name: ' ' }, { status: 'suspended' }])
    await t.call('patch', `/auth/tenants/${name}`, odd, bearer(accessToken)).expect(422)
  await t.call('delete', `/auth/tenants/${name}`, undefined, bearer(accessToken)).expect(204)
  expect(await t.auth.tenants.get(made.id)).toBeNull()
  expect(await t.auth.users.get(user.id)).not.toBeNull()
  await t.call('get', `/auth/tenants/${made.id}`, undefined, bearer(accessToken)).expect(404)
})

// Every route under a tenant with what a member of it may send; one that is added without a case fails.
const cases: Record<string, object | undefined> = {
  'GET /tenants/:id': undefined,
  'PATCH /tenants/:id': { name: 'x' },
  'DELETE /tenants/:id': undefined,
  'GET /tenants/:id/members': undefined,
  'PATCH /tenants/:id/members/:userId': { roles: [] },
  'DELETE /tenants/:id/members/:userId': undefined,
  'GET /tenants/:id/roles': undefined,
  'POST /tenants/:id/roles': { name: 'x' },
  'PATCH /tenants/:id/roles/:roleId': { description: 'x' },
  'DELETE /tenants/:id/roles/:roleId': undefined,
  'GET /tenants/:id/invitations': undefined,
  'POST /tenants/:id/invitations': { email: 'somebody@example.com' },
  'POST /tenants/:id/invitations/:invitationId/resend': undefined,
  'DELETE /tenants/:id/invitations/:invitationId': undefined,
}
const scoped = routes.filter(({ path }) => path.startsWith('/tenants/:id'))

test('R-160, R-162: a tenant one is not in is as one that does not exist, on every route below it', async () => {
  expect(scoped.map(({ method, path }) => `${method} ${path}`).filter((name) => !(name in cases))).toEqual([])
  const mine = await owner(t)
  const theirs = await owner(t)
  const target = await member(t, theirs.tenant.id)
  const theirRole = await t.auth.roles.create({ name: slug(), tenantId: theirs.tenant.id })
  const theirInvitation = await t.auth.invitations.create({ tenantId: theirs.tenant.id, email: freshEmail() })
  const ids = { theirs: theirs.tenant.id, absent: mine.tenant.id.replace(/.$/, (last) => (last === '0' ? '1' : '0')) }
  for (const { method, path } of scoped) {
    const verb = method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete'
    const ask = (id: string) =>
      t.call(
        verb,
        `/auth${path.replace(':id', id).replace(':userId', target.userId).replace(':roleId', theirRole.id).replace(':invitationId', theirInvitation.id)}`,
        cases[`${method} ${path}`],
        mine.headers,
      )
    const [foreign, absent] = [await ask(ids.theirs), await ask(ids.absent)]
    expect([method, path, foreign.status, foreign.body]).toEqual([method, path, 404, absent.body])
    // A role of another tenant is none of mine.
    if (path.includes(':roleId'))
      await t.call(verb, `/auth${path.replace(':id', mine.tenant.id).replace(':roleId', theirRole.id)}`, cases[`${method} ${path}`], mine.headers).expect(404)
    // A person of another tenant is no member of mine.
    if (path.includes(':userId'))
      await t.call(verb, `/auth${path.replace(':id', mine.tenant.id).replace(':userId', target.userId)}`, cases[`${method} ${path}`], mine.headers).expect(404)
  }
  expect((await t.auth.memberships.list(theirs.tenant.id)).data).toHaveLength(2)
  expect((await t.auth.tenants.get(theirs.tenant.id))!.name).toBe('Acme')
})

test('users are listed by tenant and by role (R-163)', async () => {
  const me = await owner(t)
  const them = await member(t, me.tenant.id)
  const ids = async (query: object) => (await t.auth.users.list(query)).data.map(({ id }) => id).sort()
  expect(await ids({ tenantId: me.tenant.id })).toEqual([me.userId, them.userId].sort())
  expect(await ids({ tenantId: me.tenant.id, role: 'owner' })).toEqual([me.userId])
  expect(await ids({ role: 'owner', limit: 200 })).toContain(me.userId)
  expect(await ids({ role: 'owner', limit: 200 })).not.toContain(them.userId)
  expect(await ids({ tenantId: 'nowhere' })).toEqual([])
})

test('services: membership twice, a user deleted, events', async () => {
  const me = await owner(t)
  await expect(t.auth.memberships.add({ userId: me.userId, tenantId: me.tenant.id })).rejects.toMatchObject({ code: 'MEMBER_TAKEN' })
  await expect(t.auth.memberships.add({ userId: 'nobody', tenantId: me.tenant.id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const them = await member(t, me.tenant.id)
  await t.auth.users.delete(them.userId)
  expect((await t.auth.memberships.list(me.tenant.id)).data).toHaveLength(1)
  expect((await t.auth.tenants.list({ limit: 1 })).nextCursor).not.toBeNull()
  const other = await t.auth.tenants.create({ name: 'Second', slug: slug(), ownerId: me.userId })
  await t.auth.memberships.setDefault({ userId: me.userId, tenantId: other.id })
  expect((await login(t, me.email).expect(200)).body.session.tenantId).toBe(other.id)
  expect((await t.auth.sessions.create(me.userId, { tenantId: me.tenant.slug })).session.tenantId).toBe(me.tenant.id)
  await expect(t.auth.sessions.create(me.userId, { tenantId: 'nowhere' })).rejects.toMatchObject({ code: 'NOT_A_MEMBER' })
  await t.auth.tenants.suspend(other.id)
  await t.auth.tenants.delete(other.id)
  const names = t.events.map(({ name }) => name)
  for (const name of [
    'tenant.created',
    'tenant.updated',
    'tenant.suspended',
    'tenant.deleted',
    'membership.added',
    'membership.updated',
    'membership.removed',
  ] as const)
    expect(names).toContain(name)
})
