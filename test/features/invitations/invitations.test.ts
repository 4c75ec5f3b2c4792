import { AuthError } from '../../../src/index.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { sentTo } from '../../support/secrets.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({
    options: { tenants: { mode: 'shared', selfService: true }, identifiers: { email: true, phone: true, username: true } },
    routes: (app, auth) =>
      void app.get('/in-tenant', auth.requireTenant(), (req, res) => void res.json({ tenantId: req.auth!.tenantId, roles: req.auth!.roles })),
  })
})

let count = 0
const slug = () => `inv-${process.pid}-${++count}`
async function owner(app = t) {
  const email = freshEmail()
  const { user } = await signUp(app, { email })
  const tenant = await app.auth.tenants.create({ name: 'Acme <b>', slug: slug(), ownerId: user.id })
  const { body } = await app.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  return { email, userId: user.id, tenant, headers: bearer(body.accessToken as string) }
}
const invite = (tenantId: string, body: object, headers: Record<string, string>) => t.call('post', `/auth/tenants/${tenantId}/invitations`, body, headers)
const tokenFor = async (email: string) => (await sentTo(t, email, 'invitation')).token!
const accept = (body: object, headers: Record<string, string> = {}) => t.call('post', '/auth/invitations/accept', body, headers)
/** Someone whose address is proved. */
async function verified(email: string) {
  const { user, accessToken } = await signUp(t, { email })
  await t.auth.users.update(user.id, { emailVerified: true })
  return { userId: user.id, headers: bearer(accessToken) }
}

test('a new account by invitation: address proved, roles as promised, signed in to the tenant; the link carries the token and the inviter never sees it', async () => {
  const me = await owner()
  const role = await t.auth.roles.create({ name: slug(), tenantId: me.tenant.id, permissions: ['member:read'] })
  const email = freshEmail()
  const { body: made } = await invite(me.tenant.id, { email: ` ${email.toUpperCase()} `, roles: [role.name] }, me.headers).expect(201)
  expect(made).toMatchObject({ email, phone: null, roles: [role.name], status: 'pending', invitedById: me.userId, tenantId: me.tenant.id })
  expect(JSON.stringify(made)).not.toContain('lki_')
  const message = (await sentTo(t, email, 'invitation')) as { url?: string; token?: string }
  expect(message.url).toBe(`https://api.example.com/auth/invitations/accept?token=${message.token}`)
  const mail = t.mailbox.last(email, 'invitation')!
  expect(mail.subject).not.toContain('Acme')
  expect(mail.html).toContain('Acme &lt;b&gt;')
  const { body: preview } = await t.call('get', `/auth/invitations/${message.token}`).expect(200)
  expect(preview).toMatchObject({ email, roles: [role.name], hasAccount: false, tenant: { id: me.tenant.id, name: 'Acme <b>' } })
  expect((await accept({ token: message.token, password: 'short' }).expect(422)).body.code).toBe('PASSWORD_TOO_WEAK')
  expect((await accept({ token: message.token, password: 'passwordpassword' }).expect(422)).body.code).toBe('PASSWORD_TOO_WEAK')
  for (const password of [`${email.split('@')[0]}!`, 'ACMEb-2026', `${me.tenant.slug}`]) {
    const { body } = await accept({ token: message.token, password }).expect(422)
    expect(body.reasons).toMatchObject([{ code: 'contains_identifier' }])
  }
  const { body } = await accept({ token: message.token, password: PASSWORD, nickname: 'x' }).expect(201)
  expect(body).toMatchObject({ status: 'signed_in', user: { email, emailVerified: true }, session: { tenantId: me.tenant.id } })
  expect((await t.call('get', '/in-tenant', undefined, bearer(body.accessToken)).expect(200)).body.roles).toEqual([role.name])
  expect((await accept({ token: message.token, password: PASSWORD }).expect(410)).body.code).toBe('INVITATION_INVALID')
  const { data } = (await t.call('get', `/auth/tenants/${me.tenant.id}/invitations`, undefined, me.headers).expect(200)).body
  expect(data).toEqual([expect.objectContaining({ id: made.id, status: 'accepted', acceptedAt: expect.any(String) })])
  const row = await t.prisma.authInvitation.findUnique({ where: { id: made.id } })
  expect(JSON.stringify(row)).not.toContain(message.token)
  const events = (await t.auth.audit.query({ tenantId: me.tenant.id })).data.map(({ event }) => event)
  expect(events).toEqual(expect.arrayContaining(['invitation.created', 'invitation.accepted', 'membership.added']))
})

