import { generateSync } from 'otplib'
import { createAuthenticator } from '../../support/authenticator.ts'
import { bearer, freshEmail, makeApp, PASSWORD, type TestApp } from '../../support/make-app.ts'
import { sentTo } from '../../support/secrets.ts'

const ways = {
  identifiers: { email: true, phone: true },
  passwordless: { email: true, sms: true },
  magicLink: { enabled: true },
  emailVerification: { signIn: true },
  mfa: { email: true, sms: true },
  passkeys: { enabled: true },
} as const
const codeAt = ({ clock }: TestApp, secret: string) => generateSync({ secret, epoch: Math.floor(clock.now().getTime() / 1000), digits: 6, period: 30 })

let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: ways })
})

let lastPhone = 4915112346000
/** Someone whose address and number are proved, with a factor of each of these kinds. */
async function someone(t: TestApp, kinds: readonly ('totp' | 'email' | 'sms')[]) {
  const email = freshEmail()
  const phone = `+${++lastPhone}`
  const { id } = await t.auth.users.create({ email, phone, password: PASSWORD, emailVerified: true, phoneVerified: true })
  const { accessToken } = await t.auth.sessions.create(id, { amr: ['pwd'] })
  let secret = ''
  let recoveryCodes: string[] = []
  for (const kind of kinds) {
    const { body: begun } = await t.call('post', `/auth/mfa/${kind}`, {}, bearer(accessToken)).expect(200)
    if (kind === 'totp') secret = begun.secret
    const code = kind === 'totp' ? codeAt(t, secret) : (await sentTo(t, kind === 'email' ? email : phone, 'mfa_code')).code
    const { body } = await t.call('post', `/auth/mfa/factors/${begun.id}/confirm`, { code }, bearer(accessToken)).expect(200)
    recoveryCodes = body.recoveryCodes ?? recoveryCodes
  }
  t.clock.advance(60)
  return { email, phone, userId: id, secret, recoveryCodes, accessToken }
}
type Person = Awaited<ReturnType<typeof someone>>

const byCode = async (t: TestApp, to: { email: string } | { phone: string }) => {
  await t.call('post', '/auth/passwordless/send', to).expect(202)
  const { code } = await sentTo(t, 'email' in to ? to.email : to.phone, 'login_code')
  return (await t.call('post', '/auth/passwordless/verify', { ...to, code }).expect(200)).body
}
const byLink = async (t: TestApp, email: string) => {
  await t.call('post', '/auth/magic-link/request', { email }).expect(202)
  return (await t.call('post', '/auth/magic-link/consume', { token: (await sentTo(t, email, 'magic_link')).token }).expect(200)).body
}
const byVerification = async (t: TestApp, { email, userId }: Pick<Person, 'email' | 'userId'>) => {
  await t.auth.users.update(userId, { emailVerified: false })
  await t.call('post', '/auth/verify-email/send', { email }).expect(202)
  // Beside a phone number that somebody has proved, only its owner may, signed in.
  const { accessToken } = await t.auth.sessions.create(userId)
  const { token } = await sentTo(t, email, 'verify_email')
  return (await t.call('post', '/auth/verify-email', { token }, bearer(accessToken)).expect(200)).body
}
const typesOf = ({ factors }: { factors: { type: string }[] }) => factors.map(({ type }) => type)

