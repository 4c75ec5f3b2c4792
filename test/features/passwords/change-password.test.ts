import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { sentTo } from '../../support/secrets.ts'

const NEW = 'a wholly different password'
let t: TestApp
beforeAll(async () => {
  t = await makeApp()
})

test('a change needs the current password, ends the other sessions and tells the owner (R-008, R-056, R-059)', async () => {
  const email = freshEmail()
  const first = await signUp(t, { email })
  const { body: second } = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  const change = (body: object) => t.call('post', '/auth/change-password', body, bearer(first.accessToken))
  await change({ newPassword: NEW }).expect(422)
  await change({ currentPassword: 'not this one', newPassword: NEW }).expect(401)
  await change({ currentPassword: PASSWORD, newPassword: 'short' }).expect(422)
  await change({ currentPassword: PASSWORD, newPassword: NEW }).expect(204)
  await t.call('get', '/private', undefined, bearer(first.accessToken)).expect(200)
  await t.call('get', '/private', undefined, bearer(second.accessToken)).expect(401)
  await t.call('post', '/auth/login', { email, password: NEW }).expect(200)
  await sentTo(t, email, 'password_changed')
})

test('revokeOthers: false leaves the other sessions', async () => {
  const email = freshEmail()
  const first = await signUp(t, { email })
  const { body: second } = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  await t.call('post', '/auth/change-password', { currentPassword: PASSWORD, newPassword: NEW, revokeOthers: false }, bearer(first.accessToken)).expect(204)
  await t.call('get', '/private', undefined, bearer(second.accessToken)).expect(200)
})

test('a required change comes before the session; its token is good for nothing else (B-20)', async () => {
  const email = freshEmail()
  const { user } = await signUp(t, { email })
  await t.auth.users.update(user.id, { mustChangePassword: true })
  const { body } = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  expect(body).toEqual({ status: 'password_change_required', passwordToken: expect.stringMatching(/^lkp_/), expiresIn: 600 })
  await t.call('get', '/private', undefined, bearer(body.passwordToken)).expect(401)
  await t.call('post', '/auth/reset-password', { token: body.passwordToken, newPassword: NEW }).expect(401)
  const change = (password: string) =>
    t.call('post', '/auth/change-password', { passwordToken: body.passwordToken, currentPassword: PASSWORD, newPassword: password })
  const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => change(`${NEW} ${i}`)))
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
  const winner = answers.findIndex(({ status }) => status === 204)
  const login = await t.call('post', '/auth/login', { email, password: `${NEW} ${winner}` }).expect(200)
  expect(login.body.status).toBe('signed_in')
})

test('an account without a password gets its first after a recent sign-in only', async () => {
  const email = freshEmail()
  const user = await t.auth.users.create({ email, emailVerified: true })
  const old = await t.auth.sessions.create(user.id, { amr: ['fed'] })
  t.clock.advance(899)
  const { body } = await t.call('post', '/auth/refresh', { refreshToken: old.refreshToken }).expect(200)
  t.clock.advance(2)
  const refused = await t.call('post', '/auth/change-password', { newPassword: NEW }, bearer(body.accessToken)).expect(403)
  expect(refused.body).toMatchObject({ code: 'STEP_UP_REQUIRED', methods: ['email'] })
  await t.call('post', '/auth/confirm', { send: true }, bearer(body.accessToken)).expect(202)
  const { code } = await sentTo(t, email, 'confirm_code')
  await t.call('post', '/auth/confirm', { code }, bearer(body.accessToken)).expect(200)
  await t.call('post', '/auth/change-password', { newPassword: NEW }, bearer(body.accessToken)).expect(204)
  await t.call('post', '/auth/login', { email, password: NEW }).expect(200)
})

test('R-008, R-041: in isolated mode wrong passwords of someone signed in lock the account as at sign-in', async () => {
  const own = await makeApp({ options: { tenants: { mode: 'isolated', openSignup: true } } })
  const { id: tenant } = await own.auth.tenants.create({ name: 'Red', slug: `red-${process.pid}` })
  const guesses = {
    '/auth/confirm': (password: string) => ({ password }),
    '/auth/change-password': (currentPassword: string) => ({ currentPassword, newPassword: NEW }),
  }
  for (const [path, body] of Object.entries(guesses)) {
    const { accessToken } = await signUp(own, { tenant })
    const guess = async (password: string) => (await own.call('post', path, body(password), bearer(accessToken))).status
    for (let n = 0; n < 10; n++) expect(await guess('not this one')).toBe(401)
    expect([path, await guess('not this one'), await guess(PASSWORD)]).toEqual([path, 429, 429])
  }
})

test('of changes at the same time one is made; the password that the others gave is wrong by then', async () => {
  const email = freshEmail()
  const { accessToken } = await signUp(t, { email })
  t.clock.advance(1)
  const change = (n: number) => t.call('post', '/auth/change-password', { currentPassword: PASSWORD, newPassword: `${NEW} ${n}` }, bearer(accessToken))
  const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => change(n)))
  const winner = answers.findIndex(({ status }) => status === 204)
  const lost = answers.filter((_, n) => n !== winner).map(({ status, body }) => [status, body.code])
  expect(lost).toEqual(Array.from({ length: 7 }, () => [401, 'INVALID_CREDENTIALS']))
})

test('F-06: where the clock stands still, of two changes one goes through, and a sign-in of before is none after', async () => {
  const own = await makeApp()
  const { user, accessToken } = await signUp(own)
  const change = (newPassword: string) => own.call('post', '/auth/change-password', { currentPassword: PASSWORD, newPassword }, bearer(accessToken))
  const statuses = (await Promise.all([change('the first of two'), change('the second of two')])).map(({ status }) => status)
  expect(statuses.sort()).toEqual([204, 401])
  const results = await Promise.allSettled([1, 2, 3].map((n) => own.auth.users.setPassword(user.id, `number ${n} of three`)))
  for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONFLICT' })
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0)
})
