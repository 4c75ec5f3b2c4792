import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: { tenants: { mode: 'shared' } } })
})
const into = async (tenantId: string, email: string) => {
  const { body } = await t.call('post', '/auth/login', { email, password: PASSWORD, tenant: tenantId }).expect(200)
  return bearer(body.accessToken as string)
}

test("R-172: a tenant's roles are managed within what the actor may do there", async () => {
  const [email, other] = [freshEmail(), freshEmail()]
  const { user } = await signUp(t, { email })
  const tenant = await t.auth.tenants.create({ name: 'Acme', slug: `roles-${process.pid}`, ownerId: user.id })
  const owner = await into(tenant.id, email)
  const path = `/auth/tenants/${tenant.id}/roles`
  const { body: lead } = await t.call('post', path, { name: 'lead', permissions: ['role:read', 'role:write', 'member:read'] }, owner).expect(201)
  const { body: boss } = await t.call('post', path, { name: 'boss', permissions: ['tenant:update'], inherits: ['lead'] }, owner).expect(201)
  expect(boss).toMatchObject({ tenantId: tenant.id, permissions: ['tenant:update'], inherits: ['lead'], isSystem: false })
  expect((await t.call('get', path, undefined, owner).expect(200)).body.data.map(({ name }: { name: string }) => name)).toEqual(['boss', 'lead'])
  for (const body of [{ permissions: ['*'] }, { permissions: ['invoice:read'] }])
    expect((await t.call('post', path, { name: 'more', ...body }, owner).expect(403)).body.code).toBe('PRIVILEGE_EXCEEDED')
  expect((await t.call('post', path, { name: 'owner' }, owner).expect(409)).body.code).toBe('ROLE_TAKEN')
  expect((await t.call('patch', `${path}/${lead.id}`, { inherits: ['boss'] }, owner).expect(409)).body.code).toBe('ROLE_CYCLE')

  const { user: second } = await signUp(t, { email: other })
  await t.auth.memberships.add({ userId: second.id, tenantId: tenant.id, roles: ['lead'] })
  const lesser = await into(tenant.id, other)
  for (const body of [{ permissions: ['tenant:delete'] }, { inherits: ['boss'] }, { inherits: ['owner'] }])
    expect((await t.call('post', path, { name: 'mine', ...body }, lesser).expect(403)).body.code).toBe('PRIVILEGE_EXCEEDED')
  await t.call('patch', `${path}/${boss.id}`, { permissions: [] }, lesser).expect(403)
  await t.call('delete', `${path}/${boss.id}`, undefined, lesser).expect(403)
  await t.call('patch', `${path}/${lead.id}`, { permissions: ['role:read', 'role:write', 'member:write'] }, lesser).expect(403)
  const { body: mine } = await t.call('post', path, { name: 'mine', permissions: ['member:read'] }, lesser).expect(201)
  await t.call('patch', `${path}/${mine.id}`, { description: 'Reads', isActive: false }, lesser).expect(200)
  await t.call('delete', `${path}/${mine.id}`, undefined, lesser).expect(204)

  await t.call('patch', `${path}/${lead.id}`, { permissions: ['member:read'] }, owner).expect(200)
  await t.call('get', path, undefined, lesser).expect(403)
  const system = await t.auth.roles.create({ name: 'fixed', tenantId: tenant.id, isSystem: true })
  expect((await t.call('delete', `${path}/${system.id}`, undefined, owner).expect(409)).body.code).toBe('ROLE_IS_SYSTEM')
})
