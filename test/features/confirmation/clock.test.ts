import { bearer, freshEmail, makeApp, PASSWORD, signUp } from '../../support/make-app.ts'
import { sentTo } from '../../support/secrets.ts'

test('F-06: a clock that goes back revives no code or link that was used or seen to be over', async () => {
  const t = await makeApp({ options: { passwordless: { email: true }, emailVerification: { strategy: 'both' } } })
  const email = freshEmail()
  await signUp(t, { email })
  const { token, code } = await sentTo(t, email, 'verify_email')
  t.clock.advance(600)
  await t.call('post', '/auth/verify-email', { email, code }).expect(401)
  t.clock.advance(-600)
  await t.call('post', '/auth/verify-email', { email, code }).expect(401)
  await t.call('post', '/auth/verify-email', { token }).expect(401)
  await t.call('post', '/auth/passwordless/send', { email }).expect(202)
  const login = await sentTo(t, email, 'login_code')
  await t.call('post', '/auth/passwordless/verify', { email, code: login.code }).expect(200)
  t.clock.advance(-3600)
  await t.call('post', '/auth/passwordless/verify', { email, code: login.code }).expect(401)
})

test('F-06: a clock that goes forward asks for a confirmation, and nothing breaks', async () => {
  const t = await makeApp()
  const { accessToken, refreshToken, user } = await signUp(t)
  t.clock.advance(86_400)
  await t.call('get', '/private', undefined, bearer(accessToken)).expect(401)
  const { body } = await t.call('post', '/auth/refresh', { refreshToken }).expect(200)
  await t.call('delete', '/auth/me', undefined, bearer(body.accessToken)).expect(403)
  await t.call('post', '/auth/confirm', { password: PASSWORD }, bearer(body.accessToken)).expect(200)
  t.clock.advance(-3600)
  await t.call('delete', '/auth/me', undefined, bearer(body.accessToken)).expect(204)
  expect(await t.auth.users.get(user.id)).toBeNull()
})
