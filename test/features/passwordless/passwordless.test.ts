import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { otherThan, sentTo } from '../../support/secrets.ts'

const on = { passwordless: { email: true, sms: true }, magicLink: { enabled: true }, identifiers: { email: true, phone: true } } as const
let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: on })
})

/** An account with a proved address. */
async function someone() {
  const email = freshEmail()
  const user = await t.auth.users.create({ email, password: PASSWORD, emailVerified: true })
  return { email, user }
}

test('a code that was sent signs in, once', async () => {
  const { email, user } = await someone()
  await t.call('post', '/auth/passwordless/send', { email }).expect(202)
  const { code } = await sentTo(t, email, 'login_code')
  await t.call('post', '/auth/passwordless/verify', { email, code: otherThan(code) }).expect(401)
  const { body } = await t.call('post', '/auth/passwordless/verify', { email, code }).expect(200)
  expect(body).toMatchObject({ status: 'signed_in', user: { id: user.id }, session: { amr: ['otp'] } })
  await t.call('post', '/auth/passwordless/verify', { email, code }).expect(401)
})

test('a link signs in, once; 50 at once give one session (R-051)', async () => {
  const { email, user } = await someone()
  await t.call('post', '/auth/magic-link/request', { email }).expect(202)
  const { token, url } = await sentTo(t, email, 'magic_link')
  expect(url).toBe(`https://api.example.com/auth/magic-link?token=${token}`)
  const answers = await Promise.all(Array.from({ length: 50 }, () => t.call('post', '/auth/magic-link/consume', { token })))
  const won = answers.filter(({ status }) => status === 200)
  expect(won).toHaveLength(1)
  expect(won[0]!.body).toMatchObject({ user: { id: user.id }, session: { amr: ['link'] } })
  expect(await t.prisma.authSession.count({ where: { userId: user.id } })).toBe(1)
})

test('I11: a wrong code and a dead link are failed sign-ins to whoever listens', async () => {
  const { email } = await someone()
  await t.call('post', '/auth/passwordless/send', { email }).expect(202)
  const { code } = await sentTo(t, email, 'login_code')
  t.events.length = 0
  await t.call('post', '/auth/passwordless/verify', { email, code: otherThan(code) }).expect(401)
  await t.call('post', '/auth/magic-link/consume', { token: 'lkm_nothing' }).expect(401)
  expect(t.events.map(({ name, event }) => [name, event.reason])).toEqual([
    ['login.failed', 'wrong_code'],
    ['login.failed', 'dead_link'],
  ])
})

test('a phone signs in by SMS', async () => {
  const phone = '+4915112345679'
  const user = await t.auth.users.create({ phone, phoneVerified: true })
  await t.call('post', '/auth/passwordless/send', { phone }).expect(202)
  const { code } = await sentTo(t, phone, 'login_code')
  const { body } = await t.call('post', '/auth/passwordless/verify', { phone, code }).expect(200)
  expect(body).toMatchObject({ user: { id: user.id }, session: { amr: ['sms'] } })
})

test('nothing is sent to an address that nobody has, and the answer is the same (R-022)', async () => {
  const stranger = freshEmail()
  const { email } = await someone()
  for (const path of ['/passwordless/send', '/magic-link/request']) {
    const known = await t.call('post', `/auth${path}`, { email }).expect(202)
    const unknown = await t.call('post', `/auth${path}`, { email: stranger }).expect(202)
    expect(unknown.body).toEqual(known.body)
  }
  await t.mailbox.settle()
  expect(t.mailbox.to(stranger)).toEqual([])
  await t.call('post', '/auth/passwordless/verify', { email: stranger, code: '123456' }).expect(401)
})

test('proving an address that nobody had proved takes everything from whoever made the account', async () => {
  const email = freshEmail()
  const squatter = await signUp(t, { email })
  await t.call('post', '/auth/magic-link/request', { email }).expect(202)
  const { token } = await sentTo(t, email, 'magic_link')
  const { body } = await t.call('post', '/auth/magic-link/consume', { token }).expect(200)
  expect(body.user).toMatchObject({ id: squatter.user.id, emailVerified: true })
  await t.call('get', '/private', undefined, bearer(squatter.accessToken)).expect(401)
  await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(401)
  await t.call('get', '/private', undefined, bearer(body.accessToken)).expect(200)
})

