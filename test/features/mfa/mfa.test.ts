import { generateSync } from 'otplib'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { otherThan, sentTo } from '../../support/secrets.ts'

const codeAt = ({ clock }: TestApp, secret: string, steps = 0) =>
  generateSync({ secret, epoch: Math.floor(clock.now().getTime() / 1000) + steps * 30, digits: 6, period: 30 })

/** Someone with an authenticator app. Its code of this moment is used up. */
async function enrolled(t: TestApp, email = freshEmail()) {
  const { accessToken, user } = await signUp(t, { email })
  const { body: begun } = await t.call('post', '/auth/mfa/totp', { label: 'phone' }, bearer(accessToken)).expect(200)
  const { body } = await t.call('post', `/auth/mfa/totp/${begun.id}/confirm`, { code: codeAt(t, begun.secret) }, bearer(accessToken)).expect(200)
  t.clock.advance(60)
  return { email, userId: user.id, accessToken, factorId: begun.id as string, secret: begun.secret as string, recoveryCodes: body.recoveryCodes as string[] }
}
const login = (t: TestApp, email: string, headers = {}) => t.call('post', '/auth/login', { email, password: PASSWORD }, headers)
const startLogin = async (t: TestApp, email: string) => (await login(t, email).expect(200)).body.mfaToken as string

/** One after the other: fifty at once would fill the hashing queue. */
async function oneByOne<T>(times: number, work: () => Promise<T>): Promise<T[]> {
  const all: T[] = []
  while (all.length < times) all.push(await work())
  return all
}

let t: TestApp
beforeAll(async () => {
  t = await makeApp()
})

test('an authenticator counts once confirmed; the secret is ciphertext, the QR code an SVG (R-115, E15)', async () => {
  const { accessToken, user } = await signUp(t)
  const { body } = await t.call('post', '/auth/mfa/totp', { label: 'phone' }, bearer(accessToken)).expect(200)
  expect(body).toEqual({
    id: expect.any(String),
    secret: expect.stringMatching(/^[A-Z2-7]{32}$/),
    otpauthUrl: expect.stringContaining('otpauth://totp/'),
    qrCode: expect.stringContaining('<svg'),
  })
  expect(body.otpauthUrl).toContain(`secret=${body.secret}`)
  const row = await t.prisma.authMfaFactor.findUniqueOrThrow({ where: { id: body.id } })
  expect(row.secret).toMatch(/^v1\./)
  expect(row.secret).not.toContain(body.secret)
  await login(t, user.email).expect(200, /signed_in/)
  await t.call('post', `/auth/mfa/totp/${body.id}/confirm`, { code: otherThan(codeAt(t, body.secret)) }, bearer(accessToken)).expect(401)
  const { body: done } = await t.call('post', `/auth/mfa/totp/${body.id}/confirm`, { code: codeAt(t, body.secret) }, bearer(accessToken)).expect(200)
  expect(done.recoveryCodes).toHaveLength(10)
  expect((await login(t, user.email).expect(200)).body.status).toBe('mfa_required')
  const { body: status } = await t.call('get', '/auth/mfa', undefined, bearer(accessToken)).expect(200)
  expect(status).toMatchObject({
    enabled: true,
    required: false,
    recoveryCodesLeft: 10,
    preferred: 'totp',
    factors: [{ id: body.id, type: 'totp', label: 'phone' }],
  })
  expect(JSON.stringify([status, t.logs, t.events, await t.prisma.authAuditLog.findMany({ where: { userId: user.id } })])).not.toContain(body.secret)
})

test('enrolling ends the other sessions, tells the owner, and needs a recent sign-in (R-056, R-059, R-075)', async () => {
  const email = freshEmail()
  const first = await signUp(t, { email })
  const { body: other } = await login(t, email).expect(200)
  const { body } = await t.call('post', '/auth/mfa/totp', {}, bearer(first.accessToken)).expect(200)
  await t.call('post', `/auth/mfa/factors/${body.id}/confirm`, { code: codeAt(t, body.secret) }, bearer(first.accessToken)).expect(200)
  await t.call('get', '/private', undefined, bearer(other.accessToken)).expect(401)
  await t.call('get', '/private', undefined, bearer(first.accessToken)).expect(200)
  await sentTo(t, email, 'mfa_changed')
  t.clock.advance(901)
  const old = await t.call('post', '/auth/refresh', { refreshToken: first.refreshToken }).expect(200)
  const refused = await t.call('post', '/auth/mfa/totp', {}, bearer(old.body.accessToken)).expect(403)
  expect(refused.body).toMatchObject({ code: 'STEP_UP_REQUIRED', methods: ['totp', 'recovery_code'] })
  expect(old.body.session.amr).toEqual(['pwd', 'otp', 'mfa'])
})

