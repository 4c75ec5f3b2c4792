import { bearer, freshEmail, makeApp, ownClient, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { otherThan, sentTo } from '../../support/secrets.ts'

const NEW = 'a wholly different password'
let t: TestApp
beforeAll(async () => {
  t = await makeApp()
})
const forgot = async (app: TestApp, email: string) => {
  await app.call('post', '/auth/forgot-password', { email }).expect(202)
  return sentTo(app, email, 'reset_password')
}

test('a reset sets the password, ends every session, signs nobody in and tells the owner (R-055, R-056, R-059)', async () => {
  const email = freshEmail()
  const { accessToken, refreshToken, user } = await signUp(t, { email })
  await t.auth.users.update(user.id, { emailVerified: true })
  const { token, url } = await forgot(t, email)
  expect(url).toBe(`https://api.example.com/auth/reset-password?token=${token}`)
  const answer = await t.call('post', '/auth/reset-password', { token, newPassword: NEW }).expect(204)
  expect(answer.headers['set-cookie']).toBeUndefined()
  await t.call('get', '/private', undefined, bearer(accessToken)).expect(401)
  await t.call('post', '/auth/refresh', { refreshToken }).expect(401)
  await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(401)
  await t.call('post', '/auth/login', { email, password: NEW }).expect(200)
  const { message } = await sentTo(t, email, 'password_changed')
  expect(JSON.stringify(message)).not.toContain(NEW)
  expect(t.events.map(({ name }) => name)).toEqual(expect.arrayContaining(['password.reset_requested', 'password.reset']))
})

test('a password that the policy refuses leaves the token good', async () => {
  const email = freshEmail()
  await signUp(t, { email })
  const { token } = await forgot(t, email)
  const { body } = await t.call('post', '/auth/reset-password', { token, newPassword: 'password1' }).expect(422)
  expect(body).toMatchObject({ code: 'PASSWORD_TOO_WEAK', reasons: [{ code: 'common' }] })
  await t.call('post', '/auth/reset-password', { token, newPassword: NEW }).expect(204)
  await t.call('post', '/auth/reset-password', { token, newPassword: `${NEW}!` }).expect(401)
})

test('50 resets with one token at once: one password is set (R-051)', async () => {
  const email = freshEmail()
  await signUp(t, { email })
  const { token } = await forgot(t, email)
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => t.call('post', '/auth/reset-password', { token, newPassword: `${NEW} ${i}` })))
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
  const winner = answers.findIndex(({ status }) => status === 204)
  await t.call('post', '/auth/login', { email, password: `${NEW} ${winner}` }).expect(200)
})

test('a reset on an address that nobody had proved wipes what was attached, and proves it', async () => {
  const email = freshEmail()
  const { user } = await signUp(t, { email })
  await t.prisma.authIdentity.create({ data: { id: `i-${user.id}`, userId: user.id, provider: 'evil', providerUserId: user.id, createdAt: t.clock.now() } })
  const { token } = await forgot(t, email)
  await t.call('post', '/auth/reset-password', { token, newPassword: NEW }).expect(204)
  expect(await t.prisma.authIdentity.count({ where: { userId: user.id } })).toBe(0)
  expect(await t.auth.users.get(user.id)).toMatchObject({ emailVerified: true, hasPassword: true })
})

test('the link ends after an hour, on a change of password, and on suspension (R-053, R-062)', async () => {
  const email = freshEmail()
  const { user, accessToken } = await signUp(t, { email })
  const first = await forgot(t, email)
  t.clock.advance(3600)
  await t.call('post', '/auth/reset-password', { token: first.token, newPassword: NEW }).expect(401)
  const login = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  const second = await forgot(t, email)
  await t.call('post', '/auth/change-password', { currentPassword: PASSWORD, newPassword: NEW }, bearer(login.body.accessToken)).expect(204)
  await t.call('post', '/auth/reset-password', { token: second.token, newPassword: `${NEW}!` }).expect(401)
  const third = await forgot(t, email)
  await t.auth.users.suspend(user.id)
  await t.call('post', '/auth/reset-password', { token: third.token, newPassword: `${NEW}!` }).expect(401)
  expect(accessToken).toBeTruthy()
})

test('a token is good for its own purpose alone (R-052)', async () => {
  const app = await makeApp({ options: { magicLink: { enabled: true } } })
  const email = freshEmail()
  const { accessToken, refreshToken } = await signUp(app, { email })
  await app.call('post', '/auth/magic-link/request', { email }).expect(202)
  const tokens = {
    verify: (await sentTo(app, email, 'verify_email')).token,
    reset: (await forgot(app, email)).token,
    magic: (await sentTo(app, email, 'magic_link')).token,
    access: accessToken,
    refresh: refreshToken,
  }
  const routes = {
    verify: ['/auth/verify-email', {}],
    reset: ['/auth/reset-password', { newPassword: NEW }],
    magic: ['/auth/magic-link/consume', {}],
    change: ['/auth/change-email/confirm', {}],
  } as const
  for (const [kind, token] of Object.entries(tokens)) {
    for (const [own, [path, rest]] of Object.entries(routes)) {
      if (own === kind) continue
      const { status, body } = await app.call('post', path, { ...rest, token: token.slice(0, 256) })
      expect([kind, own, status < 500 && status >= 400, body.code !== undefined]).toEqual([kind, own, true, true])
    }
    if (kind !== 'access') await app.call('get', '/private', undefined, bearer(token)).expect(401)
  }
})