const firsts: [string, 'email' | 'sms', (t: TestApp, person: Person) => Promise<any>, string[]][] = [
  ['an emailed code', 'email', (t, { email }) => byCode(t, { email }), ['otp']],
  ['an emailed link', 'email', (t, { email }) => byLink(t, email), ['link']],
  ['the proof of an address', 'email', byVerification, ['link']],
  ['a code by SMS', 'sms', (t, { phone }) => byCode(t, { phone }), ['sms']],
]
test.each(firsts)('R-125, R-111: after %s, the %s factor is neither offered nor taken', async (_first, kind, signIn, amr) => {
  const person = await someone(t, ['totp', 'email', 'sms'])
  const other = kind === 'email' ? 'sms' : 'email'
  const waiting = await signIn(t, person)
  expect([waiting.status, typesOf(waiting).sort()]).toEqual(['mfa_required', [other, 'recovery_code', 'totp'].sort()])
  const { mfaToken } = waiting
  const refused = await t.call('post', '/auth/mfa/challenge', { mfaToken, type: kind }).expect(422)
  expect(refused.body.errors).toEqual([{ path: 'type', message: 'is what this sign-in has shown already' }])
  // A code that was sent all the same.
  await t.call('post', '/auth/mfa/challenge', { mfaToken, type: other }).expect(202)
  const { code } = await sentTo(t, kind === 'email' ? person.phone : person.email, 'mfa_code')
  const sent = await t.prisma.authOtp.findFirstOrThrow({ where: { userId: person.userId, purpose: 'mfa.code', consumedAt: null } })
  await t.prisma.authOtp.updateMany({ where: { id: sent.id }, data: { data: { type: kind } } })
  await t.call('post', '/auth/mfa/verify', { mfaToken, code }).expect(401)
  await t.prisma.authOtp.updateMany({ where: { id: sent.id }, data: { data: { type: other } } })
  const { body } = await t.call('post', '/auth/mfa/verify', { mfaToken, code }).expect(200)
  expect(body.session.amr).toEqual([...new Set([...amr, other === 'sms' ? 'sms' : 'otp', 'mfa'])])
})

test('R-125: an authenticator app after an emailed code is another factor', async () => {
  const { email, secret } = await someone(t, ['totp'])
  const { mfaToken } = await byCode(t, { email })
  const { body } = await t.call('post', '/auth/mfa/verify', { mfaToken, code: codeAt(t, secret) }).expect(200)
  expect(body.session.amr).toEqual(['otp', 'mfa'])
})

test('R-125: where email is all there is, a sign-in by email is finished by a recovery code, later by none', async () => {
  const person = await someone(t, ['email'])
  const first = await byLink(t, person.email)
  expect(first.factors).toEqual([{ type: 'recovery_code' }])
  const { body } = await t.call('post', '/auth/mfa/verify', { mfaToken: first.mfaToken, recoveryCode: person.recoveryCodes[0] }).expect(200)
  expect(body.session.amr).toEqual(['link', 'rcv', 'mfa'])
  await t.prisma.authRecoveryCode.deleteMany({ where: { userId: person.userId } })
  const second = await byLink(t, person.email)
  expect([second.status, second.factors, second.accessToken]).toEqual(['mfa_required', [], undefined])
  // Any other first factor still leads in.
  const { body: waiting } = await t.call('post', '/auth/login', { email: person.email, password: PASSWORD }).expect(200)
  await t.call('post', '/auth/mfa/challenge', { mfaToken: waiting.mfaToken, type: 'email' }).expect(202)
  const { code } = await sentTo(t, person.email, 'mfa_code')
  await t.call('post', '/auth/mfa/verify', { mfaToken: waiting.mfaToken, code }).expect(200)
})

test('R-125, R-111: the factor that a sign-in must set up is another than it came by', async () => {
  const app = await makeApp({ options: { ...ways, mfa: { ...ways.mfa, required: 'all' } } })
  const email = freshEmail()
  const phone = `+${++lastPhone}`
  await app.auth.users.create({ email, phone, password: PASSWORD, emailVerified: true, phoneVerified: true })
  const waiting = await byLink(app, email)
  expect([waiting.status, waiting.methods]).toEqual(['mfa_enrollment_required', ['totp', 'sms']])
  const refusal = [{ path: 'type', message: 'is what this sign-in has shown already' }]
  expect((await app.call('post', '/auth/mfa/email', { mfaToken: waiting.mfaToken }).expect(422)).body.errors).toEqual(refusal)
  // Begun in a sign-in by password, it is not finished in one by email.
  const { body: login } = await app.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  const { body: begun } = await app.call('post', '/auth/mfa/email', { mfaToken: login.mfaToken }).expect(200)
  const { code } = await sentTo(app, email, 'mfa_code')
  const confirm = (mfaToken: string) => app.call('post', `/auth/mfa/factors/${begun.id}/confirm`, { mfaToken, code })
  expect((await confirm(waiting.mfaToken).expect(422)).body.errors).toEqual(refusal)
  expect((await confirm(login.mfaToken).expect(200)).body.session.amr).toEqual(['pwd', 'otp', 'mfa'])
})

