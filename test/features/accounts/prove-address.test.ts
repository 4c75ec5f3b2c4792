import { bearer, freshEmail, makeApp, PASSWORD, type TestApp } from '../../support/make-app.ts'
import { sentTo } from '../../support/secrets.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({
    options: {
      identifiers: { email: true, phone: true },
      passwordless: { email: true, sms: true },
      magicLink: { enabled: true },
      passwordReset: { strategy: 'code' },
    },
  })
})

let last = 20_000_000
const freshPhone = () => `+49151${last++}`

test("R-134: whoever made an account with a stranger's email and proved a phone keeps that; the email goes to who proves it", async () => {
  const own = await makeApp({ options: { identifiers: { email: true, phone: true }, magicLink: { enabled: true, allowSignup: true } } })
  const [email, phone] = [freshEmail(), freshPhone()]
  const squatter = await own.auth.users.create({ email, phone, phoneVerified: true, password: PASSWORD })
  await own.call('post', '/auth/magic-link/request', { email }).expect(202)
  const { token } = await sentTo(own, email, 'magic_link')
  const { body } = await own.call('post', '/auth/magic-link/consume', { token }).expect(200)
  expect(body.user).toMatchObject({ email, emailVerified: true, phone: null })
  expect(body.user.id).not.toBe(squatter.id)
  expect(await own.auth.users.get(squatter.id)).toMatchObject({ email: null, phone, phoneVerified: true })
  await own.call('post', '/auth/login', { email, password: PASSWORD }).expect(401)
  await own.call('post', '/auth/login', { phone, password: PASSWORD }).expect(200)
})

test('R-134: a phone that nobody has proved does not lead back into an account whose email somebody has proved since', async () => {
  const [email, phone] = [freshEmail(), freshPhone()]
  const squatter = (await t.call('post', '/auth/signup', { email, phone, password: PASSWORD }).expect(201)).body
  await t.call('post', '/auth/magic-link/request', { email }).expect(202)
  const { token } = await sentTo(t, email, 'magic_link')
  const { body } = await t.call('post', '/auth/magic-link/consume', { token }).expect(200)
  expect(body.user.id).toBe(squatter.user.id)
  for (const path of ['/verify-phone/send', '/verify-phone']) await t.call('post', `/auth${path}`, { code: '1' }, bearer(squatter.accessToken)).expect(401)
  for (const path of ['/passwordless/send', '/forgot-password']) await t.call('post', `/auth${path}`, { phone }).expect(202)
  await t.mailbox.settle()
  expect(t.mailbox.to(phone)).toEqual([])
})

describe.each(['email', 'phone'] as const)('R-111: a %s that nobody has proved, beside another address that somebody has', (unproved) => {
  const reach = unproved === 'email' ? { kind: 'email', verified: { phoneVerified: true } } : { kind: 'phone', verified: { emailVerified: true } }
  const account = async () => {
    const addresses = { email: freshEmail(), phone: freshPhone() }
    await t.auth.users.create({ ...addresses, ...reach.verified, password: PASSWORD })
    return { addresses, to: { [unproved]: addresses[unproved] }, at: addresses[unproved] }
  }

  test('gets no code to sign in with, and no code to reset the password with; the answers are those of any address', async () => {
    const { addresses, to, at } = await account()
    for (const path of ['/passwordless/send', '/forgot-password']) await t.call('post', `/auth${path}`, to).expect(202)
    await t.mailbox.settle()
    expect(t.mailbox.to(at)).toEqual([])
    await t.call('post', '/auth/login', { email: addresses.email, password: PASSWORD }).expect(200)
  })

  test('a code that went out before the other was proved does nothing any longer', async () => {
    const addresses = { email: freshEmail(), phone: freshPhone() }
    const { id } = await t.auth.users.create({ ...addresses, password: PASSWORD })
    const to = { [unproved]: addresses[unproved] }
    await t.call('post', '/auth/passwordless/send', to).expect(202)
    const { code } = await sentTo(t, addresses[unproved], 'login_code')
    await t.auth.users.update(id, reach.verified)
    await t.call('post', '/auth/passwordless/verify', { ...to, code }).expect(401)
    await t.call('post', '/auth/login', { email: addresses.email, password: PASSWORD }).expect(200)
  })
})

test('users.update refuses what it does not know', async () => {
  const { id } = await t.auth.users.create({ email: freshEmail() })
  for (const patch of [{ status: 'suspended' }, { passwordHash: 'x' }, { emial: freshEmail() }])
    await expect(t.auth.users.update(id, patch as never)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      details: { errors: [{ path: Object.keys(patch)[0] }] },
    })
})
