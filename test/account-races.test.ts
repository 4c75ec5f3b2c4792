import { generateSync } from 'otplib'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from './support/make-app.ts'
import { sentTo } from './support/secrets.ts'

const ROUNDS = 10
const codeOf = ({ clock }: TestApp, secret: string) => generateSync({ secret, epoch: Math.floor(clock.now().getTime() / 1000), digits: 6, period: 30 })
const inRounds = async (work: () => Promise<void>) => {
  for (let i = 0; i < ROUNDS; i++) await work()
}

test('R-134: what a squatter attaches while the owner proves the address goes with the rest', async () => {
  const t = await makeApp({ options: { apiKeys: { enabled: true }, magicLink: { enabled: true } } })
  await inRounds(async () => {
    const email = freshEmail()
    const { user, accessToken } = await signUp(t, { email })
    await t.call('post', '/auth/magic-link/request', { email }).expect(202)
    const { token } = await sentTo(t, email, 'magic_link')
    const squat = (path: string, body: object) => t.call('post', `/auth${path}`, body, bearer(accessToken)).then(({ status }) => status)
    const [owner, ...squatted] = await Promise.all([
      t.call('post', '/auth/magic-link/consume', { token }).then(({ status }) => status),
      ...[1, 2, 3].map((i) => squat('/api-keys', { name: `left ${i}` })),
      squat('/change-email', { newEmail: freshEmail() }),
    ])
    expect(owner).toBe(200)
    for (const status of squatted) expect([201, 202, 401]).toContain(status)
    expect(await t.prisma.authAccessKey.count({ where: { userId: user.id } })).toBe(0)
    expect(await t.prisma.authOtp.count({ where: { userId: user.id, purpose: 'change_email', consumedAt: null } })).toBe(0)
  })
})

test('a factor is confirmed while another is removed: second factors are on as long as there is one, with recovery codes', async () => {
  const t = await makeApp()
  await inRounds(async () => {
    const { user, accessToken } = await signUp(t)
    const begin = async () => (await t.call('post', '/auth/mfa/totp', {}, bearer(accessToken)).expect(200)).body as { id: string; secret: string }
    const confirm = ({ id, secret }: { id: string; secret: string }) =>
      t.call('post', `/auth/mfa/totp/${id}/confirm`, { code: codeOf(t, secret) }, bearer(accessToken))
    const first = await begin()
    await confirm(first).expect(200)
    const second = await begin()
    await Promise.all([t.call('delete', `/auth/mfa/factors/${first.id}`, undefined, bearer(accessToken)), confirm(second)])
    const confirmed = await t.prisma.authMfaFactor.count({ where: { userId: user.id, confirmedAt: { not: null } } })
    const { mfaEnabled } = await t.prisma.authUser.findUniqueOrThrow({ where: { id: user.id } })
    const codes = await t.prisma.authRecoveryCode.count({ where: { userId: user.id } })
    expect([mfaEnabled, codes > 0]).toEqual([confirmed > 0, confirmed > 0])
  })
})

describe('R-056, R-072, R-102: a session that is switched to another tenant while the sessions of its user end', () => {
  const ways: [string, (t: TestApp, userId: string, accessToken: string) => Promise<unknown>][] = [
    ['by suspension', (t, userId) => t.auth.users.suspend(userId)],
    ['by sign-out everywhere', (t, _userId, accessToken) => t.call('post', '/auth/logout-all', undefined, bearer(accessToken)).then(() => {})],
    ['by another password', (t, userId) => t.auth.users.setPassword(userId, 'a wholly different password')],
  ]

  test.each(ways)('ends too, %s', async (_name, end) => {
    let ending: Promise<unknown> | undefined
    let begin: (() => Promise<unknown>) | undefined
    const t = await makeApp({
      options: {
        tenants: { mode: 'shared' },
        hooks: {
          'user.sessionData': async () => {
            ending = begin?.()
            begin = undefined
            if (ending) await new Promise((resolve) => setTimeout(resolve, 150))
            return {}
          },
        },
      },
    })
    const { user } = await signUp(t)
    const tenants = [await t.auth.tenants.create({ name: 'One', ownerId: user.id }), await t.auth.tenants.create({ name: 'Two', ownerId: user.id })]
    const { body } = await t.call('post', '/auth/login', { email: user.email, password: PASSWORD, tenant: tenants[0]!.id }).expect(200)
    begin = () => end(t, user.id, body.accessToken)
    const switched = await t.call('post', '/auth/tenants/switch', { tenant: tenants[1]!.id }, bearer(body.accessToken))
    await ending
    expect(await t.prisma.authSession.count({ where: { userId: user.id, revokedAt: null } })).toBe(0)
    if (switched.status !== 200) return
    await t.call('post', '/auth/refresh', { refreshToken: switched.body.refreshToken }).expect(401)
  })
})

test('R-172: who may manage members takes nothing from one who is made an owner at that moment', async () => {
  const t = await makeApp({ options: { tenants: { mode: 'shared' } } })
  const manager = `manager-${process.pid}`
  await t.auth.permissions.define([{ name: 'member:write' }, { name: 'member:read' }])
  await t.auth.roles.create({ name: manager, permissions: ['member:write', 'member:read'] })
  const owner = await signUp(t)
  const { id: tenantId } = await t.auth.tenants.create({ name: 'Acme', ownerId: owner.user.id })
  const lesser = await t.auth.users.create({ email: freshEmail() })
  await t.auth.memberships.add({ userId: lesser.id, tenantId, roles: [manager] })
  const [asOwner, asManager] = [await t.auth.sessions.create(owner.user.id, { tenantId }), await t.auth.sessions.create(lesser.id, { tenantId })]
  await inRounds(async () => {
    const { id } = await t.auth.users.create({ email: freshEmail() })
    await t.auth.memberships.add({ userId: id, tenantId })
    const change = (roles: string[], { accessToken }: { accessToken: string }) =>
      t.call('patch', `/auth/tenants/${tenantId}/members/${id}`, { roles }, bearer(accessToken)).then(({ status }) => status)
    const [raised, lowered] = await Promise.all([change(['owner'], asOwner), change([], asManager)])
    expect(raised).toBe(200)
    expect([200, 403]).toContain(lowered)
    expect(await t.auth.roles.of(id, { tenantId })).toEqual(['owner'])
  })
})

test('a code that signs in and a suspension at the same moment wait for one another, and not for a deadlock to be found', async () => {
  const t = await makeApp({ options: { passwordless: { email: true } } })
  const took: number[] = []
  await inRounds(async () => {
    const user = await t.auth.users.create({ email: freshEmail(), emailVerified: true })
    await t.call('post', '/auth/passwordless/send', { email: user.email }).expect(202)
    const { code } = await sentTo(t, user.email!, 'login_code')
    const began = performance.now()
    await Promise.all([t.call('post', '/auth/passwordless/verify', { email: user.email, code }), t.auth.users.suspend(user.id)])
    took.push(performance.now() - began)
    expect(await t.prisma.authSession.count({ where: { userId: user.id, revokedAt: null } })).toBe(0)
  })
  expect(took.filter((ms) => ms > 900).length).toBeLessThan(2) // PostgreSQL looks for one after a second
})
