import { generateSync } from 'otplib'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { otherThan, sentTo } from '../../support/secrets.ts'

const codeAt = ({ clock }: TestApp, secret: string) => generateSync({ secret, epoch: Math.floor(clock.now().getTime() / 1000), digits: 6, period: 30 })

let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: { identifiers: { email: true, phone: true }, mfa: { required: 'all', email: true, sms: true }, tenants: { mode: 'shared' } } })
})

let lastPhone = 4915112347000
/** Someone who has to set up a factor before the sign-in goes on. */
async function waiting(t: TestApp, fields: { mustChangePassword?: boolean } = {}) {
  const email = freshEmail()
  const phone = `+${++lastPhone}`
  const user = await t.auth.users.create({ email, phone, password: PASSWORD, emailVerified: true, phoneVerified: true })
  if (fields.mustChangePassword) await t.prisma.authUser.update({ where: { id: user.id }, data: { mustChangePassword: true } })
  const begin = async () => (await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)).body
  return { email, phone, userId: user.id, begin, mfaToken: (await begin()).mfaToken as string }
}
const challenge = (t: TestApp, mfaToken: string, type: string) => t.call('post', '/auth/mfa/challenge', { mfaToken, type })
const verify = (t: TestApp, mfaToken: string, proof: object) => t.call('post', '/auth/mfa/verify', { mfaToken, ...proof })
const byTotp = async (t: TestApp, mfaToken: string) => {
  const { body } = await t.call('post', '/auth/mfa/totp', { mfaToken }).expect(200)
  return { id: body.id as string, code: codeAt(t, body.secret) }
}

describe('recovery codes are shown whatever the sign-in waits for next', () => {
  const ends = {
    'the confirmation of a factor': async (t: TestApp, mfaToken: string) => {
      const { id, code } = await byTotp(t, mfaToken)
      return t.call('post', `/auth/mfa/totp/${id}/confirm`, { mfaToken, code }).expect(200)
    },
    '/mfa/verify': async (t: TestApp, mfaToken: string) => verify(t, mfaToken, { code: (await byTotp(t, mfaToken)).code }).expect(200),
  }
  test.each(Object.entries(ends))('%s, then a change of password', async (_way, end) => {
    const { mfaToken } = await waiting(t, { mustChangePassword: true })
    const { body } = await end(t, mfaToken)
    expect(body).toEqual({ status: 'password_change_required', passwordToken: expect.any(String), expiresIn: 600, recoveryCodes: expect.any(Array) })
    expect(body.recoveryCodes).toHaveLength(10)
  })

  test.each(Object.entries(ends))('%s, then the choice of a tenant', async (_way, end) => {
    const { mfaToken, userId, email } = await waiting(t)
    for (const slug of ['one', 'two']) {
      const tenant = await t.auth.tenants.create({ name: slug, slug: `${slug}-${lastPhone}` })
      await t.auth.memberships.add({ tenantId: tenant.id, userId })
    }
    const { body } = await end(t, mfaToken)
    expect(body).toMatchObject({ status: 'tenant_selection_required', recoveryCodes: expect.any(Array) })
    const chosen = await t.call('post', '/auth/tenants/select', { tenantToken: body.tenantToken, tenant: body.tenants[0].id }).expect(200)
    expect(chosen.body.session.amr).toEqual(['pwd', 'otp', 'mfa'])
    t.clock.advance(60)
    const { body: next } = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
    const used = await verify(t, next.mfaToken, { recoveryCode: body.recoveryCodes[0], trustDevice: true }).expect(200)
    expect(used.body).toMatchObject({ status: 'tenant_selection_required', trustedDeviceToken: expect.any(String) })
  })
})

test.each(['email', 'sms'] as const)('/mfa/challenge and /mfa/verify set up a first factor by %s, as an enrolment token lets them', async (type) => {
  const { mfaToken, userId, email, phone } = await waiting(t)
  const to = type === 'email' ? email : phone
  await challenge(t, mfaToken, type).expect(202)
  const first = await sentTo(t, to, 'mfa_code')
  await challenge(t, mfaToken, type).expect(202)
  const second = await sentTo(t, to, 'mfa_code')
  const { factors } = await t.auth.mfa.status(userId)
  expect(factors).toEqual([expect.objectContaining({ type, confirmedAt: null })])
  if (first.code !== second.code) await verify(t, mfaToken, { code: first.code }).expect(401)
  const { body } = await verify(t, mfaToken, { code: second.code }).expect(200)
  expect(body).toMatchObject({ status: 'signed_in', user: { mfaEnabled: true }, session: { amr: ['pwd', type === 'sms' ? 'sms' : 'otp', 'mfa'] } })
  expect(body.recoveryCodes).toHaveLength(10)
  expect((await t.auth.mfa.status(userId)).factors).toEqual([expect.objectContaining({ id: factors[0]!.id, confirmedAt: expect.any(Date) })])
})

test('/mfa/challenge sends the code of a factor begun at /mfa/email again, under the same id', async () => {
  const { mfaToken, email } = await waiting(t)
  const { body: begun } = await t.call('post', '/auth/mfa/email', { mfaToken }).expect(200)
  await challenge(t, mfaToken, 'email').expect(202)
  const { code } = await sentTo(t, email, 'mfa_code')
  await t.call('post', `/auth/mfa/factors/${begun.id}/confirm`, { mfaToken, code }).expect(200)
})

