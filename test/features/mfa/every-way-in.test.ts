import { generateSync } from 'otplib'
import { oidc } from '../../../src/index.ts'
import { signInAt } from '../../support/federated.ts'
import { bearer, createClock, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { startProvider } from '../../support/oidc-stand-in.ts'
import { sentTo } from '../../support/secrets.ts'

const ways = {
  identifiers: { email: true, phone: true },
  passwordless: { email: true, sms: true },
  magicLink: { enabled: true },
  emailVerification: { signIn: true },
  signup: { twoStep: true },
  tenants: { mode: 'shared' },
} as const
const codeAt = ({ clock }: TestApp, secret: string) => generateSync({ secret, epoch: Math.floor(clock.now().getTime() / 1000), digits: 6, period: 30 })

/** Someone with an authenticator app, whose address is proved; its code of this moment is used up. */
async function enrolled(t: TestApp, phone?: string) {
  const email = freshEmail()
  const { accessToken, user } = await signUp(t, { email, ...(phone !== undefined && { phone }) })
  await t.auth.users.update(user.id, { emailVerified: true, ...(phone !== undefined && { phoneVerified: true }) })
  const { body } = await t.call('post', '/auth/mfa/totp', {}, bearer(accessToken)).expect(200)
  await t.call('post', `/auth/mfa/totp/${body.id}/confirm`, { code: codeAt(t, body.secret) }, bearer(accessToken)).expect(200)
  t.clock.advance(60)
  return { email, userId: user.id, secret: body.secret as string }
}

test('R-111: password, code, link, SMS and a verified address all wait for the second factor', async () => {
  const t = await makeApp({ options: ways })
  const phone = '+4915112345691'
  const { email, userId } = await enrolled(t, phone)
  const statuses: Record<string, string> = {}
  const note = async (way: string, answer: PromiseLike<{ body: { status: string; accessToken?: string } }>) => {
    const { body } = await answer
    expect(body.accessToken).toBeUndefined()
    statuses[way] = body.status
  }
  await note('password', t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200))
  await t.call('post', '/auth/passwordless/send', { email }).expect(202)
  await note('code', t.call('post', '/auth/passwordless/verify', { email, code: (await sentTo(t, email, 'login_code')).code }).expect(200))
  await t.call('post', '/auth/passwordless/send', { phone }).expect(202)
  await note('sms', t.call('post', '/auth/passwordless/verify', { phone, code: (await sentTo(t, phone, 'login_code')).code }).expect(200))
  await t.call('post', '/auth/magic-link/request', { email }).expect(202)
  await note('link', t.call('post', '/auth/magic-link/consume', { token: (await sentTo(t, email, 'magic_link')).token }).expect(200))
  await t.auth.users.update(userId, { emailVerified: false })
  await t.call('post', '/auth/verify-email/send', { email }).expect(202)
  // Beside a phone number that somebody has proved, only its owner may, signed in.
  const { accessToken } = await t.auth.sessions.create(userId)
  await note('verify', t.call('post', '/auth/verify-email', { token: (await sentTo(t, email, 'verify_email')).token }, bearer(accessToken)).expect(200))
  expect(statuses).toEqual({ password: 'mfa_required', code: 'mfa_required', sms: 'mfa_required', link: 'mfa_required', verify: 'mfa_required' })
})

test('R-111: so does a sign-in at a provider, in either transport, unless the provider is trusted for it', async () => {
  const clock = createClock()
  const okta = await startProvider({ now: clock.now })
  const providers = [oidc({ id: 'okta', issuer: okta.issuer, clientId: okta.clientId, clientSecret: okta.secret })]
  const options = { appUrl: 'https://app.example.com', providers }
  const t = await makeApp({ clock, options })
  const { email, secret } = await enrolled(t)
  const person = { sub: email, email, email_verified: true }
  const waiting = await signInAt(t, 'okta', okta, person)
  expect([waiting.status, waiting.accessToken]).toEqual(['mfa_required', undefined])
  const { body } = await t.call('post', '/auth/mfa/verify', { mfaToken: waiting.mfaToken, code: codeAt(t, secret) }).expect(200)
  expect(body.session.amr).toEqual(['fed', 'otp', 'mfa'])
  const native = await t.call('post', '/auth/oauth/okta/token', { idToken: await okta.idToken({ person, clientId: okta.clientId }) }).expect(200)
  expect([native.body.status, native.body.accessToken]).toEqual(['mfa_required', undefined])
  const byCookie = await makeApp({ clock, options: { ...options, transport: { default: 'cookie' } } })
  expect((await signInAt(byCookie, 'okta', okta, person)).status).toBe('mfa_required')
  const trusting = await makeApp({ clock, options: { ...options, mfa: { trustProviders: ['okta'] } } })
  expect((await signInAt(trusting, 'okta', okta, person)).status).toBe('signed_in')
  await okta.close()
})

