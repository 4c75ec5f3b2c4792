import { randomBytes } from 'node:crypto'
import { generateSync } from 'otplib'
import { contextOf } from '../src/auth-contexts.ts'
import { decrypt, encrypt, keyIdOf } from '../src/crypto/encryption.ts'
import { hmacHex } from '../src/crypto/hashing.ts'
import { deriveSubkeys } from '../src/crypto/subkeys.ts'
import { warnOfLost } from '../src/features/cleanup/lost-secrets.ts'
import { bearer, freshEmail, makeApp, ownClient, ownDatabase, PASSWORD, SECRET, signUp, type TestApp } from './support/make-app.ts'
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

/** Someone with an authenticator app, recovery codes and a provider's tokens, all sealed by the secret of `t`. */
async function withSealedRows(t: TestApp) {
  const email = freshEmail()
  const { accessToken, user } = await signUp(t, { email })
  const { body: factor } = await t.call('post', '/auth/mfa/totp', {}, bearer(accessToken)).expect(200)
  const { body } = await t.call('post', `/auth/mfa/totp/${factor.id}/confirm`, { code: codeAt(t, factor.secret) }, bearer(accessToken)).expect(200)
  const row = (await t.prisma.authMfaFactor.findUnique({ where: { id: factor.id } }))!
  const subkeys = deriveSubkeys([SECRET])
  const tokens = encrypt(subkeys, JSON.stringify({ accessToken: 'of the provider' }), `identity:${user.id}`, randomBytes)
  const identity = { id: user.id, userId: user.id, provider: 'github', providerUserId: user.id, tokens, createdAt: t.clock.now() }
  await t.prisma.authIdentity.create({ data: identity })
  return { email, factorId: factor.id as string, secret: factor.secret as string, sealed: row.secret!, recoveryCodes: body.recoveryCodes as string[], user }
}

test('F-07: cleanup puts factors and providers’ tokens under the first secret; recovery codes need none', async () => {
  const own = await ownDatabase()
  const before = await makeApp({ prisma: await ownClient(own) })
  const them = await withSealedRows(before)
  const unused = await withSealedRows(before)
  const during = await makeApp({ prisma: await ownClient(own), clock: before.clock, options: { secret: [NEXT, SECRET] } })
  // One that no secret opens stands in nobody's way.
  await during.prisma.authMfaFactor.update({ where: { id: unused.factorId }, data: { secret: them.sealed.replace(/^v1\.[^.]+/, 'v1.lostlost') } })
  await during.auth.cleanup.run()
  const current = deriveSubkeys([NEXT])
  const { secret } = (await during.prisma.authMfaFactor.findUnique({ where: { id: them.factorId } }))!
  expect(keyIdOf(secret!)).toBe(current.current.id)
  const { tokens } = (await during.prisma.authIdentity.findUnique({ where: { id: them.user.id } }))!
  expect(decrypt(current, tokens!, `identity:${them.user.id}`)).toBe('{"accessToken":"of the provider"}')

  const after = await makeApp({ prisma: await ownClient(own), clock: before.clock, options: { secret: NEXT } })
  after.clock.advance(60)
  for (const proof of [{ code: codeAt(after, them.secret) }, { recoveryCode: them.recoveryCodes[0]! }]) {
    const { body } = await after.call('post', '/auth/login', { email: them.email, password: PASSWORD }).expect(200)
    await after.call('post', '/auth/mfa/verify', { mfaToken: body.mfaToken, ...proof }).expect(200)
  }
})

test('F-07: recovery codes that were hashed with a secret are taken while it is there', async () => {
  const t = await makeApp({ prisma: await ownClient(await ownDatabase()), options: { secret: [NEXT, SECRET] } })
  const { email, user } = await withSealedRows(t)
  const code = 'abcdef-ghjkmn-pqrstu-vwxyz2'
  const codeHash = hmacHex(deriveSubkeys([SECRET]).current.key('one-time-code'), `recovery:${user.id}:${code.replaceAll('-', '')}`)
  await t.prisma.authRecoveryCode.create({ data: { id: `old-${user.id}`, userId: user.id, codeHash, createdAt: t.clock.now() } })
  const { body } = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  await t.call('post', '/auth/mfa/verify', { mfaToken: body.mfaToken, recoveryCode: code }).expect(200)
})

test('F-07: a secret that was dropped too soon is warned of, with what is lost', async () => {
  const own = await ownDatabase()
  await withSealedRows(await makeApp({ prisma: await ownClient(own) }))
  const late = await makeApp({ prisma: await ownClient(own), options: { secret: NEXT } })
  await warnOfLost(contextOf(late.auth))
  const warnings = late.logs.filter(({ level }) => level === 'warn')
  expect(warnings).toEqual([expect.objectContaining({ fields: { authenticatorApps: 1, providerTokens: 1 }, message: expect.stringContaining('secret') })])
  const both = await makeApp({ prisma: await ownClient(own), options: { secret: [NEXT, SECRET] } })
  await warnOfLost(contextOf(both.auth))
  expect(both.logs.filter(({ level }) => level === 'warn')).toEqual([])
})
