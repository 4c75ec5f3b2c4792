import { generateSync } from 'otplib'
import { bearer, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: { tenants: { mode: 'shared' } } })
})

/** Someone with a second factor whose sign-in waits for it. */
async function waiting() {
  const { user, accessToken } = await signUp(t)
  const factor = (await t.call('post', '/auth/mfa/totp', {}, bearer(accessToken)).expect(200)).body
  const code = () => generateSync({ secret: factor.secret, epoch: Math.floor(t.clock.now().getTime() / 1000), digits: 6, period: 30 })
  await t.call('post', `/auth/mfa/totp/${factor.id}/confirm`, { code: code() }, bearer(accessToken)).expect(200)
  t.clock.advance(60)
  const { mfaToken } = (await t.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)).body
  return { user, mfaToken: mfaToken as string, code }
}

test.each([
  ['in the body', (mfaToken: string) => t.call('post', '/auth/logout', { mfaToken })],
  ['as bearer', (mfaToken: string) => t.call('post', '/auth/logout', undefined, bearer(mfaToken))],
])('regression 4: an mfaToken %s ends the sign-in that it stands for', async (_where, leave) => {
  const { user, mfaToken, code } = await waiting()
  await leave(mfaToken).expect(204)
  expect((await t.call('post', '/auth/mfa/verify', { mfaToken, code: code() }).expect(401)).body.code).toBe('MFA_TOKEN_INVALID')
  const { data } = await t.auth.audit.query({ userId: user.id, event: 'logout' })
  expect(data).toHaveLength(1)
  await leave(mfaToken).expect(204)
  await leave('lkp_nothing').expect(204)
})

test('a refresh token in the body ends its session, though the access token is gone', async () => {
  const { accessToken, refreshToken } = await signUp(t)
  await t.call('post', '/auth/logout', { refreshToken }).expect(204)
  await t.call('post', '/auth/refresh', { refreshToken }).expect(401)
  expect((await t.call('get', '/private', undefined, bearer(accessToken)).expect(401)).body.code).toBe('SESSION_REVOKED')
})

test('R-110: a sign-in that began before there was a second factor is over once there is one', async () => {
  const { user, accessToken } = await signUp(t)
  for (const slug of ['left', 'right']) await t.auth.tenants.create({ name: slug, slug: `${slug}-${user.id.slice(-12)}`, ownerId: user.id })
  const { tenantToken, tenants } = (await t.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)).body
  const factor = (await t.call('post', '/auth/mfa/totp', {}, bearer(accessToken)).expect(200)).body
  const code = generateSync({ secret: factor.secret, epoch: Math.floor(t.clock.now().getTime() / 1000), digits: 6, period: 30 })
  await t.call('post', `/auth/mfa/totp/${factor.id}/confirm`, { code }, bearer(accessToken)).expect(200)
  await t.call('post', '/auth/tenants/select', { tenantToken, tenant: tenants[0].id }).expect(401)
})

test('R-110: nor does a password that was being looked at meanwhile sign in without it', async () => {
  let enable: (() => Promise<unknown>) | undefined
  const own = await makeApp({
    options: {
      password: {
        verifyLegacy: [
          {
            id: 'slow',
            matches: (hash: string) => hash.startsWith('slow:'),
            verify: async () => {
              await enable?.()
              return true
            },
          },
        ],
      },
    },
  })
  const user = await own.auth.users.create({ email: `slow-${Date.now()}@example.com`, passwordHash: 'slow:1' })
  const { accessToken } = await own.auth.sessions.create(user.id)
  const factor = (await own.call('post', '/auth/mfa/totp', {}, bearer(accessToken)).expect(200)).body
  enable = async () => {
    enable = undefined
    const code = generateSync({ secret: factor.secret, epoch: Math.floor(own.clock.now().getTime() / 1000), digits: 6, period: 30 })
    await own.call('post', `/auth/mfa/totp/${factor.id}/confirm`, { code }, bearer(accessToken)).expect(200)
  }
  expect((await own.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(409)).body.code).toBe('CONFLICT')
  expect((await own.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)).body.status).toBe('mfa_required')
})
