import { bearer, makeApp, signUp } from '../../support/make-app.ts'
import { isDoubled } from '../../support/two-processes.ts'

const modes = ['shared', 'isolated'] as const
const setUp = async (mode: (typeof modes)[number]) => {
  const t = await makeApp({
    options: { tenants: { mode, openSignup: true }, apiKeys: { enabled: true } },
    routes: (app, auth) => {
      app.get('/where', auth.requireAuth(), (req, res) => void res.json({ tenantId: req.auth!.tenantId, roles: req.auth!.roles }))
      app.get('/in-tenant', auth.requireTenant(), (req, res) => void res.json({ tenantId: req.auth!.tenantId }))
      app.get('/robots', auth.requireRole({ any: [`robot-${mode}-${process.pid}`], guard: 'api' }), (_req, res) => void res.json({}))
      app.get('/permits', auth.requireAuth(), async (req, res) => void res.json(await req.auth!.getPermissions({ guard: 'api' })))
    },
  })
  const tenant = await t.auth.tenants.create({ name: 'Here', slug: `suspended-${mode}-${process.pid}-${++count}` })
  const clerk = await t.auth.roles.create({ name: 'clerk', tenantId: tenant.id })
  const { user, accessToken, refreshToken } = await signUp(t, { tenant: tenant.slug })
  const place = { userId: user.id, tenantId: tenant.id }
  await t.auth.roles.assign(user.id, clerk.id, { tenantId: tenant.id })
  const get = async (path: string, headers = bearer(accessToken)) => (await t.call('get', path, undefined, headers)).body
  const refresh = async (token: string) => (await t.call('post', '/auth/refresh', { refreshToken: token }).expect(200)).body
  return { t, tenant, place, accessToken, refreshToken, get, refresh }
}
let count = 0

test.each(modes)('R-174: %s: a token of a suspended tenant stands for nobody there, a refresh leaves the tenant out until it is active again', async (mode) => {
  const { t, tenant, accessToken, refreshToken, get, refresh } = await setUp(mode)
  const within = { tenantId: tenant.id, roles: ['clerk'] }
  expect(await get('/where')).toEqual(within)
  await t.auth.tenants.suspend(tenant.id)
  expect(await get('/where')).toEqual({ tenantId: null, roles: [] })
  if (!isDoubled) {
    t.statements()
    await get('/where')
    expect(t.statements()).toEqual([])
  }
  const named = { ...bearer(accessToken), 'x-tenant-id': tenant.slug }
  for (const answer of [get('/in-tenant'), get(`/auth/tenants/${tenant.id}`), get('/auth/me', named)]) expect((await answer).code).toBe('TENANT_SUSPENDED')
  const without = await refresh(refreshToken)
  expect(without.session.tenantId).toBeNull()
  expect(await get('/where', bearer(without.accessToken))).toEqual({ tenantId: null, roles: [] })
  t.statements()
  const again = await refresh(without.refreshToken)
  expect(again.session.tenantId).toBeNull()
  if (!isDoubled) expect(t.statements().length).toBeLessThanOrEqual(3)
  await t.auth.tenants.reactivate(tenant.id)
  expect(await get('/where')).toEqual(within)
  const back = await refresh(again.refreshToken)
  expect(back.session.tenantId).toBe(tenant.id)
  expect(await get('/where', bearer(back.accessToken))).toEqual(within)
})

test.each(modes)('R-174: %s: a token of a suspended tenant makes no key, and has nothing of what its user holds outside tenants', async (mode) => {
  const { t, tenant, place, accessToken, get } = await setUp(mode)
  const robot = await t.auth.roles.create({ name: `robot-${mode}-${process.pid}`, guard: 'api', permissions: ['door:open'] })
  await t.auth.roles.assign(place.userId, robot.id)
  await t.auth.tenants.suspend(tenant.id)
  expect((await get('/robots')).code).toBe('FORBIDDEN')
  expect(await get('/permits')).toEqual([])
  expect((await t.call('post', '/auth/api-keys', { name: 'k' }, bearer(accessToken)).expect(404)).body.code).toBe('NOT_FOUND')
})

test.each(modes)('R-174: %s: GET /me shows the session in the tenant that GET /session says', async (mode) => {
  const { t, tenant, place, get } = await setUp(mode)
  const shown = async () => {
    const [me, session] = [await get('/auth/me'), await get('/auth/session')]
    return [me.session.tenantId, session.tenantId, me.roles]
  }
  expect(await shown()).toEqual([tenant.id, tenant.id, ['clerk']])
  await t.auth.tenants.suspend(tenant.id)
  expect(await shown()).toEqual([null, null, []])
  await t.auth.tenants.reactivate(tenant.id)
  await t.auth.memberships.update({ ...place, status: 'suspended' })
  expect(await shown()).toEqual([null, null, []])
  await t.auth.memberships.update({ ...place, status: 'active' })
  expect(await shown()).toEqual([tenant.id, tenant.id, ['clerk']])
  await t.auth.memberships.remove(place)
  expect(await shown()).toEqual([null, null, []])
})

test('R-161: a token of a tenant that is suspended, or that its user has left, acts in no other', async () => {
  const { t, tenant, place, accessToken } = await setUp('shared')
  const { userId } = place
  const other = await t.auth.tenants.create({ name: 'Other', slug: `other-${process.pid}-${++count}`, ownerId: userId })
  const ask = async () => (await t.call('get', `/auth/tenants/${other.id}/members`, undefined, bearer(accessToken)).expect(403)).body.code
  expect(await ask()).toBe('TENANT_MISMATCH')
  await t.auth.tenants.suspend(tenant.id)
  expect(await ask()).toBe('TENANT_MISMATCH')
  await t.auth.tenants.reactivate(tenant.id)
  await t.auth.memberships.remove({ userId, tenantId: tenant.id })
  expect(await ask()).toBe('TENANT_MISMATCH')
})
