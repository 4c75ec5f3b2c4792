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

test('an administrator can start a reset for a user (R-014)', async () => {
  const t = await makeApp()
  const email = freshEmail()
  const { user } = await signUp(t, { email })
  await t.auth.users.startPasswordReset(user.id)
  await sentTo(t, email, 'reset_password')
  const nameless = await t.auth.users.create({ username: 'nameless' })
  await expect(t.auth.users.startPasswordReset(nameless.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