test('with allowSignup a code or link makes the account, under the switches and hooks of sign-up', async () => {
  const seen: unknown[] = []
  const app = await makeApp({
    options: {
      passwordless: { email: true, allowSignup: true },
      magicLink: { enabled: true, allowSignup: true },
      hooks: { 'signup.before': (input) => void seen.push(input.email) },
    },
  })
  const email = freshEmail()
  await app.call('post', '/auth/passwordless/send', { email }).expect(202)
  const { code } = await sentTo(app, email)
  const { body } = await app.call('post', '/auth/passwordless/verify', { email, code }).expect(200)
  expect(body.user).toMatchObject({ email, emailVerified: true })
  expect(seen).toEqual([email])
  const closed = await makeApp({ options: { passwordless: { email: true, allowSignup: true }, signup: { invitationOnly: true } } })
  const other = freshEmail()
  await closed.call('post', '/auth/passwordless/send', { email: other }).expect(202)
  await closed.mailbox.settle()
  expect(closed.mailbox.to(other)).toEqual([])
})

test('a link or code from before there was an account ends with a change of its password, and with its suspension (R-053)', async () => {
  const app = await makeApp({ options: { passwordless: { email: true, allowSignup: true }, magicLink: { enabled: true, allowSignup: true } } })
  const ends = {
    change: ({ accessToken }: { accessToken: string }) =>
      app.call('post', '/auth/change-password', { currentPassword: PASSWORD, newPassword: 'a wholly different password' }, bearer(accessToken)).expect(204),
    suspend: async ({ user }: { user: { id: string } }) => {
      await app.auth.users.suspend(user.id)
      await app.auth.users.reactivate(user.id)
    },
  }
  for (const end of Object.values(ends)) {
    const email = freshEmail()
    await app.call('post', '/auth/magic-link/request', { email }).expect(202)
    await app.call('post', '/auth/passwordless/send', { email }).expect(202)
    const { token } = await sentTo(app, email, 'magic_link')
    const { code } = await sentTo(app, email, 'login_code')
    await end(await signUp(app, { email }))
    await app.call('post', '/auth/magic-link/consume', { token }).expect(401)
    await app.call('post', '/auth/passwordless/verify', { email, code }).expect(401)
  }
})

test('a suspended account is told so only after the right code', async () => {
  const { email, user } = await someone()
  await t.auth.users.suspend(user.id)
  await t.call('post', '/auth/passwordless/send', { email }).expect(202)
  const { code } = await sentTo(t, email)
  await t.call('post', '/auth/passwordless/verify', { email, code: otherThan(code) }).expect(401)
  const { body } = await t.call('post', '/auth/passwordless/verify', { email, code }).expect(403)
  expect(body.code).toBe('ACCOUNT_SUSPENDED')
})

test('rememberMe: false gives a session that ends with the browser', async () => {
  const { email, user } = await someone()
  await t.call('post', '/auth/magic-link/request', { email }).expect(202)
  const { token } = await sentTo(t, email)
  await t.call('post', '/auth/magic-link/consume', { token, rememberMe: false }).expect(200)
  expect(await t.prisma.authSession.findMany({ where: { userId: user.id } })).toMatchObject([{ remember: false }])
})

test('codes follow length and alphabet (C9)', async () => {
  const app = await makeApp({ options: { ...on, codes: { length: 8, alphabet: 'alphanumeric', ttl: '2m', maxAttempts: 2 } } })
  const { email } = await someone()
  await app.call('post', '/auth/passwordless/send', { email }).expect(202)
  const { code } = await sentTo(app, email)
  expect(code).toMatch(/^[2-9A-HJ-NP-Z]{8}$/)
  await app.call('post', '/auth/passwordless/verify', { email, code: `${code.slice(0, 4).toLowerCase()}-${code.slice(4)}` }).expect(200)
  await app.call('post', '/auth/passwordless/send', { email }).expect(202)
  const second = await sentTo(app, email)
  app.clock.advance(120)
  await app.call('post', '/auth/passwordless/verify', { email, code: second.code }).expect(401)
})