test('by code: the code is traded for a token (B-17)', async () => {
  const app = await makeApp({ options: { passwordReset: { strategy: 'code' }, identifiers: { email: true, phone: true } } })
  const email = freshEmail()
  const phone = '+4915112345680'
  const { user } = await signUp(app, { email, phone })
  const { code } = await forgot(app, email)
  await app.call('post', '/auth/forgot-password/verify', { email, code: otherThan(code) }).expect(401)
  const { body } = await app.call('post', '/auth/forgot-password/verify', { email, code }).expect(200)
  await app.call('post', '/auth/forgot-password/verify', { email, code }).expect(401)
  await app.call('post', '/auth/reset-password', { token: body.resetToken, newPassword: NEW }).expect(204)
  await app.auth.users.update(user.id, { phoneVerified: true })
  await app.call('post', '/auth/forgot-password', { phone }).expect(202)
  const sms = await sentTo(app, phone, 'reset_password')
  const traded = await app.call('post', '/auth/forgot-password/verify', { phone, code: sms.code }).expect(200)
  await app.call('post', '/auth/reset-password', { token: traded.body.resetToken, newPassword: `${NEW}!` }).expect(204)
})

test('asking is answered alike for an address that nobody has; nothing leaves (R-022)', async () => {
  const stranger = freshEmail()
  const answer = await t.call('post', '/auth/forgot-password', { email: stranger }).expect(202)
  expect(answer.text).toBe('')
  await t.mailbox.settle()
  expect(t.mailbox.to(stranger)).toEqual([])
  await t.call('post', '/auth/forgot-password', {}).expect(422)
})

test('passwordReset.enabled: false takes the routes away', async () => {
  const app = await makeApp({ options: { passwordReset: { enabled: false } } })
  await app.call('post', '/auth/forgot-password', { email: freshEmail() }).expect(404)
  await app.call('post', '/auth/reset-password', { token: 'x', newPassword: NEW }).expect(404)
})

test('password.history keeps passwords from coming back (PASSWORD_REUSED)', async () => {
  const app = await makeApp({ options: { password: { history: 2 } } })
  const { user } = await signUp(app)
  const set = (password: string) => app.auth.users.setPassword(user.id, password)
  await expect(set(PASSWORD)).rejects.toMatchObject({ code: 'PASSWORD_REUSED' })
  await set(`${NEW} 1`)
  await expect(set(PASSWORD)).rejects.toMatchObject({ code: 'PASSWORD_REUSED' })
  await set(`${NEW} 2`)
  await set(PASSWORD)
})

test('suspending an account ends what was sent and what is under way; reactivating brings none of it back (R-053)', async () => {
  const app = await makeApp({ options: { magicLink: { enabled: true } } })
  const email = freshEmail()
  const { user } = await signUp(app, { email })
  await app.auth.users.update(user.id, { mustChangePassword: true })
  await app.call('post', '/auth/magic-link/request', { email }).expect(202)
  const magic = await sentTo(app, email, 'magic_link')
  const reset = await forgot(app, email)
  const waiting = await app.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  expect(waiting.body.status).toBe('password_change_required')
  await app.auth.users.suspend(user.id)
  await app.auth.users.reactivate(user.id)
  await app.call('post', '/auth/magic-link/consume', { token: magic.token }).expect(401)
  await app.call('post', '/auth/reset-password', { token: reset.token, newPassword: NEW }).expect(401)
  const { passwordToken } = waiting.body
  await app.call('post', '/auth/change-password', { passwordToken, currentPassword: PASSWORD, newPassword: NEW }).expect(401)
})

test('a deletion at the same moment does not show in the answer (R-022)', async () => {
  const own = await ownClient()
  let gone = ''
  // Between reading the account and writing the code, where limits count the messages to its address.
  const authRateLimit = new Proxy(own.authRateLimit, {
    get: (table, name) => async (args: unknown) => {
      await own.authUser.deleteMany({ where: { id: gone } })
      return (table[name as 'findMany'] as (args: unknown) => Promise<unknown>)(args)
    },
  })
  const prisma = new Proxy(own, { get: (client, name) => (name === 'authRateLimit' ? authRateLimit : client[name as 'authUser']) })
  const app = await makeApp({ prisma, options: { limits: { enabled: true } } })
  for (const path of ['/forgot-password', '/verify-email/send']) {
    const email = freshEmail()
    gone = (await signUp(app, { email })).user.id
    await app.call('post', `/auth${path}`, { email }).expect(202)
    expect(await own.authUser.count({ where: { id: gone } })).toBe(0)
  }
})

test('nor does one that races with it', async () => {
  for (let round = 0; round < 12; round++) {
    const email = freshEmail()
    const { accessToken } = await signUp(t, { email })
    const [forgotten, again] = await Promise.all([
      t.call('post', '/auth/forgot-password', { email }),
      t.call('post', '/auth/verify-email/send', { email }),
      t.call('delete', '/auth/me', undefined, bearer(accessToken)),
    ])
    expect([round, forgotten.status, again.status]).toEqual([round, 202, 202])
  }
})
