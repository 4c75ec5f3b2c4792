import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await makeApp()
})

test('sign up, sign in, refresh, sign out', async () => {
  const email = freshEmail()
  const up = await signUp(app, { email })
  expect(up.user).toMatchObject({ email, emailVerified: false })
  await app.call('get', '/private').expect(401).expect('www-authenticate', 'Bearer')
  await app.call('get', '/private', undefined, bearer(up.accessToken)).expect(200)

  const { body: session } = await app.call('post', '/auth/login', { email: email.toUpperCase(), password: PASSWORD }).expect(200)
  const { body: refreshed } = await app.call('post', '/auth/refresh', { refreshToken: session.refreshToken }).expect(200)
  expect(refreshed.user).toBeUndefined()
  expect(refreshed.session.id).toBe(session.session.id)

  await app.call('post', '/auth/logout', undefined, bearer(refreshed.accessToken)).expect(204)
  const dead = await app.call('get', '/private', undefined, bearer(refreshed.accessToken)).expect(401)
  expect(dead.body.code).toBe('SESSION_REVOKED')
  await app.call('post', '/auth/refresh', { refreshToken: refreshed.refreshToken }).expect(401)
})