test('R-111: where policy asks for a factor, a sign-up in one step, two or by invitation ends in its enrolment', async () => {
  const t = await makeApp({ options: { ...ways, mfa: { required: 'all' } } })
  const one = await t.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }).expect(201)
  const email = freshEmail()
  await t.call('post', '/auth/signup/initiate', { email }).expect(202)
  const { code } = await sentTo(t, email, 'signup_code')
  const two = await t.call('post', '/auth/signup/complete', { email, code, password: PASSWORD }).expect(201)
  const tenant = await t.auth.tenants.create({ name: 'Team', slug: `every-way-${process.pid}` })
  const { token } = await t.auth.invitations.create({ tenantId: tenant.id, email: freshEmail() })
  const invited = await t.call('post', '/auth/invitations/accept', { token, password: PASSWORD }).expect(201)
  for (const { body } of [one, two, invited]) expect([body.status, body.accessToken]).toEqual(['mfa_enrollment_required', undefined])
})

test('two sign-ins that set up the first factor at once: one does, the other has to show it', async () => {
  const t = await makeApp({ options: { mfa: { required: 'all', email: true } } })
  for (let round = 0; round < 10; round++) {
    const email = freshEmail()
    const user = await t.auth.users.create({ email, password: PASSWORD, emailVerified: true })
    const begin = async () => (await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)).body.mfaToken as string
    const [first, second] = [await begin(), await begin()]
    const { body: app } = await t.call('post', '/auth/mfa/totp', { mfaToken: first }).expect(200)
    const { body: mail } = await t.call('post', '/auth/mfa/email', { mfaToken: second }).expect(200)
    const { code } = await sentTo(t, email, 'mfa_code')
    const answers = await Promise.all([
      t.call('post', `/auth/mfa/totp/${app.id}/confirm`, { mfaToken: first, code: codeAt(t, app.secret) }),
      t.call('post', `/auth/mfa/factors/${mail.id}/confirm`, { mfaToken: second, code }),
    ])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.every(({ status }) => status < 500)).toBe(true)
    expect((await t.auth.mfa.status(user.id)).factors.filter(({ confirmedAt }) => confirmedAt !== null)).toHaveLength(1)
  }
})

test('R-075, R-116: a sign-in on a trusted device changes nothing about factors before it has shown one', async () => {
  const t = await makeApp({ routes: (app, auth) => app.get('/careful', auth.requireStepUp(), (_req, res) => void res.json({ ok: true })) })
  const { email, secret, userId } = await enrolled(t)
  const { body: waiting } = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  const { body: full } = await t.call('post', '/auth/mfa/verify', { mfaToken: waiting.mfaToken, code: codeAt(t, secret), trustDevice: true }).expect(200)
  await t.call('get', '/careful', undefined, bearer(full.accessToken)).expect(200)
  const device = { 'x-trusted-device': full.trustedDeviceToken as string }
  const { body: easy } = await t.call('post', '/auth/login', { email, password: PASSWORD }, device).expect(200)
  expect(easy.session.amr).toEqual(['pwd'])
  const headers = bearer(easy.accessToken as string)
  const factor = (await t.auth.mfa.status(userId)).factors[0]!
  for (const [method, path] of [
    ['delete', `/auth/mfa/factors/${factor.id}`],
    ['post', '/auth/mfa/recovery-codes'],
    ['post', '/auth/mfa/totp'],
    ['get', '/careful'],
  ] as const) {
    const { body } = await t.call(method, path, path === '/auth/mfa/totp' ? {} : undefined, headers).expect(403)
    expect([path, body.code, body.methods]).toEqual([path, 'STEP_UP_REQUIRED', ['totp', 'recovery_code']])
  }
  const { body: before } = await t.call('get', '/auth/confirm', undefined, headers).expect(200)
  expect(before).toMatchObject({ confirmed: false, confirmedUntil: null })
  t.clock.advance(30)
  await t.call('post', '/auth/confirm', { code: codeAt(t, secret) }, headers).expect(200)
  await t.call('get', '/careful', undefined, headers).expect(200)
  await t.call('delete', `/auth/mfa/factors/${factor.id}`, undefined, headers).expect(204)
})