test('R-173: an account joins only with the invited address, and that one proved; its password is never touched', async () => {
  const me = await owner()
  const email = freshEmail()
  await invite(me.tenant.id, { email }, me.headers).expect(201)
  const token = await tokenFor(email)
  expect((await accept({ token }).expect(401)).body.code).toBe('UNAUTHENTICATED')
  const other = await verified(freshEmail())
  expect((await accept({ token }, other.headers).expect(403)).body.code).toBe('INVITATION_WRONG_ADDRESS')
  const squatter = await signUp(t, { email, password: 'the squatter chose this one' })
  expect((await accept({ token }, bearer(squatter.accessToken)).expect(403)).body.code).toBe('EMAIL_NOT_VERIFIED')
  expect((await accept({ token, password: PASSWORD }).expect(409)).body.code).toBe('EMAIL_TAKEN')
  await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(401)
  expect((await t.call('get', `/auth/invitations/${token}`).expect(200)).body.hasAccount).toBe(true)
  await t.auth.users.update(squatter.user.id, { emailVerified: true })
  const { body } = await accept({ token }, bearer(squatter.accessToken)).expect(200)
  expect(body.membership).toMatchObject({ tenantId: me.tenant.id, userId: squatter.user.id, status: 'active', invitedById: me.userId })
  await t.call('post', '/auth/login', { email, password: 'the squatter chose this one' }).expect(200)
  expect((await invite(me.tenant.id, { email }, me.headers).expect(409)).body.code).toBe('MEMBER_TAKEN')
})

test('R-172, R-173: roles are the inviter’s to give, then and at acceptance', async () => {
  const me = await owner()
  const boss = await t.auth.roles.create({ name: slug(), tenantId: me.tenant.id, permissions: ['invoice:write'] })
  const recruiter = await t.auth.roles.create({ name: slug(), tenantId: me.tenant.id, permissions: ['member:invite'] })
  const them = await verified(freshEmail())
  await t.auth.memberships.add({ userId: them.userId, tenantId: me.tenant.id, roles: [recruiter.name] })
  const { body: switched } = await t.call('post', '/auth/tenants/switch', { tenant: me.tenant.id }, them.headers).expect(200)
  const theirs = bearer(switched.accessToken)
  for (const roles of [['owner'], [boss.name]]) {
    expect((await invite(me.tenant.id, { email: freshEmail(), roles }, theirs).expect(403)).body.code).toBe('PRIVILEGE_EXCEEDED')
  }
  await invite(me.tenant.id, { email: freshEmail(), roles: ['no such role'] }, me.headers).expect(404)
  const email = freshEmail()
  await invite(me.tenant.id, { email, roles: [recruiter.name] }, theirs).expect(201)
  const token = await tokenFor(email)
  await t.auth.memberships.update({ userId: them.userId, tenantId: me.tenant.id, roles: [] })
  expect((await accept({ token, password: PASSWORD }).expect(410)).body.code).toBe('INVITATION_INVALID')
  expect(await t.auth.users.findByEmail(email)).toBeNull()
  await t.auth.memberships.update({ userId: them.userId, tenantId: me.tenant.id, roles: [recruiter.name] })
  await t.auth.users.suspend(them.userId)
  await accept({ token, password: PASSWORD }).expect(410)
  await t.auth.users.reactivate(them.userId)
  await accept({ token, password: PASSWORD }).expect(201)
  // A member without the permission invites nobody.
  const plain = await verified(freshEmail())
  await t.auth.memberships.add({ userId: plain.userId, tenantId: me.tenant.id, roles: [] })
  await invite(me.tenant.id, { email: freshEmail() }, plain.headers).expect(403)
})

test('what the app’s resolver refuses with is no word about the invitation', async () => {
  let isDown = false
  const resolvePermissions = ({ roles }: { roles: readonly string[] }) => {
    if (isDown && roles.includes('reader')) throw new AuthError('UNAVAILABLE')
    return roles.includes('owner') ? ['*'] : []
  }
  const own = await makeApp({ options: { tenants: { mode: 'shared' }, rbac: { resolvePermissions } } })
  const me = await owner(own)
  await own.auth.roles.create({ name: 'reader', tenantId: me.tenant.id })
  const email = freshEmail()
  const { user, accessToken } = await signUp(own, { email })
  await own.auth.users.update(user.id, { emailVerified: true })
  await own.call('post', `/auth/tenants/${me.tenant.id}/invitations`, { email, roles: ['reader'] }, me.headers).expect(201)
  const { token } = await sentTo(own, email, 'invitation')
  isDown = true
  expect((await own.call('post', '/auth/invitations/accept', { token }, bearer(accessToken)).expect(503)).body.code).toBe('UNAVAILABLE')
  isDown = false
  await own.call('post', '/auth/invitations/accept', { token }, bearer(accessToken)).expect(200)
})

