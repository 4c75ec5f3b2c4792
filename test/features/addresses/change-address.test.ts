import { AuthError } from '../../../src/index.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { otherThan, sentTo } from '../../support/secrets.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: { identifiers: { email: true, phone: true }, emailVerification: { strategy: 'both' } } })
})

test('the address changes on confirmation only, the old one is told, and only the session that asked stays (R-059, R-061)', async () => {
  const email = freshEmail()
  const newEmail = freshEmail()
  const { accessToken, user } = await signUp(t, { email })
  const { body: other } = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  await t.call('post', '/auth/change-email', { newEmail: newEmail.toUpperCase() }, bearer(accessToken)).expect(202)
  const { token, url } = await sentTo(t, newEmail, 'change_email')
  expect(url).toBe(`https://api.example.com/auth/change-email?token=${token}`)
  const notice = await sentTo(t, email, 'email_changed')
  expect(notice.message.text).not.toContain(newEmail)
  expect(await t.auth.users.get(user.id)).toMatchObject({ email })
  await t.call('post', '/auth/change-email/confirm', { token }).expect(204)
  expect(await t.auth.users.get(user.id)).toMatchObject({ email: newEmail, emailVerified: true })
  await t.call('get', '/private', undefined, bearer(accessToken)).expect(200)
  await t.call('get', '/private', undefined, bearer(other.accessToken)).expect(401)
  await t.call('post', '/auth/change-email/confirm', { token }).expect(401)
  await t.mailbox.settle()
  expect(t.mailbox.to(email).filter(({ kind }) => kind === 'email_changed')).toHaveLength(2)
})

test('user.beforeUpdate may refuse the new address; user.afterUpdate and user.updated tell of it', async () => {
  const after: unknown[] = []
  const own = await makeApp({
    options: {
      identifiers: { email: true, phone: true },
      hooks: {
        'user.beforeUpdate': ({ patch }) => {
          if (patch.email?.endsWith('@elsewhere.example')) throw new AuthError('ONE_OF_OURS_ONLY', { status: 403 })
        },
        'user.afterUpdate': (user) => void after.push(user),
      },
    },
  })
  const { accessToken, user } = await signUp(own)
  const change = async (newEmail: string) => {
    await own.call('post', '/auth/change-email', { newEmail }, bearer(accessToken)).expect(202)
    return own.call('post', '/auth/change-email/confirm', { token: (await sentTo(own, newEmail, 'change_email')).token })
  }
  expect((await change(`${user.id}@elsewhere.example`).then((test) => test.body)).code).toBe('ONE_OF_OURS_ONLY')
  expect(await own.auth.users.get(user.id)).toMatchObject({ email: user.email })
  const newEmail = freshEmail()
  expect((await change(newEmail)).status).toBe(204)
  expect(after).toEqual([expect.objectContaining({ id: user.id, email: newEmail, emailVerified: true })])
  expect(own.events.filter(({ name }) => name === 'user.updated')).toEqual([
    expect.objectContaining({ event: expect.objectContaining({ userId: user.id, fields: ['email', 'emailVerifiedAt'] }) }),
  ])
})

test('by code it takes the signed-in session of the account', async () => {
  const { accessToken } = await signUp(t)
  const stranger = await signUp(t)
  const newEmail = freshEmail()
  await t.call('post', '/auth/change-email', { newEmail }, bearer(accessToken)).expect(202)
  const { code } = await sentTo(t, newEmail)
  await t.call('post', '/auth/change-email/confirm', { code }).expect(401)
  await t.call('post', '/auth/change-email/confirm', { code }, bearer(stranger.accessToken)).expect(401)
  await t.call('post', '/auth/change-email/confirm', { code: otherThan(code) }, bearer(accessToken)).expect(401)
  await t.call('post', '/auth/change-email/confirm', { code }, bearer(accessToken)).expect(204)
})

test('links to the old address die with the change (R-052)', async () => {
  const email = freshEmail()
  const { accessToken } = await signUp(t, { email })
  const verify = await sentTo(t, email, 'verify_email')
  await t.call('post', '/auth/forgot-password', { email }).expect(202)
  const reset = await sentTo(t, email, 'reset_password')
  const newEmail = freshEmail()
  await t.call('post', '/auth/change-email', { newEmail }, bearer(accessToken)).expect(202)
  await t.call('post', '/auth/change-email/confirm', { token: (await sentTo(t, newEmail)).token }).expect(204)
  await t.call('post', '/auth/verify-email', { token: verify.token }).expect(401)
  await t.call('post', '/auth/reset-password', { token: reset.token, newPassword: 'a wholly different password' }).expect(401)
})

test('two changes under way never confirm an address that the link was not sent to (R-061)', async () => {
  const { accessToken, user } = await signUp(t)
  const [first, second] = [freshEmail(), freshEmail()]
  await Promise.all([first, second].map((newEmail) => t.call('post', '/auth/change-email', { newEmail }, bearer(accessToken)).expect(202)))
  await t.mailbox.settle()
  const links = [first, second].map((email) => ({ email, token: String(t.mailbox.last(email)!.data.token) }))
  const answers = await Promise.all(links.map(({ token }) => t.call('post', '/auth/change-email/confirm', { token })))
  const confirmed = links.filter((_link, i) => answers[i]!.status === 204)
  expect(confirmed).toHaveLength(1)
  expect(await t.auth.users.get(user.id)).toMatchObject({ email: confirmed[0]!.email })
})

test('a taken address gets nothing, and nobody learns that it is taken (R-022)', async () => {
  const taken = freshEmail()
  await signUp(t, { email: taken })
  await t.mailbox.settle()
  const before = t.mailbox.to(taken).length
  const { accessToken } = await signUp(t)
  await t.call('post', '/auth/change-email', { newEmail: taken }, bearer(accessToken)).expect(202)
  await t.mailbox.settle()
  expect(t.mailbox.to(taken)).toHaveLength(before)
  await t.call('post', '/auth/change-email', { newEmail: 'not an address' }, bearer(accessToken)).expect(422)
})

test('an address that was taken in the meantime is refused, and the link stays unspent', async () => {
  const { accessToken } = await signUp(t)
  const newEmail = freshEmail()
  await t.call('post', '/auth/change-email', { newEmail }, bearer(accessToken)).expect(202)
  const { token } = await sentTo(t, newEmail)
  const rival = await signUp(t, { email: newEmail })
  expect((await t.call('post', '/auth/change-email/confirm', { token }).expect(409)).body.code).toBe('EMAIL_TAKEN')
  await t.auth.users.delete(rival.user.id)
  await t.call('post', '/auth/change-email/confirm', { token }).expect(204)
})

test('a phone number changes by the code sent to it', async () => {
  const { accessToken, user } = await signUp(t)
  const newPhone = '+4915112345681'
  await t.call('post', '/auth/change-phone', { newPhone }, bearer(accessToken)).expect(202)
  const { code } = await sentTo(t, newPhone, 'change_phone')
  await t.call('post', '/auth/change-phone/confirm', { code }, bearer(accessToken)).expect(204)
  expect(await t.auth.users.get(user.id)).toMatchObject({ phone: newPhone, phoneVerified: true })
})
