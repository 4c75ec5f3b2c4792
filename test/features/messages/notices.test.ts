import { freshEmail, makeApp, PASSWORD, signUp } from '../../support/make-app.ts'
import { sentTo } from '../../support/secrets.ts'
import { alone } from '../../support/two-processes.ts'

test('the owner is told when a refresh token is used twice', async () => {
  const t = await makeApp()
  const email = freshEmail()
  const { refreshToken } = await signUp(t, { email })
  await t.call('post', '/auth/refresh', { refreshToken }).expect(200)
  t.clock.advance(11)
  await t.call('post', '/auth/refresh', { refreshToken }).expect(401)
  expect((await sentTo(t, email, 'session_reuse')).message.text).toContain('used twice')
})

test('someone without an address that can be reached is told nothing, and nothing fails', async () => {
  const t = await makeApp({ options: { identifiers: { username: true } } })
  const user = await t.auth.users.create({ username: 'unreachable', password: 'a password of their own' })
  await t.auth.users.setPassword(user.id, 'another password of theirs')
  expect(await t.auth.messages.pending()).toEqual([])
})

alone('/health and /config tell of messages and of what needs them', async () => {
  const t = await makeApp({ options: { mailer: { send: () => Promise.reject(new Error('down')) }, sms: undefined, magicLink: { enabled: true } } })
  expect((await t.call('get', '/auth/health').expect(200)).body.messages).toBe('ok')
  await signUp(t)
  await t.auth.messages.deliver()
  expect((await t.call('get', '/auth/health').expect(200)).body.messages).toBe('failing')
  expect((await t.call('get', '/auth/config').expect(200)).body).toMatchObject({
    emailVerification: { enabled: true, required: false, strategy: 'link' },
    passwordReset: { enabled: true, strategy: 'link' },
    magicLink: true,
    passwordless: { email: false, sms: false },
  })
  const off = await makeApp({ options: { mailer: undefined, sms: undefined, magicLink: { enabled: true } } })
  expect((await off.call('get', '/auth/health').expect(200)).body.messages).toBe('off')
  expect((await off.call('get', '/auth/config').expect(200)).body).toMatchObject({ passwordReset: { enabled: false }, magicLink: false })
})

test('the owner is told of a sign-in on a device that none of their sessions is on', async () => {
  const t = await makeApp()
  const email = freshEmail()
  const firefox = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' }
  const safari = { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1' }
  const login = (headers: Record<string, string>) => t.call('post', '/auth/login', { email, password: PASSWORD }, headers).expect(200)
  await t.call('post', '/auth/signup', { email, password: PASSWORD }, firefox).expect(201)
  await login(firefox)
  await t.mailbox.settle()
  expect(t.mailbox.last(email, 'new_device')).toBeUndefined()
  await login(safari)
  expect((await sentTo(t, email, 'new_device')).message.text).toContain('Device: Safari on iPhone')
})

test('without baseUrl a message carries the token, and the log says what to set', async () => {
  const t = await makeApp({ options: { baseUrl: undefined } })
  expect(t.logs.map(({ message }) => message).join()).toContain('set baseUrl')
  const email = freshEmail()
  await signUp(t, { email })
  const { message, token, url } = await sentTo(t, email, 'verify_email')
  expect(url).toBe('')
  expect(message.text).toContain(token)
  await t.call('post', '/auth/verify-email', { token }).expect(204)
})