test('one pending for an address: inviting again and resending end the link before; revoked, declined, expired and deleted ones are refused', async () => {
  const me = await owner()
  const email = freshEmail()
  const { body: first } = await invite(me.tenant.id, { email }, me.headers).expect(201)
  const firstToken = await tokenFor(email)
  const { body: second } = await invite(me.tenant.id, { email }, me.headers).expect(201)
  const secondToken = await tokenFor(email)
  expect(secondToken).not.toBe(firstToken)
  await t.call('get', `/auth/invitations/${firstToken}`).expect(410)
  const path = (id: string) => `/auth/tenants/${me.tenant.id}/invitations/${id}`
  expect((await t.call('post', `${path(first.id)}/resend`, undefined, me.headers).expect(410)).body.code).toBe('INVITATION_INVALID')
  t.clock.advance(8 * 86_400)
  const headers = bearer((await t.call('post', '/auth/login', { email: me.email, password: PASSWORD }).expect(200)).body.accessToken)
  await accept({ token: secondToken, password: PASSWORD }).expect(410)
  expect((await t.call('get', `/auth/tenants/${me.tenant.id}/invitations`, undefined, headers).expect(200)).body.data[0].status).toBe('expired')
  await t.call('post', `${path(second.id)}/resend`, undefined, headers).expect(200)
  const third = await tokenFor(email)
  await t.call('get', `/auth/invitations/${secondToken}`).expect(410)
  await t.call('post', '/auth/invitations/decline', { token: third }).expect(204)
  await t.call('post', '/auth/invitations/decline', { token: third }).expect(410)
  await accept({ token: third, password: PASSWORD }).expect(410)
  const { body: fourth } = await invite(me.tenant.id, { email }, headers).expect(201)
  const fourthToken = await tokenFor(email)
  await t.call('delete', path(fourth.id), undefined, headers).expect(204)
  await t.call('delete', path(fourth.id), undefined, headers).expect(410)
  await accept({ token: fourthToken, password: PASSWORD }).expect(410)
  await invite(me.tenant.id, { email }, headers).expect(201)
  const fifth = await tokenFor(email)
  await t.auth.tenants.suspend(me.tenant.id)
  expect((await accept({ token: fifth, password: PASSWORD }).expect(403)).body.code).toBe('TENANT_SUSPENDED')
  await t.auth.tenants.delete(me.tenant.id)
  await accept({ token: fifth, password: PASSWORD }).expect(410)
  await accept({ token: 'lki_nothing', password: PASSWORD }).expect(410)
  expect(await t.auth.users.findByEmail(email)).toBeNull()
  const seen = new Set(t.events.map(({ name }) => name))
  for (const name of ['invitation.created', 'invitation.resent', 'invitation.declined', 'invitation.revoked', 'invitation.accepted'] as const) {
    expect(seen).toContain(name)
  }
})