test('/mfa/verify confirms the factor begun last; one that was sent again is that', async () => {
  const { mfaToken, email, userId } = await waiting(t)
  await challenge(t, mfaToken, 'email').expect(202)
  t.clock.advance(1)
  const app = await byTotp(t, mfaToken)
  t.clock.advance(1)
  await challenge(t, mfaToken, 'email').expect(202)
  await verify(t, mfaToken, { code: app.code }).expect(401)
  await verify(t, mfaToken, { code: (await sentTo(t, email, 'mfa_code')).code }).expect(200)
  expect((await t.auth.mfa.status(userId)).factors.filter(({ confirmedAt }) => confirmedAt !== null)).toEqual([expect.objectContaining({ type: 'email' })])
})

test('R-112: wrong codes at /mfa/verify count for the enrolment token, and for the account across new ones', async () => {
  const { mfaToken, begin } = await waiting(t)
  const { code } = await byTotp(t, mfaToken)
  const wrong = await Promise.all(Array.from({ length: 50 }, (_, i) => verify(t, mfaToken, { code: otherThan(code, i + 1) })))
  expect(wrong.filter(({ body }) => body.code === 'CODE_INVALID').length).toBeLessThanOrEqual(5)
  expect((await verify(t, mfaToken, { code }).expect(401)).body.code).toBe('MFA_TOKEN_INVALID')
  let status = 0
  for (let login = 0; login < 5 && status !== 429; login++) {
    const { mfaToken } = await begin()
    for (let i = 1; i <= 4 && status !== 429; i++) ({ status } = await verify(t, mfaToken, { code: otherThan(code, i) }))
  }
  expect(status).toBe(429)
})

test('R-112: 50 right codes at /mfa/verify at once: one session', async () => {
  const { mfaToken, userId } = await waiting(t)
  const { code } = await byTotp(t, mfaToken)
  const answers = await Promise.all(Array.from({ length: 50 }, () => verify(t, mfaToken, { code })))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.every(({ status }) => status < 500)).toBe(true)
  expect(await t.prisma.authSession.count({ where: { userId, revokedAt: null } })).toBe(1)
})

test('an enrolment token opens neither once the account has a factor', async () => {
  const { mfaToken, begin } = await waiting(t)
  const { mfaToken: other } = await begin()
  await verify(t, mfaToken, { code: (await byTotp(t, mfaToken)).code }).expect(200)
  for (const token of [mfaToken, other]) {
    expect((await challenge(t, token, 'email').expect(401)).body.code).toBe('MFA_TOKEN_INVALID')
    expect((await verify(t, token, { code: '123456' }).expect(401)).body.code).toBe('MFA_TOKEN_INVALID')
  }
})

test('what cannot be set up is refused by name', async () => {
  const { mfaToken } = await waiting(t)
  expect((await challenge(t, mfaToken, 'passkey').expect(422)).body.errors).toEqual([{ path: 'type', message: 'cannot be set up here' }])
  const begin = [{ path: 'code', message: 'begin a factor, then give a code of it' }]
  expect((await verify(t, mfaToken, { code: '123456' }).expect(422)).body.errors).toEqual(begin)
  await byTotp(t, mfaToken)
  expect((await verify(t, mfaToken, { recoveryCode: 'abcdef' }).expect(422)).body.errors).toEqual(begin)
  const app = await makeApp({ options: { mfa: { required: 'all' } } })
  const email = freshEmail()
  await app.auth.users.create({ email, password: PASSWORD })
  const { body } = await app.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  expect((await challenge(app, body.mfaToken, 'email').expect(422)).body.errors).toEqual([{ path: 'type', message: 'is not used here' }])
  const unproved = await makeApp({ options: { mfa: { required: 'all', email: true } } })
  const { body: login } = await unproved.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  expect((await challenge(unproved, login.mfaToken, 'email').expect(422)).body.errors).toEqual([{ path: 'email', message: 'must be confirmed first' }])
  await app.call('get', '/private', undefined, bearer(body.mfaToken)).expect(401)
})

test('E21: an authenticator app is set up with the period and the length of secret that mfa.totp says, and goes on with them when the option has changed', async () => {
  const slow = await makeApp({ options: { mfa: { totp: { period: '1m', secretBytes: 32 } } } })
  const { accessToken, user } = await signUp(slow)
  const { body } = await slow.call('post', '/auth/mfa/totp', {}, bearer(accessToken)).expect(200)
  const { searchParams } = new URL(body.otpauthUrl)
  expect([searchParams.get('period'), searchParams.get('secret'), body.secret.replace(/=+$/, '').length]).toEqual(['60', body.secret, 52])
  const codeIn = (t: TestApp, period: number) => generateSync({ secret: body.secret, epoch: Math.floor(t.clock.now().getTime() / 1000), digits: 6, period })
  const confirm = (code: string) => slow.call('post', `/auth/mfa/totp/${body.id}/confirm`, { code }, bearer(accessToken))
  await confirm(codeIn(slow, 30)).expect(401)
  await confirm(codeIn(slow, 60)).expect(200)

  const usual = await makeApp({ clock: slow.clock })
  usual.clock.advance(600)
  const signIn = async () => (await usual.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)).body.mfaToken as string
  await verify(usual, await signIn(), { code: codeIn(usual, 30) }).expect(401)
  await verify(usual, await signIn(), { code: codeIn(usual, 60) }).expect(200)
  await verify(usual, await signIn(), { code: codeIn(usual, 60) }).expect(401)
  usual.clock.advance(60)
  await verify(usual, await signIn(), { code: codeIn(usual, 60) }).expect(200)
})
