import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: { tenants: { mode: 'shared' } } })
})

let count = 0
const name = (what: string) => `${what}-${process.pid}-${++count}`
const manager = ['member:read', 'member:write', 'member:invite', 'role:read', 'role:write']

async function into(t: TestApp, tenantId: string, roles: string[]) {
  const email = freshEmail()
  const { user } = await signUp(t, { email })
  await t.auth.memberships.add({ userId: user.id, tenantId, roles })
  const { body } = await t.call('post', '/auth/login', { email, password: PASSWORD, tenant: tenantId }).expect(200)
  return { userId: user.id, headers: bearer(body.accessToken as string) }
}
/** A tenant with an owner and someone who may manage members and roles in it, and no more. */
async function team(app = t) {
  const { user } = await signUp(app)
  const tenant = await app.auth.tenants.create({ name: 'Acme', slug: name('team'), ownerId: user.id })
  const role = await app.auth.roles.create({ name: name('manager'), tenantId: tenant.id, permissions: manager })
  const path = `/auth/tenants/${tenant.id}`
  return {
    tenantId: tenant.id,
    ownerId: user.id,
    role: role.name,
    path,
    member: (userId: string) => `${path}/members/${userId}`,
    ...(await into(app, tenant.id, [role.name])),
  }
}

test('R-172: a suspended member is out of reach of who holds less than they held', async () => {
  const me = await team()
  const boss = await into(t, me.tenantId, ['owner'])
  await t.auth.memberships.update({ userId: boss.userId, tenantId: me.tenantId, status: 'suspended' })
  for (const body of [{ status: 'active' }, { roles: [] }, { displayName: 'x' }])
    expect((await t.call('patch', me.member(boss.userId), body, me.headers).expect(403)).body.code).toBe('PRIVILEGE_EXCEEDED')
  expect((await t.call('delete', me.member(boss.userId), undefined, me.headers).expect(403)).body.code).toBe('PRIVILEGE_EXCEEDED')
})

test('R-172: a role that is switched off is given by nobody who holds less than it would grant', async () => {
  const me = await team()
  const asleep = await t.auth.roles.create({ name: name('asleep'), tenantId: me.tenantId, permissions: ['*'] })
  await t.auth.roles.update(asleep.id, { isActive: false })
  const tries = [
    t.call('patch', me.member(me.userId), { roles: [me.role, asleep.name] }, me.headers),
    t.call('post', `${me.path}/roles`, { name: name('heir'), inherits: [asleep.name] }, me.headers),
    t.call('post', `${me.path}/invitations`, { email: freshEmail(), roles: [asleep.name] }, me.headers),
    t.call('patch', `${me.path}/roles/${asleep.id}`, { isActive: true }, me.headers),
  ]
  for (const answer of await Promise.all(tries)) expect([answer.status, answer.body.code]).toEqual([403, 'PRIVILEGE_EXCEEDED'])
})

test('R-172: what a role is worth is asked of rbac.resolvePermissions where the app has one', async () => {
  const worth: Record<string, string[]> = { root: ['*'] }
  const own = await makeApp({
    options: { tenants: { mode: 'shared' }, rbac: { resolvePermissions: ({ roles }) => roles.flatMap((role) => worth[role] ?? manager) } },
  })
  const me = await team(own)
  await own.auth.roles.create({ name: 'root', tenantId: me.tenantId })
  expect((await own.call('patch', me.member(me.userId), { roles: ['root'] }, me.headers).expect(403)).body.code).toBe('PRIVILEGE_EXCEEDED')
  const equal = await own.auth.roles.create({ name: name('equal'), tenantId: me.tenantId })
  await own.call('patch', me.member(me.userId), { roles: [me.role, equal.name] }, me.headers).expect(200)
})

test('a change of roles leaves those of other guards', async () => {
  const me = await team()
  const robot = { guard: 'api', tenantId: me.tenantId }
  await t.auth.roles.create({ name: 'robot', ...robot })
  await t.auth.roles.assign(me.userId, 'robot', robot)
  await t.auth.memberships.update({ userId: me.userId, tenantId: me.tenantId, roles: [] })
  expect(await t.auth.roles.of(me.userId, robot)).toEqual(['robot'])
  expect(await t.auth.roles.of(me.userId, { tenantId: me.tenantId })).toEqual([])
})

test('R-161: staff who name another tenant in the header have no part in that of the path; staff who are plain members still act as staff', async () => {
  const me = await team()
  const support = await t.auth.roles.create({ name: name('support'), permissions: ['tenant:read', 'member:read'] })
  const plain = await into(t, me.tenantId, [])
  await t.call('get', `${me.path}/members`, undefined, plain.headers).expect(403)
  await t.auth.platform.grant(plain.userId, [support.name])
  await t.call('get', `${me.path}/members`, undefined, plain.headers).expect(200)
  expect((await t.auth.audit.query({ tenantId: me.tenantId, event: 'platform.used' })).data).toHaveLength(1)
  const other = await team()
  await t.call('get', other.path, undefined, plain.headers).expect(200)
  await t.call('get', other.path, undefined, { ...plain.headers, 'x-tenant-id': me.tenantId }).expect(404)
})

test('who inherits the owner role has the built-in permissions in a tenant, nowhere else, and is no owner', async () => {
  const me = await team()
  const heir = await t.auth.roles.create({ name: name('deputy'), inherits: ['owner'] })
  const deputy = await into(t, me.tenantId, [heir.name])
  await t.call('get', `${me.path}/members`, undefined, deputy.headers).expect(200)
  expect(await t.auth.permissions.of(deputy.userId, { tenantId: me.tenantId })).toContain('tenant:delete')
  await t.auth.roles.assign(deputy.userId, heir.name)
  expect(await t.auth.permissions.of(deputy.userId)).toEqual([])
  const gift = (userId: string, roles: string[], headers: Record<string, string>) => t.call('patch', me.member(userId), { roles }, headers)
  for (const answer of [await gift(me.userId, [heir.name], me.headers), await gift(me.userId, ['owner'], deputy.headers)])
    expect([answer.status, answer.body.code]).toEqual([403, 'PRIVILEGE_EXCEEDED'])
  await expect(t.auth.memberships.remove({ userId: me.ownerId, tenantId: me.tenantId })).rejects.toMatchObject({ code: 'LAST_OWNER' })
})