test('R-173: of 20 who accept one invitation at once, one does; of 20 who invite one address, one is pending', async () => {
  const me = await owner()
  const email = freshEmail()
  const answers = await Promise.all(Array.from({ length: 20 }, () => invite(me.tenant.id, { email }, me.headers)))
  expect(answers.every(({ status }) => status === 201)).toBe(true)
  const { data } = await t.auth.invitations.list({ tenantId: me.tenant.id, status: 'pending' })
  expect(data).toHaveLength(1)
  const { token } = await t.auth.invitations.resend({ tenantId: me.tenant.id, id: data[0]!.id })
  const accepted = await Promise.all(Array.from({ length: 20 }, () => accept({ token, password: PASSWORD })))
  expect(accepted.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(accepted.every(({ status }) => [201, 409, 410].includes(status))).toBe(true)
  expect((await t.auth.memberships.list(me.tenant.id)).data).toHaveLength(2)
})

test('sign-up with an invitation; by phone; where sign-up is closed or for the invited only (regression 7)', async () => {
  const closed = await makeApp({ options: { tenants: { mode: 'shared' }, signup: { invitationOnly: true }, identifiers: { email: true, phone: true } } })
  const tenant = await closed.auth.tenants.create({ name: 'Closed', slug: slug() })
  const email = freshEmail()
  const { token } = await closed.auth.invitations.create({ tenantId: tenant.id, email })
  const signup = (body: object) => closed.call('post', '/auth/signup', { password: PASSWORD, ...body })
  expect((await signup({ email }).expect(403)).body.code).toBe('INVITATION_REQUIRED')
  expect((await signup({ email: freshEmail(), invitation: token }).expect(403)).body.code).toBe('INVITATION_WRONG_ADDRESS')
  expect((await signup({ email, invitation: 'lki_wrong' }).expect(410)).body.code).toBe('INVITATION_INVALID')
  const { body } = await signup({ email, invitation: token }).expect(201)
  expect(body).toMatchObject({ user: { emailVerified: true }, session: { tenantId: tenant.id } })
  const phone = '+4915112345699'
  const byPhone = await closed.auth.invitations.create({ tenantId: tenant.id, phone })
  const { body: joined } = await closed.call('post', '/auth/invitations/accept', { token: byPhone.token, password: PASSWORD }).expect(201)
  expect(joined.user).toMatchObject({ phone, phoneVerified: true, email: null })
  const shut = await makeApp({ options: { tenants: { mode: 'shared' }, signup: { enabled: false } } })
  const guest = freshEmail()
  const last = await shut.auth.invitations.create({ tenantId: tenant.id, email: guest })
  await shut.call('post', '/auth/signup', { email: guest, password: PASSWORD, invitation: last.token }).expect(404)
  await shut.call('post', '/auth/invitations/accept', { token: last.token, password: PASSWORD }).expect(201)
  const off = await makeApp()
  await off.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, invitation: token }).expect(404)
  await off.call('post', '/auth/invitations/accept', { token, password: PASSWORD }).expect(404)
})

test('what cannot be: no address, two, an unknown tenant, an address of no use here, another tenant’s invitation', async () => {
  const me = await owner()
  const theirs = await owner()
  for (const body of [
    {},
    { email: freshEmail(), phone: '+4915112345698' },
    { email: 'nonsense' },
    { email: freshEmail(), roles: 'owner' },
    { email: freshEmail(), status: 'accepted' },
  ])
    await invite(me.tenant.id, body, me.headers).expect(422)
  await expect(t.auth.invitations.create({ tenantId: 'nowhere', email: freshEmail() })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const foreign = await t.auth.invitations.create({ tenantId: theirs.tenant.id, email: freshEmail() })
  await t.call('delete', `/auth/tenants/${me.tenant.id}/invitations/${foreign.id}`, undefined, me.headers).expect(404)
  await t.call('post', `/auth/tenants/${me.tenant.id}/invitations/${foreign.id}/resend`, undefined, me.headers).expect(404)
  await t.auth.invitations.revoke((await t.auth.invitations.resend(foreign.id)).id)
  await expect(t.auth.invitations.revoke('nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(t.auth.invitations.revoke({ id: foreign.id, tenantId: me.tenant.id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const again = await t.auth.invitations.create({ tenantId: theirs.tenant.id, email: freshEmail() })
  await expect(t.auth.invitations.accept({ userId: me.userId, token: again.token })).rejects.toMatchObject({ code: 'INVITATION_WRONG_ADDRESS' })
})

test('R-173: an invitation sent again stands on the rights of who sent it again', async () => {
  const me = await owner()
  const email = freshEmail()
  const recruiter = await t.auth.roles.create({ name: slug(), tenantId: me.tenant.id, permissions: ['member:invite'] })
  const them = await verified(freshEmail())
  await t.auth.memberships.add({ userId: them.userId, tenantId: me.tenant.id, roles: [recruiter.name] })
  const { body: made } = await invite(me.tenant.id, { email }, them.headers).expect(201)
  await t.auth.memberships.remove({ userId: them.userId, tenantId: me.tenant.id })
  await accept({ token: await tokenFor(email), password: PASSWORD }).expect(410)
  const { body } = await t.call('post', `/auth/tenants/${me.tenant.id}/invitations/${made.id}/resend`, undefined, me.headers).expect(200)
  expect(body.invitedById).toBe(me.userId)
  await accept({ token: await tokenFor(email), password: PASSWORD }).expect(201)
})