test('R-116: new recovery codes end the trust in devices', async () => {
  const { userId, accessToken } = await enrolled(t)
  const now = t.clock.now()
  const device = { userId, tokenHash: `hash of ${userId}`, createdAt: now, lastUsedAt: now, expiresAt: new Date(now.getTime() + 86_400_000) }
  await t.prisma.authTrustedDevice.create({ data: { id: userId, ...device } })
  await t.call('post', '/auth/mfa/recovery-codes', undefined, bearer(accessToken)).expect(200)
  expect(await t.prisma.authTrustedDevice.count({ where: { userId } })).toBe(0)
})

test('a reset of factors where there are none does nothing', async () => {
  const { user, accessToken } = await signUp(t)
  t.events.length = 0
  await t.auth.mfa.reset(user.id)
  expect(t.events).toEqual([])
  await t.call('get', '/private', undefined, bearer(accessToken)).expect(200)
})

test('a sign-in waits for the second factor and then shows both (R-110, R-125)', async () => {
  const { email, secret } = await enrolled(t)
  const { body } = await login(t, email).expect(200)
  expect(body).toEqual({
    status: 'mfa_required',
    mfaToken: expect.stringMatching(/^lkp_/),
    expiresIn: 600,
    factors: [{ type: 'totp' }, { type: 'recovery_code' }],
  })
  const wrong = await t.call('post', '/auth/mfa/verify', { mfaToken: body.mfaToken, code: otherThan(codeAt(t, secret)) }).expect(401)
  expect(wrong.body.code).toBe('CODE_INVALID')
  const { body: answer } = await t.call('post', '/auth/mfa/verify', { mfaToken: body.mfaToken, code: codeAt(t, secret) }).expect(200)
  expect(answer).toMatchObject({ status: 'signed_in', user: { mfaEnabled: true }, session: { amr: ['pwd', 'otp', 'mfa'] } })
  expect(answer.trustedDeviceToken).toBeUndefined()
  await t.call('post', '/auth/mfa/verify', { mfaToken: body.mfaToken, code: codeAt(t, secret, 1) }).expect(401)
})

test('R-113: a code works once, in any session; of steps T and T-1 the later bars the earlier', async () => {
  const { email, secret } = await enrolled(t)
  const now = codeAt(t, secret)
  const before = codeAt(t, secret, -1)
  await t.call('post', '/auth/mfa/verify', { mfaToken: await startLogin(t, email), code: now }).expect(200)
  await t.call('post', '/auth/mfa/verify', { mfaToken: await startLogin(t, email), code: now }).expect(401)
  await t.call('post', '/auth/mfa/verify', { mfaToken: await startLogin(t, email), code: before }).expect(401)
  t.clock.advance(30)
  await t.call('post', '/auth/mfa/verify', { mfaToken: await startLogin(t, email), code: codeAt(t, secret) }).expect(200)
})

test('R-113: 50 uses of one code at once: one session', async () => {
  const app = await makeApp({ options: { lockout: { maxAttempts: 100 } } })
  const { email, secret, userId } = await enrolled(app)
  const tokens = await oneByOne(50, () => startLogin(app, email))
  const before = await app.prisma.authSession.count({ where: { userId, revokedAt: null } })
  const code = codeAt(app, secret)
  const answers = await Promise.all(tokens.map((mfaToken) => app.call('post', '/auth/mfa/verify', { mfaToken, code })))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.every(({ status }) => status < 500)).toBe(true)
  expect(await app.prisma.authSession.count({ where: { userId, revokedAt: null } })).toBe(before + 1)
})

