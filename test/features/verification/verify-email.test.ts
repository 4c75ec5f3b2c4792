import type { AuthOptions } from '../../../src/index.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { otherThan, sentTo } from '../../support/secrets.ts'

describe('by link', () => {
  let t: TestApp
  beforeAll(async () => {
    t = await makeApp()
  })

  test('a sign-up is sent a link to baseUrl, whatever Host the request names (R-057)', async () => {
    const email = freshEmail()
    const host = { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }
    await t.call('post', '/auth/signup', { email, password: PASSWORD }, host).expect(201)
    const { message, token, url } = await sentTo(t, email, 'verify_email')
    expect(url).toBe(`https://api.example.com/auth/verify-email?token=${token}`)
    expect(message.text).toContain(url)
    expect(message.html).toContain(url)
    expect(message.subject).not.toContain('evil')
  })

  test('the link confirms the address once and ends the sessions of before', async () => {
    const email = freshEmail()
    const { user, accessToken } = await signUp(t, { email })
    const { token } = await sentTo(t, email)
    await t.call('post', '/auth/verify-email', { token }).expect(204)
    expect(await t.auth.users.get(user.id)).toMatchObject({ emailVerified: true })
    await t.call('get', '/private', undefined, bearer(accessToken)).expect(401)
    const again = await t.call('post', '/auth/verify-email', { token }).expect(401)
    expect(again.body.code).toBe('LINK_INVALID')
    expect(t.events.filter(({ name, event }) => name === 'email.verified' && event.userId === user.id)).toHaveLength(1)
  })

  test("the caller's own session stays", async () => {
    const email = freshEmail()
    const { accessToken } = await signUp(t, { email })
    const { token } = await sentTo(t, email)
    await t.call('post', '/auth/verify-email', { token }, bearer(accessToken)).expect(204)
    await t.call('get', '/private', undefined, bearer(accessToken)).expect(200)
  })

  test('50 redeem one link at once: one wins (R-051)', async () => {
    const email = freshEmail()
    await signUp(t, { email })
    const { token } = await sentTo(t, email)
    const answers = await Promise.all(Array.from({ length: 50 }, () => t.call('post', '/auth/verify-email', { token })))
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204, 401]))
  })

  test('a newer link ends the older one, and both end at their time, not a second later (R-053, R-062)', async () => {
    const email = freshEmail()
    const { accessToken } = await signUp(t, { email })
    const first = await sentTo(t, email)
    await t.call('post', '/auth/verify-email/send', {}, bearer(accessToken)).expect(202)
    const second = await sentTo(t, email)
    expect(second.token).not.toBe(first.token)
    await t.call('post', '/auth/verify-email', { token: first.token }).expect(401)
    t.clock.advance(86_400)
    await t.call('post', '/auth/verify-email', { token: second.token }).expect(401)
    await t.call('post', '/auth/verify-email/send', { email }).expect(202)
    const third = await sentTo(t, email)
    t.clock.advance(86_399)
    await t.call('post', '/auth/verify-email', { token: third.token }).expect(204)
  })

  test('asking for a link is answered alike, with the same statements, for an account, for none, and for one that is confirmed (R-022)', async () => {
    const known = freshEmail()
    await signUp(t, { email: known })
    const confirmed = freshEmail()
    await t.auth.users.create({ email: confirmed, emailVerified: true })
    await t.mailbox.settle()
    const ask = async (email: string) => {
      await t.call('post', '/auth/verify-email/send', { email })
      await t.mailbox.settle()
      t.statements()
      const { status, body, headers } = await t.call('post', '/auth/verify-email/send', { email })
      const kinds = t.statements().map((sql) => /^\s*(\w+)[\s\S]*?["`](auth_\w+)["`]/.exec(sql)?.slice(1).join(' ') ?? sql)
      const { date: _date, ...rest } = headers as Record<string, string>
      // Delivery goes on beside the request.
      return { status, body, headers: rest, sql: kinds.filter((kind) => !/auth_messages/.test(kind) || /INSERT/.test(kind)) }
    }
    const answers = [await ask(known), await ask(freshEmail()), await ask(confirmed)]
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    expect(answers[0]!.status).toBe(202)
    await t.mailbox.settle()
    expect(t.mailbox.to(confirmed)).toEqual([])
  })

  test('the row holds no readable token (R-050)', async () => {
    const email = freshEmail()
    await signUp(t, { email })
    const { token } = await sentTo(t, email)
    expect(Buffer.from(token.slice('lkc_'.length), 'base64url')).toHaveLength(32)
    const rows = JSON.stringify([await t.prisma.authOtp.findMany(), await t.prisma.authMessage.findMany(), await t.prisma.authAuditLog.findMany()])
    expect(rows).not.toContain(token)
    expect(JSON.stringify([t.logs, t.events])).not.toContain(token)
  })
})

describe('by code', () => {
  let t: TestApp
  beforeAll(async () => {
    t = await makeApp({ options: { emailVerification: { strategy: 'code' } } })
  })

  test('five wrong tries end a code, whatever new ones are sent, and the right one with it (R-033, R-034)', async () => {
    const email = freshEmail()
    await signUp(t, { email })
    const { code } = await sentTo(t, email)
    for (let i = 1; i <= 3; i++) await t.call('post', '/auth/verify-email', { email, code: otherThan(code, i) }).expect(401)
    await t.call('post', '/auth/verify-email/send', { email }).expect(202)
    const second = await sentTo(t, email)
    for (let i = 1; i <= 2; i++) await t.call('post', '/auth/verify-email', { email, code: otherThan(second.code, i) }).expect(401)
    const { body } = await t.call('post', '/auth/verify-email', { email, code: second.code }).expect(401)
    expect(body.code).toBe('CODE_INVALID')
    t.clock.advance(900)
    await t.call('post', '/auth/verify-email/send', { email }).expect(202)
    await t.call('post', '/auth/verify-email', { email, code: (await sentTo(t, email)).code }).expect(204)
  })

  test('of 50 guesses at once at most five are compared (R-034)', async () => {
    const email = freshEmail()
    await signUp(t, { email })
    const { code } = await sentTo(t, email)
    const guesses = Array.from({ length: 50 }, (_, i) => (i === 25 ? code : otherThan(code, i + 1)))
    const answers = await Promise.all(guesses.map((guess) => t.call('post', '/auth/verify-email', { email, code: guess })))
    expect(answers.filter(({ status }) => status === 204).length).toBeLessThanOrEqual(1)
    const user = await t.auth.users.findByEmail(email)
    const [row] = await t.prisma.authOtp.findMany({ where: { userId: user!.id } })
    expect(row!.attempts).toBeLessThanOrEqual(5)
    const { data } = await t.auth.audit.query({ event: 'code.rejected', userId: user!.id, limit: 100 })
    const reasons = data.map(({ data }) => (data as { reason: string }).reason)
    expect(reasons.filter((reason) => reason === 'wrong').length).toBeLessThanOrEqual(5)
  })

  test('wrong, expired, spent and unknown look alike; the audit row has the reason (R-063)', async () => {
    const email = freshEmail()
    const { user } = await signUp(t, { email })
    const { code } = await sentTo(t, email)
    const bodies = [(await t.call('post', '/auth/verify-email', { email, code: otherThan(code) })).body]
    t.clock.advance(600)
    bodies.push((await t.call('post', '/auth/verify-email', { email, code })).body)
    bodies.push((await t.call('post', '/auth/verify-email', { email: freshEmail(), code })).body)
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1)
    const { data } = await t.auth.audit.query({ event: 'code.rejected', userId: user.id })
    expect(data.map(({ data }) => (data as { reason: string }).reason)).toEqual(['expired', 'wrong'])
  })
})

describe('required', () => {
  let t: TestApp
  beforeAll(async () => {
    t = await makeApp({ options: { emailVerification: { required: true, signIn: true, strategy: 'both' } } })
  })

  test('a sign-up waits, a taken address is answered the same and its owner told (R-021)', async () => {
    const email = freshEmail()
    const first = await t.call('post', '/auth/signup', { email, password: PASSWORD }).expect(202)
    expect(first.body).toEqual({ status: 'verification_required' })
    const { code, token } = await sentTo(t, email, 'verify_email')
    expect([code, token]).toEqual([expect.stringMatching(/^\d{6}$/), expect.stringMatching(/^lkc_/)])
    const second = await t.call('post', '/auth/signup', { email, password: 'another password entirely' }).expect(202)
    expect(second.body).toEqual(first.body)
    expect(Object.keys(second.headers).sort()).toEqual(Object.keys(first.headers).sort())
    const { message } = await sentTo(t, email, 'already_registered')
    expect(message.text).toContain('already has an account')
    expect(await t.prisma.authUser.count({ where: { email } })).toBe(1)
  })

  test('before confirmation the right password is told so, the wrong one is not (R-020)', async () => {
    const email = freshEmail()
    await t.call('post', '/auth/signup', { email, password: PASSWORD }).expect(202)
    const wrong = await t.call('post', '/auth/login', { email, password: 'not this one' }).expect(401)
    expect(wrong.body.code).toBe('INVALID_CREDENTIALS')
    const right = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(403)
    expect(right.body.code).toBe('EMAIL_NOT_VERIFIED')
  })

  test('confirming signs in where emailVerification.signIn is on; using the code spends the link', async () => {
    const email = freshEmail()
    await t.call('post', '/auth/signup', { email, password: PASSWORD }).expect(202)
    const { code, token } = await sentTo(t, email, 'verify_email')
    const { body } = await t.call('post', '/auth/verify-email', { email, code }).expect(200)
    expect(body).toMatchObject({ status: 'signed_in', user: { email, emailVerified: true } })
    await t.call('post', '/auth/verify-email', { token }).expect(401)
    await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  })
})

test('a phone number is confirmed by the code sent to it', async () => {
  const t = await makeApp({ options: { identifiers: { email: true, phone: true } } })
  const phone = '+4915112345678'
  const { accessToken, user } = await signUp(t, { phone })
  await t.call('post', '/auth/verify-phone/send', undefined, bearer(accessToken)).expect(202)
  const { message, code } = await sentTo(t, phone, 'verify_phone')
  expect(message).toMatchObject({ channel: 'sms', to: phone })
  expect(message.text).toContain(code)
  await t.call('post', '/auth/verify-phone', { code: otherThan(code) }, bearer(accessToken)).expect(401)
  await t.call('post', '/auth/verify-phone', { code }, bearer(accessToken)).expect(204)
  expect(await t.auth.users.get(user.id)).toMatchObject({ phoneVerified: true })
  await t.call('get', '/private', undefined, bearer(accessToken)).expect(200)
})

test('without a sender the routes are not there', async () => {
  const t = await makeApp({ options: { mailer: undefined, sms: undefined } })
  for (const [path, body] of [
    ['/verify-email/send', { email: 'a@example.com' }],
    ['/forgot-password', { email: 'a@example.com' }],
  ] as const) {
    const answer = await t.call('post', `/auth${path}`, body).expect(404)
    expect(answer.body.code).toBe('FEATURE_DISABLED')
  }
})

let count = 0
describe('R-111: an address beside a phone number that somebody has proved may be a stranger’s, mistyped', () => {
  const setUp = async (options: Partial<AuthOptions> = {}) => {
    const t = await makeApp({ options: { identifiers: { email: true, phone: true }, ...options } })
    const [email, phone] = [freshEmail(), `+4179${String(2_000_000 + ((process.pid * 10 + ++count) % 7_000_000))}`]
    const user = await t.auth.users.create({ email, phone, phoneVerified: true, password: PASSWORD })
    await t.call('post', '/auth/verify-email/send', { email }).expect(202)
    return { t, email, phone, user, proof: await sentTo(t, email, 'verify_email') }
  }

  test('who can only read it confirms it and is not signed in, where confirming signs in', async () => {
    const { t, user, proof } = await setUp({ emailVerification: { signIn: true } })
    await t.call('post', '/auth/verify-email', { token: proof.token }).expect(204)
    expect(await t.auth.users.get(user.id)).toMatchObject({ emailVerified: true })
  })

  test('its owner, signed in, is', async () => {
    const { t, phone, user, proof } = await setUp({ emailVerification: { signIn: true } })
    const { accessToken } = (await t.call('post', '/auth/login', { phone, password: PASSWORD }).expect(200)).body
    const { body } = await t.call('post', '/auth/verify-email', { token: proof.token }, bearer(accessToken)).expect(200)
    expect(body).toMatchObject({ status: 'signed_in', user: { id: user.id } })
  })

  test('with emailVerification.required the link is the way in, also for who has proved the phone number before', async () => {
    const { t, phone, proof } = await setUp({ emailVerification: { required: true } })
    expect((await t.call('post', '/auth/login', { phone, password: PASSWORD }).expect(403)).body.code).toBe('EMAIL_NOT_VERIFIED')
    await t.call('post', '/auth/verify-email', { token: proof.token }).expect(204)
    await t.call('post', '/auth/login', { phone, password: PASSWORD }).expect(200)
  })
})
