import { generateSync } from 'otplib'
import { keyIdOf } from '../src/crypto/encryption.ts'
import { bearer, freshEmail, makeApp, ownClient, PASSWORD, SECRET, signUp, type TestApp } from './support/make-app.ts'
import { sentTo } from './support/secrets.ts'

const NEXT = 'another-test-only-secret-another-0002'
const codeAt = ({ clock }: TestApp, secret: string) => generateSync({ secret, epoch: Math.floor(clock.now().getTime() / 1000), digits: 6, period: 30 })

test('F-07: a new secret in front of the old: nobody is signed out, everything stored goes on and moves over when it is used', async () => {
  const before = await makeApp({ prisma: await ownClient() })
  const email = freshEmail()
  const { accessToken, refreshToken, user } = await signUp(before, { email })
  await before.auth.users.update(user.id, { emailVerified: true })
  const { body: factor } = await before.call('post', '/auth/mfa/totp', {}, bearer(accessToken)).expect(200)
  const confirmed = await before.call('post', `/auth/mfa/totp/${factor.id}/confirm`, { code: codeAt(before, factor.secret) }, bearer(accessToken)).expect(200)
  const recoveryCode = confirmed.body.recoveryCodes[0] as string
  await before.call('post', '/auth/forgot-password', { email }).expect(202)
  const { token: reset } = await sentTo(before, email, 'reset_password')
  const { body: trusting } = await before.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  before.clock.advance(60)
  const trusted = { mfaToken: trusting.mfaToken, code: codeAt(before, factor.secret), trustDevice: true }
  const { body: onDevice } = await before.call('post', '/auth/mfa/verify', trusted).expect(200)
  const oldKeyId = keyIdOf((await before.prisma.authMfaFactor.findUnique({ where: { id: factor.id } }))!.secret!)

  const after = await makeApp({ prisma: await ownClient(), clock: before.clock, options: { secret: [NEXT, SECRET] } })
  await after.call('get', '/private', undefined, bearer(accessToken)).expect(200)
  const { body: refreshed } = await after.call('post', '/auth/refresh', { refreshToken: onDevice.refreshToken }).expect(200)
  await after.call('get', '/private', undefined, bearer(refreshed.accessToken)).expect(200)
  const device = { 'x-trusted-device': onDevice.trustedDeviceToken as string }
  expect((await after.call('post', '/auth/login', { email, password: PASSWORD }, device).expect(200)).body.status).toBe('signed_in')
  const waiting = async () => (await after.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)).body.mfaToken as string
  after.clock.advance(60)
  await after.call('post', '/auth/mfa/verify', { mfaToken: await waiting(), code: codeAt(after, factor.secret) }).expect(200)
  await after.call('post', '/auth/mfa/verify', { mfaToken: await waiting(), recoveryCode }).expect(200)
  await after.call('post', '/auth/reset-password', { token: reset, newPassword: 'a wholly different password' }).expect(204)

  const moved = (await after.prisma.authMfaFactor.findUnique({ where: { id: factor.id } }))!.secret!
  expect(keyIdOf(moved)).not.toBe(oldKeyId)
  for (const { privateKey } of await after.prisma.authSigningKey.findMany()) expect(keyIdOf(privateKey)).toBe(keyIdOf(moved))
  expect((await after.call('get', '/auth/.well-known/jwks.json').expect(200)).body.keys).toHaveLength(1)

  // The old secret is dropped: what has moved over goes on.
  const last = await makeApp({ prisma: await ownClient(), clock: before.clock, options: { secret: NEXT } })
  await last.call('get', '/private', undefined, bearer(refreshed.accessToken)).expect(401) // its session ended with the reset
  const { body } = await last.call('post', '/auth/login', { email, password: 'a wholly different password' }).expect(200)
  last.clock.advance(60)
  const { body: signedIn } = await last.call('post', '/auth/mfa/verify', { mfaToken: body.mfaToken, code: codeAt(last, factor.secret) }).expect(200)
  await last.call('get', '/private', undefined, bearer(signedIn.accessToken)).expect(200)
  await last.call('post', '/auth/refresh', { refreshToken }).expect(401)
})