test('R-112: 50 uses of one mfaToken at once: one session; wrong codes count for the challenge', async () => {
  const { email, secret } = await enrolled(t)
  const mfaToken = await startLogin(t, email)
  const wrong = await Promise.all(
    Array.from({ length: 50 }, (_, i) => t.call('post', '/auth/mfa/verify', { mfaToken, code: otherThan(codeAt(t, secret), i + 1) })),
  )
  expect(wrong.filter(({ body }) => body.code === 'CODE_INVALID').length).toBeLessThanOrEqual(5)
  const dead = await t.call('post', '/auth/mfa/verify', { mfaToken, code: codeAt(t, secret) }).expect(401)
  expect(dead.body.code).toBe('MFA_TOKEN_INVALID')
})

test('regression 3: wrong codes count for the account, across new sign-ins, and end in 429', async () => {
  const { email, secret, userId } = await enrolled(t)
  let status = 0
  for (let login = 0; login < 5 && status !== 429; login++) {
    const mfaToken = await startLogin(t, email)
    for (let i = 1; i <= 4 && status !== 429; i++) ({ status } = await t.call('post', '/auth/mfa/verify', { mfaToken, code: otherThan(codeAt(t, secret), i) }))
  }
  expect(status).toBe(429)
  await t.call('post', '/auth/mfa/verify', { mfaToken: await startLogin(t, email), code: codeAt(t, secret) }).expect(429)
  expect((await t.auth.audit.query({ userId, event: 'mfa.locked' })).data).toHaveLength(1)
  t.clock.advance(901)
  await t.call('post', '/auth/mfa/verify', { mfaToken: await startLogin(t, email), code: codeAt(t, secret) }).expect(200)
})

test('R-117, R-118: a recovery code works once, 50 at once: one; it is hashed, and the owner is told how many are left', async () => {
  const { email, recoveryCodes, userId } = await enrolled(t)
  expect(new Set(recoveryCodes).size).toBe(10)
  expect(recoveryCodes[0]).toMatch(/^([a-z2-9]{6}-){3}[a-z2-9]{6}$/)
  const rows = JSON.stringify(await t.prisma.authRecoveryCode.findMany({ where: { userId } }))
  expect(rows).not.toContain(recoveryCodes[0])
  const app = await makeApp({ clock: t.clock, options: { lockout: { maxAttempts: 100 } } })
  const tokens = await oneByOne(50, () => startLogin(app, email))
  const answers = await Promise.all(tokens.map((mfaToken) => app.call('post', '/auth/mfa/verify', { mfaToken, recoveryCode: recoveryCodes[0]!.toUpperCase() })))
  const won = answers.filter(({ status }) => status === 200)
  expect(won).toHaveLength(1)
  expect(won[0]!.body.session.amr).toEqual(['pwd', 'rcv', 'mfa'])
  expect((await t.auth.users.get(userId))!.mfaEnabled).toBe(true)
  expect((await sentTo(app, email, 'recovery_code_used')).message.text).toContain('9 are left')
  for (const code of recoveryCodes.slice(1, 8)) {
    t.clock.advance(1)
    await app.call('post', '/auth/mfa/verify', { mfaToken: await startLogin(app, email), recoveryCode: code }).expect(200)
  }
  await app.mailbox.settle()
  expect(
    app.mailbox
      .to(email)
      .filter(({ kind }) => kind === 'recovery_code_used')
      .map(({ text }) => text)
      .join(),
  ).toContain('Only 2 left')
})

test('R-116: new recovery codes end the old, after a recent confirmation', async () => {
  const { email, accessToken, recoveryCodes, userId } = await enrolled(t)
  const { body } = await t.call('post', '/auth/mfa/recovery-codes', undefined, bearer(accessToken)).expect(200)
  expect(body.recoveryCodes).toHaveLength(10)
  await t.call('post', '/auth/mfa/verify', { mfaToken: await startLogin(t, email), recoveryCode: recoveryCodes[0] }).expect(401)
  await t.call('post', '/auth/mfa/verify', { mfaToken: await startLogin(t, email), recoveryCode: body.recoveryCodes[0] }).expect(200)
  const left = await t.call('get', '/auth/mfa/recovery-codes', undefined, bearer(accessToken)).expect(200)
  expect(left.body).toEqual({ left: 9, generatedAt: expect.any(String) })
  expect((await t.auth.mfa.regenerateRecoveryCodes(userId)).length).toBe(10)
  const { accessToken: without } = await signUp(t)
  expect((await t.call('post', '/auth/mfa/recovery-codes', undefined, bearer(without)).expect(403)).body.code).toBe('MFA_ENROLLMENT_REQUIRED')
})

