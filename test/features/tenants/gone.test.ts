import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: { tenants: { mode: 'shared', selfService: true, openSignup: true }, apiKeys: { enabled: true } } })
})

let count = 0
async function team() {
  const email = freshEmail()
  const { user } = await signUp(t, { email })
  const tenant = await t.auth.tenants.create({ name: 'Acme', slug: `gone-${process.pid}-${++count}`, ownerId: user.id })
  const { body } = await t.call('post', '/auth/login', { email, password: PASSWORD, tenant: tenant.id }).expect(200)
  return { userId: user.id, tenant, path: `/auth/tenants/${tenant.id}`, headers: bearer(body.accessToken as string) }
}

test('what is made while its tenant or user goes is made before, or refused: never a fault', async () => {
  for (let round = 0; round < 4; round++) {
    const [me, { user, accessToken }] = [await team(), await signUp(t)]
    const { token } = await t.auth.invitations.create({ tenantId: me.tenant.id, email: freshEmail() })
    const answers = await Promise.all([
      t.call('delete', me.path, undefined, me.headers),
      t.call('post', `${me.path}/roles`, { name: 'late', permissions: ['tenant:read'] }, me.headers),
      t.call('post', `${me.path}/invitations`, { email: freshEmail() }, me.headers),
      t.call('post', '/auth/invitations/accept', { token, password: PASSWORD }),
      t.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, tenant: me.tenant.slug }),
      t.call('delete', '/auth/me', undefined, bearer(accessToken)),
      t.call('post', '/auth/api-keys', { name: 'late' }, bearer(accessToken)),
      t.call('post', '/auth/tenants', { name: 'Late', slug: `${me.tenant.slug}-late` }, bearer(accessToken)),
    ])
    expect(answers.filter(({ status }) => status >= 500).map(({ body }) => body)).toEqual([])
    expect(await t.auth.tenants.get(me.tenant.id)).toBeNull()
    expect(await t.auth.users.get(user.id)).toBeNull()
  }
})

test('with a tenant go the keys that act in it', async () => {
  const me = await team()
  const { body: inside } = await t.call('post', '/auth/api-keys', { name: 'inside', expiresAt: null, permissions: null }, me.headers).expect(201)
  expect(inside).toMatchObject({ tenantId: me.tenant.id, expiresAt: null, permissions: null })
  const outside = await t.auth.apiKeys.create({ userId: me.userId, name: 'outside' })
  await t.auth.tenants.delete(me.tenant.id)
  expect((await t.auth.apiKeys.list(me.userId)).map(({ id }) => id)).toEqual([outside.id])
  await expect(t.auth.apiKeys.verify(inside.key)).rejects.toMatchObject({ code: 'API_KEY_INVALID' })
  const { data } = await t.auth.audit.query({ event: 'api_key.revoked', userId: me.userId })
  expect(data).toMatchObject([{ data: { keyId: inside.id } }])
})

test('the end of a key is taken off again', async () => {
  const me = await team()
  const { body: made } = await t.call('post', '/auth/api-keys', { name: 'k', expiresAt: '2027-01-01T00:00:00.000Z' }, me.headers).expect(201)
  const { body } = await t.call('patch', `/auth/api-keys/${made.id}`, { expiresAt: null }, me.headers).expect(200)
  expect(body.expiresAt).toBeNull()
  expect((await t.auth.apiKeys.verify(made.key)).expiresAt).toBeNull()
})

test('R-152: who is taken out of a tenant and let in again comes without the keys of before', async () => {
  const t = await makeApp({
    options: { tenants: { mode: 'shared' }, apiKeys: { enabled: true } },
    routes: (app, auth) => void app.get('/who', auth.requireAuth(), (_req, res) => void res.json({})),
  })
  const { user } = await signUp(t)
  const { id: tenantId } = await t.auth.tenants.create({ name: 'Once', slug: `once-${process.pid}` })
  await t.auth.memberships.add({ userId: user.id, tenantId })
  const { id: keyId, key } = await t.auth.apiKeys.create({ userId: user.id, name: 'k', tenantId })
  const { key: elsewhere } = await t.auth.apiKeys.create({ userId: user.id, name: 'outside' })
  const status = async (text: string) => (await t.call('get', '/who', undefined, { 'x-api-key': text })).status
  await t.auth.memberships.update({ userId: user.id, tenantId, status: 'suspended' })
  expect(await status(key)).toBe(401)
  await t.auth.memberships.update({ userId: user.id, tenantId, status: 'active' })
  expect(await status(key)).toBe(200)
  await t.auth.memberships.remove({ userId: user.id, tenantId })
  await t.auth.memberships.add({ userId: user.id, tenantId })
  expect([await status(key), await status(elsewhere)]).toEqual([401, 200])
  const { data } = await t.auth.audit.query({ event: 'api_key.revoked', userId: user.id })
  expect(data).toMatchObject([{ tenantId, data: { keyId, name: 'k' } }])
  expect(t.events.filter(({ name }) => name === 'api_key.revoked')).toMatchObject([{ event: { userId: user.id, keyId, tenantId } }])
  expect(await t.prisma.authChange.count({ where: { kind: 'api-key', subjectId: keyId } })).toBe(1)
})

test('R-152: a key that is made while its owner is taken out is ended with the rest, or refused', async () => {
  const { user } = await signUp(t)
  const { id: tenantId } = await t.auth.tenants.create({ name: 'Race', slug: `key-race-${process.pid}` })
  const place = { userId: user.id, tenantId }
  for (let round = 0; round < 8; round++) {
    await t.auth.memberships.add(place)
    const make = () => t.auth.apiKeys.create({ userId: user.id, name: 'late', tenantId })
    const all = await Promise.allSettled([make(), make(), t.auth.memberships.remove(place), make(), make()])
    expect(all.flatMap((one) => (one.status === 'rejected' && one.reason.code !== 'NOT_FOUND' ? [one.reason] : []))).toEqual([])
    expect(await t.auth.apiKeys.list(user.id)).toEqual([])
  }
})