test('R-125: a session by email that sets up or shows the email factor has shown one factor still', async () => {
  const email = freshEmail()
  await t.auth.users.create({ email, emailVerified: true })
  const { accessToken, refreshToken } = await byLink(t, email)
  const { body: begun } = await t.call('post', '/auth/mfa/email', {}, bearer(accessToken)).expect(200)
  const { code } = await sentTo(t, email, 'mfa_code')
  await t.call('post', `/auth/mfa/factors/${begun.id}/confirm`, { code }, bearer(accessToken)).expect(200)
  const { body } = await t.call('post', '/auth/refresh', { refreshToken }).expect(200)
  expect(body.session.amr).toEqual(['link', 'otp'])
  await t.call('post', '/auth/mfa/challenge', { type: 'email' }, bearer(body.accessToken)).expect(202)
  const again = await sentTo(t, email, 'mfa_code')
  await t.call('post', '/auth/confirm', { code: again.code }, bearer(body.accessToken)).expect(200)
  const { body: confirmed } = await t.call('post', '/auth/refresh', { refreshToken: body.refreshToken }).expect(200)
  expect(confirmed.session.amr).toEqual(['link', 'otp'])
})

const withPasskey = async (t: TestApp, accessToken: string, userVerified: boolean) => {
  const key = createAuthenticator({ userVerified })
  const { body: begun } = await t.call('post', '/auth/passkeys/registration/options', undefined, bearer(accessToken)).expect(200)
  await t
    .call('post', '/auth/passkeys/registration', { response: key.create(begun.options), ceremonyToken: begun.ceremonyToken }, bearer(accessToken))
    .expect(201)
  const signIn = async () => {
    const { body: begun } = await t.call('post', '/auth/passkeys/authentication/options', {}).expect(200)
    return (await t.call('post', '/auth/passkeys/authentication', { response: key.get(begun.options), ceremonyToken: begun.ceremonyToken }).expect(200)).body
  }
  const verify = async (mfaToken: string, verifies: boolean) => {
    const { body: begun } = await t.call('post', '/auth/mfa/challenge', { mfaToken, type: 'passkey' }).expect(200)
    const passkey = key.get(begun.options, { userVerified: verifies })
    return { begun, answer: t.call('post', '/auth/mfa/verify', { mfaToken, passkey, ceremonyToken: begun.ceremonyToken }) }
  }
  return { signIn, verify }
}

test('R-125, R-111: after a passkey that did not verify its user, a passkey counts only where it does', async () => {
  const person = await someone(t, ['totp'])
  const { signIn, verify } = await withPasskey(t, person.accessToken, false)
  const waiting = await signIn()
  expect([waiting.status, typesOf(waiting)]).toEqual(['mfa_required', ['totp', 'recovery_code']])
  const { begun, answer } = await verify(waiting.mfaToken, false)
  expect(begun.options.userVerification).toBe('required')
  expect((await answer.expect(401)).body.code).toBe('CODE_INVALID')
  const { answer: verified } = await verify(waiting.mfaToken, true)
  expect((await verified.expect(200)).body.session.amr).toEqual(['webauthn', 'mfa'])
  const { body: login } = await t.call('post', '/auth/login', { email: person.email, password: PASSWORD }).expect(200)
  expect(typesOf(login)).toEqual(['totp', 'passkey', 'recovery_code'])
  const { begun: second, answer: done } = await verify(login.mfaToken, false)
  expect(second.options.userVerification).toBe('preferred')
  expect((await done.expect(200)).body.session.amr).toEqual(['pwd', 'webauthn', 'mfa'])
})

test('R-125: where passkeys are all there is, one is offered again, to verify its user', async () => {
  const app = await makeApp({ options: { passkeys: { enabled: true, secondFactor: true } } })
  const user = await app.auth.users.create({ email: freshEmail(), emailVerified: true })
  const { accessToken } = await app.auth.sessions.create(user.id, { amr: ['link'] })
  const { signIn, verify } = await withPasskey(app, accessToken, false)
  const waiting = await signIn()
  expect([waiting.status, waiting.factors]).toEqual(['mfa_required', [{ type: 'passkey' }]])
  await (await verify(waiting.mfaToken, false)).answer.expect(401)
  await (await verify(waiting.mfaToken, true)).answer.expect(200)
})