test('several factors, named; removing the last turns second factors off and ends sessions (R-056, E2)', async () => {
  const { accessToken, factorId, userId, email } = await enrolled(t)
  const { body: second } = await t.call('post', '/auth/mfa/totp', { label: 'tablet' }, bearer(accessToken)).expect(200)
  const { body: confirmed } = await t.call('post', `/auth/mfa/totp/${second.id}/confirm`, { code: codeAt(t, second.secret) }, bearer(accessToken)).expect(200)
  expect(confirmed).toEqual({})
  const renamed = await t.call('patch', `/auth/mfa/factors/${second.id}`, { label: 'old tablet' }, bearer(accessToken)).expect(200)
  expect(renamed.body).toMatchObject({ id: second.id, label: 'old tablet' })
  const stranger = await signUp(t)
  await t.call('delete', `/auth/mfa/factors/${second.id}`, undefined, bearer(stranger.accessToken)).expect(404)
  await t.call('patch', `/auth/mfa/factors/${second.id}`, { label: 'mine' }, bearer(stranger.accessToken)).expect(404)
  await t.call('delete', `/auth/mfa/factors/${second.id}`, undefined, bearer(accessToken)).expect(204)
  expect((await t.auth.mfa.status(userId)).enabled).toBe(true)
  await t.call('delete', `/auth/mfa/factors/${factorId}`, undefined, bearer(accessToken)).expect(204)
  expect(await t.auth.mfa.status(userId)).toMatchObject({ enabled: false, factors: [], recoveryCodesLeft: 0 })
  await login(t, email).expect(200, /signed_in/)
  expect(t.events.filter(({ event }) => event.userId === userId).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['mfa.factor_added', 'mfa.enabled', 'mfa.factor_removed', 'mfa.disabled', 'mfa.challenged'].slice(0, 4)),
  )
})

test('with second factors on, /confirm wants one; requireMfa too (R-116)', async () => {
  const app = await makeApp({ routes: (express, auth) => express.get('/strong', auth.requireMfa(), (_req, res) => void res.json({ ok: true })) })
  const { email, secret, accessToken } = await enrolled(app)
  await app.call('get', '/strong', undefined, bearer(accessToken)).expect(200)
  await app.call('post', '/auth/confirm', { password: PASSWORD }, bearer(accessToken)).expect(422)
  await app.call('post', '/auth/confirm', { code: otherThan(codeAt(app, secret)) }, bearer(accessToken)).expect(401)
  await app.call('post', '/auth/confirm', { code: codeAt(app, secret) }, bearer(accessToken)).expect(200)
  const { body } = await app.call('get', '/auth/confirm', undefined, bearer(accessToken)).expect(200)
  expect(body).toMatchObject({ confirmed: true, methods: ['totp', 'recovery_code'] })
  const { accessToken: plain } = await signUp(app)
  expect((await app.call('get', '/strong', undefined, bearer(plain)).expect(403)).body.code).toBe('MFA_ENROLLMENT_REQUIRED')
  const user = await app.auth.users.findByEmail(email)
  const weak = await app.auth.sessions.create(user!.id, { amr: ['pwd'] })
  expect((await app.call('get', '/strong', undefined, bearer(weak.accessToken)).expect(403)).body).toMatchObject({ code: 'STEP_UP_REQUIRED' })
  app.clock.advance(30)
  await app.call('post', '/auth/confirm', { code: codeAt(app, secret) }, bearer(weak.accessToken)).expect(200)
  await app.call('get', '/strong', undefined, bearer(weak.accessToken)).expect(200)
})

test('R-055: a reset leaves second factors in place', async () => {
  const { email } = await enrolled(t)
  await t.auth.users.update((await t.auth.users.findByEmail(email))!.id, { emailVerified: true })
  await t.call('post', '/auth/forgot-password', { email }).expect(202)
  const { token } = await sentTo(t, email, 'reset_password')
  await t.call('post', '/auth/reset-password', { token, newPassword: 'a wholly different password' }).expect(204)
  const { body } = await t.call('post', '/auth/login', { email, password: 'a wholly different password' }).expect(200)
  expect(body.status).toBe('mfa_required')
})

