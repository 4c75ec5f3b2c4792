import { bearer, freshEmail, makeApp, PASSWORD, signUp } from '../../support/make-app.ts'

test('R-161: a slug never has the form of an id, so that no tenant passes for another', async () => {
  const { auth, call } = await makeApp({ options: { tenants: { mode: 'shared', selfService: true } } })
  const victim = await auth.tenants.create({ name: 'Victim', slug: 'victim-of-lookalikes' })
  const { accessToken } = await signUp({ call })
  const { body } = await call('post', '/auth/tenants', { name: 'Lookalike', slug: victim.id }, bearer(accessToken)).expect(422)
  expect(body.code).toBe('VALIDATION_FAILED')
  await expect(auth.tenants.update(victim.id, { slug: '01936f2a-7b3c-7def-8a90-1234567890ab' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
})

test.each(['feed', 'database'] as const)('R-097, G9: in a suspended tenant nobody holds a role, on the next request (sessions.check: %s)', async (check) => {
  const { auth, call } = await makeApp({
    options: { tenants: { mode: 'shared' }, sessions: { check } },
    routes: (express, auth) => void express.get('/owners', auth.requireRole('owner'), (_req, res) => void res.json({})),
  })
  const email = freshEmail()
  const { user } = await signUp({ call }, { email })
  const tenant = await auth.tenants.create({ name: 'Team', slug: `suspended-${check}`, ownerId: user.id })
  const { accessToken, refreshToken } = (await call('post', '/auth/login', { email, password: PASSWORD }).expect(200)).body
  const ask = (token: string) => call('get', '/owners', undefined, bearer(token))
  await ask(accessToken).expect(200)
  await auth.tenants.suspend(tenant.id)
  await ask(accessToken).expect(403)
  await ask((await call('post', '/auth/refresh', { refreshToken }).expect(200)).body.accessToken).expect(403)
  await auth.tenants.reactivate(tenant.id)
  await ask(accessToken).expect(200)
})

test('R-161: /me and POST /api-keys refuse a header that names another tenant than the token', async () => {
  const app = await makeApp({ options: { tenants: { mode: 'shared' }, apiKeys: { enabled: true } } })
  const { user, accessToken } = await signUp(app)
  const [mine, other] = [
    await app.auth.tenants.create({ name: 'Mine', slug: 'header-mine', ownerId: user.id }),
    await app.auth.tenants.create({ name: 'Other', slug: 'header-other', ownerId: user.id }),
  ]
  const { body } = await app.call('post', '/auth/tenants/switch', { tenant: mine.id }, bearer(accessToken)).expect(200)
  for (const [method, path, send, status] of [
    ['get', '/auth/me', undefined, 200],
    ['post', '/auth/api-keys', { name: 'k' }, 201],
  ] as const) {
    const naming = (tenant: string) => app.call(method, path, send, { ...bearer(body.accessToken), 'x-tenant-id': tenant })
    for (const tenant of [other.id, other.slug, 'nowhere', '']) expect((await naming(tenant).expect(403)).body.code).toBe('TENANT_MISMATCH')
    for (const tenant of [mine.id, mine.slug]) await naming(tenant).expect(status)
  }
})

test('R-161: on no route may a signed-in person name a tenant that is not that of their session', async () => {
  const options = { tenants: { mode: 'shared', selfService: true }, apiKeys: { enabled: true } } as const
  const app = await makeApp({
    options,
    routes: (express, auth) => void express.get('/in-tenant', auth.requireTenant(), (_req, res) => void res.json({})),
  })
  const { user, accessToken } = await signUp(app)
  const mine = await app.auth.tenants.create({ name: 'Mine', slug: 'named-mine', ownerId: user.id })
  const within = (await app.auth.sessions.create(user.id, { tenantId: mine.id })).accessToken
  const asked = [
    ['get', '/auth/session'],
    ['get', '/auth/sessions'],
    ['get', '/auth/me'],
    ['patch', '/auth/me', {}],
    ['get', '/auth/me/export'],
    ['get', '/auth/confirm'],
    ['get', '/auth/tenants'],
    ['post', '/auth/tenants', { name: 'x' }],
    ['get', '/auth/api-keys'],
    ['post', '/auth/api-keys', { name: 'x' }],
    ['get', '/auth/mfa'],
    ['post', '/auth/mfa/totp', {}],
    ['post', '/auth/invitations/accept', { token: 'x' }],
    ['post', '/auth/change-password', { currentPassword: PASSWORD, newPassword: 'another horse battery' }],
    ['get', '/in-tenant'],
  ] as const
  for (const [method, path, send] of asked) {
    for (const [token, tenant] of [
      [accessToken, mine.id],
      [accessToken, 'nowhere'],
      [within, 'nowhere'],
    ] as const) {
      const { status, body } = await app.call(method, path, send, { ...bearer(token), 'x-tenant-id': tenant })
      expect([path, status, body.code]).toEqual([path, 403, 'TENANT_MISMATCH'])
    }
  }
  const name = (tenant: string, path = '/auth/session') => app.call('get', path, undefined, { ...bearer(within), 'x-tenant-id': tenant })
  for (const tenant of [mine.id, mine.slug]) await name(tenant).expect(200)
  const paths = ['/auth/session', '/auth/me', '/in-tenant']
  await app.auth.tenants.suspend(mine.id)
  for (const path of paths) expect((await name(mine.slug, path).expect(403)).body.code).toBe('TENANT_SUSPENDED')
  // What is one's own stays within reach.
  for (const path of ['/auth/sessions', '/auth/tenants', '/auth/mfa']) await name(mine.slug, path).expect(200)
  await app.call('get', '/auth/session', undefined, bearer(within)).expect(200)
  await app.auth.tenants.reactivate(mine.id)
  const next = await signUp(app)
  await app.auth.memberships.add({ userId: next.user.id, tenantId: mine.id, roles: ['owner'] })
  await app.auth.memberships.update({ userId: user.id, tenantId: mine.id, status: 'suspended' })
  for (const path of paths) expect((await name(mine.id, path).expect(403)).body.code).toBe('NOT_A_MEMBER')
  await app.auth.memberships.remove({ userId: user.id, tenantId: mine.id })
  for (const path of paths) expect((await name(mine.id, path).expect(403)).body.code).toBe('NOT_A_MEMBER')
})
