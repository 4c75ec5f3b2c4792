import { generateSync } from 'otplib'
import { bearer, freshEmail, makeApp, PASSWORD, signUp } from '../../support/make-app.ts'
import { sentTo } from '../../support/secrets.ts'

test('R-200: what R-200 names leaves a row with time, actor, target, tenant, address, browser, request, outcome and reason', async () => {
  const t = await makeApp({
    options: {
      tenants: { mode: 'shared', selfService: true },
      apiKeys: { enabled: true },
      limits: { enabled: true, 'GET /config': { max: 1, per: '1m' }, messagesPerRecipient: { max: 50, per: '1h' } },
      sessions: { refreshGrace: 0 },
    },
  })
  const from = { 'user-agent': 'Audit/1', 'x-request-id': 'request-42' }
  const email = freshEmail()
  const { body: up } = await t.call('post', '/auth/signup', { email, password: PASSWORD }, from).expect(201)
  const userId = up.user.id as string
  const mine = { ...bearer(up.accessToken), ...from }
  await t.call('post', '/auth/login', { email, password: 'wrong wrong wrong' }, from).expect(401)
  const { body: second } = await t.call('post', '/auth/login', { email, password: PASSWORD }, from).expect(200)
  const { body: made } = await t.call('post', '/auth/api-keys', { name: 'robot' }, mine).expect(201)
  await t.call('delete', `/auth/api-keys/${made.id}`, undefined, mine).expect(204)
  const { body: tenant } = await t.call('post', '/auth/tenants', { name: 'Audited' }, mine).expect(201)
  await t.auth.roles.create({ name: `audited-${process.pid}` })
  await t.auth.roles.assign(userId, `audited-${process.pid}`)
  await t.auth.roles.remove(userId, `audited-${process.pid}`)
  const other = freshEmail()
  await t.call('post', '/auth/change-email', { newEmail: other }, mine).expect(202)
  await t.call('post', '/auth/change-email/confirm', { token: (await sentTo(t, other, 'change_email')).token }, from).expect(204)
  const { body: factor } = await t.call('post', '/auth/mfa/totp', {}, mine).expect(200)
  const code = () => generateSync({ secret: factor.secret, epoch: Math.floor(t.clock.now().getTime() / 1000), digits: 6, period: 30 })
  await t.call('post', `/auth/mfa/totp/${factor.id}/confirm`, { code: code() }, mine).expect(200)
  const { body: waiting } = await t.call('post', '/auth/login', { email: other, password: PASSWORD }, from).expect(200)
  await t.call('post', '/auth/mfa/verify', { mfaToken: waiting.mfaToken, code: '000000' }, from).expect(401)
  await t.call('post', '/auth/change-password', { currentPassword: PASSWORD, newPassword: 'a wholly different password' }, mine).expect(204)
  await t.call('post', '/auth/forgot-password', { email: other }, from).expect(202)
  await t
    .call('post', '/auth/reset-password', { token: (await sentTo(t, other, 'reset_password')).token, newPassword: 'and another one again' }, from)
    .expect(204)
  const victim = await signUp(t)
  const { body: next } = await t.call('post', '/auth/refresh', { refreshToken: victim.refreshToken }).expect(200)
  t.clock.advance(60)
  await t.call('post', '/auth/refresh', { refreshToken: victim.refreshToken }).expect(401)
  await t.call('post', '/auth/refresh', { refreshToken: next.refreshToken }).expect(401)
  for (const status of [200, 429]) await t.call('get', '/auth/config').expect(status)
  await t.auth.keys.rotate()
  await t.auth.users.suspend(userId, { reason: 'a test' })
  await t.auth.users.reactivate(userId)
  await t.auth.users.delete(userId)
  void second

  const { data } = await t.auth.audit.query({ limit: 200 })
  const events = new Set(data.map(({ event }) => event))
  for (const event of [
    'user.registered',
    'login.succeeded',
    'login.failed',
    'api_key.created',
    'api_key.revoked',
    'tenant.created',
    'membership.added',
    'role.created',
    'role.assigned',
    'role.removed',
    'email.change_requested',
    'email.changed',
    'mfa.factor_added',
    'mfa.failed',
    'password.changed',
    'password.reset_requested',
    'password.reset',
    'session.revoked',
    'session.reuse_detected',
    'limit.exceeded',
    'key.rotated',
    'user.suspended',
    'user.reactivated',
    'user.deleted',
  ])
    expect([event, events.has(event)]).toEqual([event, true])
  const row = (event: string) => data.find((one) => one.event === event && (one.userId === userId || one.userId === null))!
  const here = { ip: expect.stringMatching(/127\.0\.0\.1|::1/), userAgent: 'Audit/1', requestId: expect.any(String) }
  expect(row('login.failed')).toMatchObject({ outcome: 'failure', userId, data: { reason: 'wrong_password' }, at: expect.any(Date), ...here })
  expect(row('api_key.created')).toMatchObject({ outcome: 'success', actorId: userId, userId, sessionId: up.session.id, ...here })
  expect(data.find(({ event }) => event === 'tenant.created')).toMatchObject({ tenantId: tenant.id, actorId: userId })
  expect(data.find(({ event }) => event === 'session.reuse_detected')).toMatchObject({ outcome: 'denied', userId: victim.user.id })
  expect(data.find(({ event }) => event === 'limit.exceeded')).toMatchObject({ outcome: 'denied', data: { route: 'GET /config', by: 'ip' } })
  // Rows of someone who is gone stay, under the id alone.
  expect(JSON.stringify(data)).not.toContain(email)
})

test('R-200: routes that someone signed in shares with others name them, too', async () => {
  const t = await makeApp({
    options: { tenants: { mode: 'shared' }, emailVerification: { strategy: 'both' }, identifiers: { email: true, username: true } },
  })
  const { user, session, accessToken } = await signUp(t, { username: `acting.${process.pid}` })
  const mine = bearer(accessToken)
  await t.call('post', '/auth/verify-email/send', {}, mine).expect(202)
  await t.call('post', '/auth/verify-email', { token: (await sentTo(t, user.email, 'verify_email')).token }, mine).expect(204)
  const next = freshEmail()
  await t.call('post', '/auth/change-email', { newEmail: next }, mine).expect(202)
  await t.call('post', '/auth/change-email/confirm', { code: (await sentTo(t, next, 'change_email')).code }, mine).expect(204)
  await t.call('post', '/auth/change-password', { currentPassword: 'wrong wrong wrong', newPassword: 'a wholly different password' }, mine).expect(401)
  await t.call('post', '/auth/change-password', { currentPassword: PASSWORD, newPassword: 'a wholly different password' }, mine).expect(204)
  const owner = await t.auth.users.create({ email: freshEmail() })
  const tenant = await t.auth.tenants.create({ name: 'Inviting', slug: `inviting-${process.pid}`, ownerId: owner.id })
  await t.auth.invitations.create({ tenantId: tenant.id, email: next, roles: [], invitedById: owner.id })
  await t.call('post', '/auth/invitations/accept', { token: (await sentTo(t, next, 'invitation')).token }, mine).expect(200)

  const rows = await t.prisma.authAuditLog.findMany({ where: { requestId: { not: null } }, orderBy: { id: 'desc' } })
  for (const event of [
    'email.verification_requested',
    'email.verified',
    'email.changed',
    'login.failed',
    'password.changed',
    'invitation.accepted',
    'membership.added',
  ]) {
    const row = rows.find((one) => one.event === event && one.userId === user.id)
    expect([event, row]).toEqual([event, expect.objectContaining({ actorType: 'user', actorId: user.id, sessionId: session.id })])
  }
})
