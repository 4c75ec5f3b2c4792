import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({
    routes: (app, auth) => {
      app.get('/careful', auth.requireStepUp({ maxAge: 300 }), (_req, res) => void res.json({ ok: true }))
      app.get('/by-passkey', auth.requireStepUp({ maxAge: '5m', methods: ['passkey'] }), (_req, res) => void res.json({ ok: true }))
      app.get('/proved', auth.requireVerifiedEmail(), (_req, res) => void res.json({ ok: true }))
    },
  })
})

/** A sign-in so old that sensitive routes ask for a confirmation. */
async function oldSession() {
  const email = freshEmail()
  const answer = await signUp(t, { email })
  t.clock.advance(1000)
  const { body } = await t.call('post', '/auth/refresh', { refreshToken: answer.refreshToken }).expect(200)
  return { email, userId: answer.user.id, headers: bearer(body.accessToken as string) }
}

test('what is sensitive asks an old session for a confirmation, and the password gives it (R-075)', async () => {
  const { headers } = await oldSession()
  const refused = await t.call('delete', '/auth/me', undefined, headers).expect(403)
  expect(refused.body).toMatchObject({ code: 'STEP_UP_REQUIRED', methods: ['password'] })
  const before = await t.call('get', '/auth/confirm', undefined, headers).expect(200)
  expect(before.body).toEqual({ confirmed: false, confirmedUntil: null, methods: ['password'] })
  const { body } = await t.call('post', '/auth/confirm', { password: PASSWORD }, headers).expect(200)
  expect(new Date(body.confirmedUntil).getTime()).toBe(t.clock.now().getTime() + 900_000)
  await t.call('get', '/careful', undefined, headers).expect(200)
  t.clock.advance(301)
  await t.call('get', '/careful', undefined, headers).expect(403)
  await t.call('delete', '/auth/me', undefined, headers).expect(204)
})

test('a confirmation counts for its own session alone', async () => {
  const { email, headers } = await oldSession()
  const other = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  t.clock.advance(890)
  await t.call('post', '/auth/confirm', { password: PASSWORD }, headers).expect(200)
  t.clock.advance(20)
  const refreshed = await t.call('post', '/auth/refresh', { refreshToken: other.body.refreshToken }).expect(200)
  await t.call('delete', '/auth/me', undefined, bearer(refreshed.body.accessToken)).expect(403)
})

test('a wrong password at /confirm is refused and counts towards the lock (R-008, R-041)', async () => {
  const { headers, email } = await oldSession()
  for (let i = 0; i < 10; i++) {
    const { body } = await t.call('post', '/auth/confirm', { password: 'not the password' }, headers).expect(401)
    expect(body.code).toBe('INVALID_CREDENTIALS')
  }
  await t.call('post', '/auth/confirm', { password: PASSWORD }, headers).expect(429)
  await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(429)
})

test('an account with neither password nor factor confirms by an emailed code', async () => {
  const email = freshEmail()
  const user = await t.auth.users.create({ email, emailVerified: true })
  const { accessToken } = await t.auth.sessions.create(user.id, { amr: ['fed'] })
  t.clock.advance(899)
  const headers = bearer(accessToken)
  await t.call('post', '/auth/confirm', { send: true }, headers).expect(202)
  await t.mailbox.settle()
  const message = t.mailbox.last(email, 'confirm_code')!
  expect(message.data.code).toMatch(/^\d{6}$/)
  expect(message.text).toContain(message.data.code)
  await t.call('post', '/auth/confirm', { code: '000000' === message.data.code ? '000001' : '000000' }, headers).expect(401)
  await t.call('post', '/auth/confirm', { code: message.data.code! }, headers).expect(200)
  await t.call('post', '/auth/confirm', { code: message.data.code! }, headers).expect(401)
})

test('an account with a password gets no code to confirm with', async () => {
  const { headers } = await oldSession()
  await t.call('post', '/auth/confirm', { send: true }, headers).expect(422)
  await t.call('post', '/auth/confirm', { code: '123456' }, headers).expect(422)
  await t.call('post', '/auth/confirm', {}, headers).expect(422)
})

test('requireStepUp can ask for a method', async () => {
  const { accessToken } = await signUp(t)
  const { body } = await t.call('get', '/by-passkey', undefined, bearer(accessToken)).expect(403)
  expect(body).toMatchObject({ code: 'STEP_UP_REQUIRED', methods: [] })
})

test('requireVerifiedEmail lets in who has confirmed their address, and asks again once it is unverified', async () => {
  const { accessToken, user } = await signUp(t)
  const refused = await t.call('get', '/proved', undefined, bearer(accessToken)).expect(403)
  expect(refused.body.code).toBe('EMAIL_NOT_VERIFIED')
  await t.auth.users.update(user.id, { emailVerified: true })
  await t.call('get', '/proved', undefined, bearer(accessToken)).expect(200)
  await t.auth.users.update(user.id, { emailVerified: false })
  await t.call('get', '/proved', undefined, bearer(accessToken)).expect(403)
})