test('auth.mfa.reset takes everything off', async () => {
  const { userId, accessToken, email } = await enrolled(t)
  await t.auth.mfa.reset(userId)
  await t.call('get', '/private', undefined, bearer(accessToken)).expect(401)
  await login(t, email).expect(200, /signed_in/)
  await expect(t.auth.mfa.reset('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

describe('required', () => {
  let t: TestApp
  beforeAll(async () => {
    t = await makeApp({ options: { mfa: { required: 'all' } } })
  })

  test('regression 1: neither sign-up nor sign-in gives a session before a factor is set up', async () => {
    const email = freshEmail()
    const { body } = await t.call('post', '/auth/signup', { email, password: PASSWORD }).expect(201)
    expect(body).toEqual({ status: 'mfa_enrollment_required', mfaToken: expect.any(String), expiresIn: 600, methods: ['totp'] })
    const { mfaToken } = (await login(t, email).expect(200)).body
    await t.call('get', '/private', undefined, bearer(mfaToken)).expect(401)
    expect((await t.call('get', '/auth/mfa', undefined, bearer(mfaToken)).expect(200)).body).toMatchObject({ required: true, enabled: false })
    const { body: begun } = await t.call('post', '/auth/mfa/totp', { mfaToken }).expect(200)
    const { body: answer } = await t.call('post', `/auth/mfa/totp/${begun.id}/confirm`, { mfaToken, code: codeAt(t, begun.secret) }).expect(200)
    expect(answer).toMatchObject({ status: 'signed_in', session: { amr: ['pwd', 'otp', 'mfa'] }, recoveryCodes: expect.any(Array) })
    await t.call('post', '/auth/mfa/totp', { mfaToken: body.mfaToken }).expect(401)
    const factor = (await t.auth.mfa.status(answer.user.id)).factors[0]!
    expect((await t.call('delete', `/auth/mfa/factors/${factor.id}`, undefined, bearer(answer.accessToken)).expect(409)).body.code).toBe('MFA_REQUIRED')
  })

  test('a function picks who must', async () => {
    const app = await makeApp({ options: { mfa: { required: ({ email }) => email!.startsWith('boss') } } })
    await signUp(app)
    const { body } = await app.call('post', '/auth/signup', { email: `boss${freshEmail()}`, password: PASSWORD }).expect(201)
    expect(body.status).toBe('mfa_enrollment_required')
  })
})

describe('by message', () => {
  let t: TestApp
  beforeAll(async () => {
    t = await makeApp({ options: { mfa: { email: true, sms: true }, identifiers: { email: true, phone: true } } })
  })

  test('a code to the confirmed address is a second factor; not before it is confirmed (R-124)', async () => {
    const email = freshEmail()
    const { accessToken, user } = await signUp(t, { email })
    const { body: refused } = await t.call('post', '/auth/mfa/email', {}, bearer(accessToken)).expect(422)
    expect(refused.errors).toEqual([{ path: 'email', message: 'must be confirmed first' }])
    await t.auth.users.update(user.id, { emailVerified: true })
    const { body: begun } = await t.call('post', '/auth/mfa/email', {}, bearer(accessToken)).expect(200)
    const first = await sentTo(t, email, 'mfa_code')
    await t.call('post', `/auth/mfa/factors/${begun.id}/confirm`, { code: otherThan(first.code) }, bearer(accessToken)).expect(401)
    await t.call('post', `/auth/mfa/factors/${begun.id}/confirm`, { code: first.code }, bearer(accessToken)).expect(200)
    const { body } = await login(t, email).expect(200)
    expect(body.factors[0]).toEqual({ type: 'email', hint: `u…@example.com` })
    await t.call('post', '/auth/mfa/challenge', { mfaToken: body.mfaToken, type: 'sms' }).expect(422)
    await t.call('post', '/auth/mfa/challenge', { mfaToken: body.mfaToken, type: 'email' }).expect(202)
    const { code } = await sentTo(t, email, 'mfa_code')
    const other = (await login(t, email).expect(200)).body.mfaToken as string
    await t.call('post', '/auth/mfa/verify', { mfaToken: other, code }).expect(401)
    const { body: answer } = await t.call('post', '/auth/mfa/verify', { mfaToken: body.mfaToken, code }).expect(200)
    expect(answer.session.amr).toEqual(['pwd', 'otp', 'mfa'])
    t.clock.advance(1000)
    const { body: old } = await t.call('post', '/auth/refresh', { refreshToken: answer.refreshToken }).expect(200)
    await t.call('post', '/auth/mfa/challenge', { type: 'email' }, bearer(old.accessToken)).expect(202)
    const again = await sentTo(t, email, 'mfa_code')
    await t.call('post', '/auth/confirm', { code: again.code }, bearer(old.accessToken)).expect(200)
  })

  test('and one to the confirmed number', async () => {
    const phone = '+4915112345690'
    const { accessToken, user } = await signUp(t, { phone })
    await t.auth.users.update(user.id, { phoneVerified: true })
    const { body: begun } = await t.call('post', '/auth/mfa/sms', {}, bearer(accessToken)).expect(200)
    await t.call('post', `/auth/mfa/factors/${begun.id}/confirm`, { code: (await sentTo(t, phone, 'mfa_code')).code }, bearer(accessToken)).expect(200)
    const { body } = await login(t, user.email).expect(200)
    expect(body.factors[0]).toEqual({ type: 'sms', hint: '…90' })
    await t.call('post', '/auth/mfa/challenge', { mfaToken: body.mfaToken, type: 'sms' }).expect(202)
    const { body: answer } = await t.call('post', '/auth/mfa/verify', { mfaToken: body.mfaToken, code: (await sentTo(t, phone, 'mfa_code')).code }).expect(200)
    expect(answer.session.amr).toEqual(['pwd', 'sms', 'mfa'])
  })
})

describe('trusted devices', () => {
  const trust = async (t: TestApp) => {
    const person = await enrolled(t)
    const { body } = await t
      .call('post', '/auth/mfa/verify', { mfaToken: await startLogin(t, person.email), code: codeAt(t, person.secret), trustDevice: true })
      .expect(200)
    t.clock.advance(60)
    return { ...person, device: { 'x-trusted-device': body.trustedDeviceToken as string }, token: body.accessToken as string }
  }

  test('R-119: one skips the second factor, never the first, and only for its user; amr gains nothing', async () => {
    const person = await trust(t)
    const { body } = await login(t, person.email, person.device).expect(200)
    expect(body).toMatchObject({ status: 'signed_in', session: { amr: ['pwd'] } })
    await t.call('post', '/auth/login', { email: person.email, password: 'not this one' }, person.device).expect(401)
    const other = await enrolled(t)
    expect((await login(t, other.email, person.device).expect(200)).body.status).toBe('mfa_required')
    const rows = JSON.stringify(await t.prisma.authTrustedDevice.findMany())
    expect(rows).not.toContain(person.device['x-trusted-device'])
  })

  test('R-119: it ends at its time, when revoked, and on a change of password, factor or status', async () => {
    const ends: [string, (person: Awaited<ReturnType<typeof trust>>) => Promise<unknown>][] = [
      ['time', async () => t.clock.advance(30 * 86_400)],
      [
        'one',
        async ({ token }) => {
          const { body } = await t.call('get', '/auth/trusted-devices', undefined, bearer(token)).expect(200)
          const stranger = await signUp(t)
          await t.call('delete', `/auth/trusted-devices/${body[0].id}`, undefined, bearer(stranger.accessToken)).expect(404)
          await t.call('delete', `/auth/trusted-devices/${body[0].id}`, undefined, bearer(token)).expect(204)
        },
      ],
      ['all', async ({ token }) => t.call('delete', '/auth/trusted-devices', undefined, bearer(token)).expect(204)],
      ['logout-all', async ({ token }) => t.call('post', '/auth/logout-all', undefined, bearer(token)).expect(204)],
      ['password', async ({ userId }) => t.auth.users.setPassword(userId, PASSWORD)],
      [
        'factor',
        async ({ token }) => {
          const { body } = await t.call('post', '/auth/mfa/totp', {}, bearer(token)).expect(200)
          await t.call('post', `/auth/mfa/totp/${body.id}/confirm`, { code: codeAt(t, body.secret) }, bearer(token)).expect(200)
        },
      ],
      [
        'status',
        async ({ userId }) => {
          await t.auth.users.suspend(userId)
          await t.auth.users.reactivate(userId)
        },
      ],
    ]
    for (const [what, end] of ends) {
      const person = await trust(t)
      await end(person)
      expect([what, (await login(t, person.email, person.device).expect(200)).body.status]).toEqual([what, 'mfa_required'])
    }
  })

  test('in cookie transport it is a cookie that scripts cannot read', async () => {
    const person = await enrolled(t)
    const cookie = { 'x-auth-transport': 'cookie' }
    const { body } = await login(t, person.email, cookie).expect(200)
    const answer = await t.call('post', '/auth/mfa/verify', { mfaToken: body.mfaToken, code: codeAt(t, person.secret), trustDevice: true }, cookie).expect(200)
    expect(answer.body.trustedDeviceToken).toBeUndefined()
    const device = (answer.headers['set-cookie'] as unknown as string[]).find((one) => one.startsWith('__Host-lk.device='))!
    expect(device).toMatch(/Max-Age=2592000; Path=\/;.*HttpOnly; Secure; SameSite=Lax/)
    expect((await login(t, person.email, { ...cookie, cookie: device.split(';')[0]! }).expect(200)).body.status).toBe('signed_in')
  })

  test('R-119: where the sign-in is not to outlive the browser, neither does the cookie of the device', async () => {
    const person = await enrolled(t)
    const cookie = { 'x-auth-transport': 'cookie' }
    const { body } = await t.call('post', '/auth/login', { email: person.email, password: PASSWORD, rememberMe: false }, cookie).expect(200)
    const answer = await t.call('post', '/auth/mfa/verify', { mfaToken: body.mfaToken, code: codeAt(t, person.secret), trustDevice: true }, cookie).expect(200)
    const cookies = answer.headers['set-cookie'] as unknown as string[]
    expect(cookies.map((one) => one.split('=')[0]).sort()).toEqual(['__Host-lk.access', '__Host-lk.device', '__Host-lk.refresh'])
    for (const one of cookies) expect(one).not.toMatch(/Max-Age|Expires/i)
  })

  test('trustedDevices: false switches them off', async () => {
    const app = await makeApp({ options: { mfa: { trustedDevices: false } } })
    const { email, secret, accessToken } = await enrolled(app)
    const { body } = await app
      .call('post', '/auth/mfa/verify', { mfaToken: await startLogin(app, email), code: codeAt(app, secret), trustDevice: true })
      .expect(200)
    expect(body.trustedDeviceToken).toBeUndefined()
    await app.call('get', '/auth/trusted-devices', undefined, bearer(accessToken)).expect(404)
  })
})

test('R-031: who has a trusted device gets in while the account is locked, as often as an account may be tried', async () => {
  const { email, secret } = await enrolled(t)
  const mfaToken = await startLogin(t, email)
  const { body } = await t.call('post', '/auth/mfa/verify', { mfaToken, code: codeAt(t, secret), trustDevice: true }).expect(200)
  const device = { 'x-trusted-device': body.trustedDeviceToken as string }
  const wrong = (headers = {}) => t.call('post', '/auth/login', { email, password: 'not this one' }, headers)
  for (let i = 0; i < 10; i++) await wrong().expect(401)
  await login(t, email).expect(429)
  await login(t, email, { 'x-trusted-device': 'lkd_of-somebody-else' }).expect(429)
  expect((await login(t, email, device).expect(200)).body.status).toBe('signed_in')
  for (let i = 0; i < 10; i++) await wrong().expect(401)
  const tries = []
  for (let i = 0; i < 11; i++) tries.push((await wrong(device)).status)
  expect(tries.filter((status) => status === 401).length).toBeLessThanOrEqual(10)
  expect(tries.at(-1)).toBe(429)
})

test('/confirm takes a recovery code where a code is typed', async () => {
  const { recoveryCodes, userId } = await enrolled(t)
  const { accessToken } = await t.auth.sessions.create(userId)
  await t.call('post', '/auth/confirm', { code: recoveryCodes[0] }, bearer(accessToken)).expect(200)
  await t.call('post', '/auth/confirm', { code: recoveryCodes[0] }, bearer(accessToken)).expect(401)
})
