import { bearer, freshEmail, makeApp, ownClient, ownDatabase, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: { tenants: { mode: 'shared' } } })
})

let count = 0
async function team() {
  const email = freshEmail()
  const { user } = await signUp(t, { email })
  const tenant = await t.auth.tenants.create({ name: 'Acme', slug: `owned-${process.pid}-${++count}`, ownerId: user.id })
  const { body } = await t.call('post', '/auth/login', { email, password: PASSWORD, tenant: tenant.id }).expect(200)
  return { tenantId: tenant.id, userId: user.id, headers: bearer(body.accessToken as string) }
}
const add = async (tenantId: string, roles: string[] = []) => {
  const { user, accessToken } = await signUp(t)
  await t.auth.memberships.add({ userId: user.id, tenantId, roles })
  return { userId: user.id, headers: bearer(accessToken) }
}
const owners = async (tenantId: string) => (await t.auth.memberships.list(tenantId)).data.filter(({ roles }) => roles.includes('owner'))

test('G19: the last owner keeps the role, whichever service would take it', async () => {
  const me = await team()
  const ownerRole = (await t.auth.roles.list({ tenantId: null })).find(({ name }) => name === 'owner')!
  for (const role of ['owner', ownerRole.id])
    await expect(t.auth.roles.remove(me.userId, role, { tenantId: me.tenantId })).rejects.toMatchObject({ code: 'LAST_OWNER' })
  const patch = t.call('patch', `/auth/tenants/${me.tenantId}/members/${me.userId}`, { roles: ['owner', ownerRole.id] }, me.headers)
  expect((await patch.expect(404)).body.code).toBe('NOT_FOUND')
  const second = await add(me.tenantId, ['owner'])
  const answers = await Promise.allSettled([me, second].map(({ userId }) => t.auth.roles.remove(userId, 'owner', { tenantId: me.tenantId })))
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(await owners(me.tenantId)).toHaveLength(1)
  await expect(t.auth.roles.remove(me.userId, 'owner', { tenantId: 'nowhere' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('G19: who alone owns a tenant that others are in does not delete the account; two who both go leave one', async () => {
  const me = await team()
  await t.call('delete', '/auth/me', undefined, (await team()).headers).expect(204)
  const second = await add(me.tenantId)
  expect((await t.call('delete', '/auth/me', undefined, me.headers).expect(409)).body.code).toBe('LAST_OWNER')
  expect(await t.auth.users.get(me.userId)).not.toBeNull()
  await t.call('delete', '/auth/me', undefined, second.headers).expect(204)
  const [third] = [await add(me.tenantId, ['owner']), await add(me.tenantId)]
  const answers = await Promise.all([me, third!].map(({ headers }) => t.call('delete', '/auth/me', undefined, headers)))
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
  expect(await owners(me.tenantId)).toHaveLength(1)
})

test('the owner role is there from the first tenant on, whoever owns that', async () => {
  const own = await makeApp({ options: { tenants: { mode: 'isolated' } }, prisma: await ownClient(await ownDatabase()) })
  const tenant = await own.auth.tenants.create({ name: 'First', slug: 'first' })
  const { user } = await own.auth.provision({ email: freshEmail(), tenant: 'first', roles: ['owner'] })
  expect(await own.auth.permissions.of(user.id, { tenantId: tenant.id })).toContain('member:write')
  await expect(own.auth.provision({ email: freshEmail() })).rejects.toMatchObject({ code: 'TENANT_REQUIRED' })
  const staffed = await makeApp({ options: { tenants: { mode: 'isolated' }, platform: { accounts: true } } })
  expect(await staffed.auth.provision({ email: freshEmail() })).toMatchObject({ created: true, user: { tenantId: null } })
})
