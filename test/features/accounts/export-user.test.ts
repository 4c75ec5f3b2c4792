import { bearer, freshEmail, makeApp, PASSWORD, signUp } from '../../support/make-app.ts'
import { sentTo } from '../../support/secrets.ts'

test('a person gets everything stored about them, without secrets, after a recent sign-in only', async () => {
  const t = await makeApp()
  const email = freshEmail()
  const { accessToken, refreshToken, user } = await signUp(t, { email })
  const { token } = await sentTo(t, email)
  const answer = await t.call('get', '/auth/me/export', undefined, bearer(accessToken)).expect(200)
  expect(answer.headers['content-disposition']).toContain('attachment')
  expect(answer.body).toMatchObject({ user: { id: user.id, email }, sessions: [{ amr: 'pwd' }], messages: [{ kind: 'verify_email' }], identities: [] })
  expect(answer.body.audit.map(({ event }: { event: string }) => event)).toContain('user.registered')
  const row = await t.prisma.authUser.findUniqueOrThrow({ where: { id: user.id } })
  for (const secret of [PASSWORD, row.passwordHash!, refreshToken, token]) expect(answer.text).not.toContain(secret)
  expect(answer.text).not.toMatch(/hash/i)
  t.clock.advance(901)
  const { body } = await t.call('post', '/auth/refresh', { refreshToken }).expect(200)
  await t.call('get', '/auth/me/export', undefined, bearer(body.accessToken)).expect(403)
  expect(await t.auth.users.export(user.id)).toMatchObject({ user: { id: user.id } })
  await expect(t.auth.users.export('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('what a person may do is in it: roles where they are a member, and those for the whole platform', async () => {
  const t = await makeApp({ options: { tenants: { mode: 'shared' } } })
  const { user } = await signUp(t)
  const tenant = await t.auth.tenants.create({ name: 'Acme', ownerId: user.id })
  const [clerk, staff] = [`clerk-${process.pid}`, `staff-${process.pid}`]
  for (const name of [clerk, staff]) await t.auth.roles.create({ name })
  await t.auth.roles.assign(user.id, clerk)
  await t.auth.platform.grant(user.id, [staff])
  const { memberships, platformRoles, sessions } = await t.auth.users.export(user.id)
  expect(memberships).toEqual(
    expect.arrayContaining([expect.objectContaining({ tenantId: tenant.id, roles: ['owner'] }), expect.objectContaining({ tenantId: null, roles: [clerk] })]),
  )
  expect(platformRoles).toEqual([staff])
  expect(sessions).toEqual([expect.objectContaining({ remember: true, authenticatedAt: t.clock.now() })])
})

test('a person may say in which language messages are to be', async () => {
  const t = await makeApp()
  const { user, accessToken } = await signUp(t)
  await t.call('patch', '/auth/me', { locale: 'pt-BR' }, bearer(accessToken)).expect(200)
  expect(await t.auth.users.get(user.id)).toMatchObject({ locale: 'pt-BR' })
  for (const locale of ['', 'x', 'de_DE', 'de-', 5]) await t.call('patch', '/auth/me', { locale }, bearer(accessToken)).expect(422)
  await t.call('patch', '/auth/me', { locale: null }, bearer(accessToken)).expect(200)
  expect(await t.auth.users.get(user.id)).toMatchObject({ locale: null })
})

test('an administrator can start a reset for a user (R-014)', async () => {
  const t = await makeApp()
  const email = freshEmail()
  const { user } = await signUp(t, { email })
  await t.auth.users.startPasswordReset(user.id)
  await sentTo(t, email, 'reset_password')
  const nameless = await t.auth.users.create({ username: 'nameless' })
  await expect(t.auth.users.startPasswordReset(nameless.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
