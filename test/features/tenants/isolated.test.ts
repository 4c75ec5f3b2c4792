import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { sentTo } from '../../support/secrets.ts'

let t: TestApp
let red: { id: string; slug: string }
let blue: { id: string; slug: string }
beforeAll(async () => {
  t = await makeApp({
    options: {
      tenants: { mode: 'isolated', openSignup: true, selfService: true },
      passwordless: { email: true, allowSignup: true },
      magicLink: { enabled: true },
      signup: { twoStep: true },
      passwordReset: { strategy: 'both' },
      emailVerification: { strategy: 'both' },
    },
    routes: (app, auth) => void app.get('/in-tenant', auth.requireTenant(), (req, res) => void res.json({ tenantId: req.auth!.tenantId })),
  })
  red = await t.auth.tenants.create({ name: 'Red', slug: `red-${process.pid}` })
  blue = await t.auth.tenants.create({ name: 'Blue', slug: `blue-${process.pid}` })
})
const post = (path: string, body: object, headers = {}) => t.call('post', `/auth${path}`, body, headers)
const both = async (email: string) =>
  [await signUp(t, { email, tenant: red.slug }), await signUp(t, { email, tenant: blue.id, password: `${PASSWORD} 2` })] as const

test('G1: one address, an account in each tenant; every way in goes to the account of the tenant named', async () => {
  const email = freshEmail()
  const [inRed, inBlue] = await both(email)
  expect(inRed.user.id).not.toBe(inBlue.user.id)
  expect((await t.call('get', '/in-tenant', undefined, bearer(inBlue.accessToken)).expect(200)).body.tenantId).toBe(blue.id)
  expect((await post('/signup', { email, password: PASSWORD, tenant: red.slug }).expect(409)).body.code).toBe('EMAIL_TAKEN')
  const login = (tenant: string | undefined, password: string) => post('/login', { email, password, ...(tenant !== undefined && { tenant }) })
  expect((await login(red.slug, PASSWORD).expect(200)).body).toMatchObject({ user: { id: inRed.user.id }, session: { tenantId: red.id } })
  expect((await login(blue.id, `${PASSWORD} 2`).expect(200)).body.user.id).toBe(inBlue.user.id)
  expect((await login(red.slug, `${PASSWORD} 2`).expect(401)).body.code).toBe('INVALID_CREDENTIALS')
  expect((await login('nowhere', PASSWORD).expect(401)).body.code).toBe('INVALID_CREDENTIALS')
  expect((await login(undefined, PASSWORD).expect(403)).body.code).toBe('TENANT_REQUIRED')
  await post('/passwordless/send', { email, tenant: blue.slug }).expect(202)
  const { code } = await sentTo(t, email, 'login_code')
  await post('/passwordless/verify', { email, code, tenant: red.slug }).expect(401)
  expect((await post('/passwordless/verify', { email, code, tenant: blue.slug }).expect(200)).body.user.id).toBe(inBlue.user.id)
  await post('/magic-link/request', { email, tenant: red.slug }).expect(202)
  const { token } = await sentTo(t, email, 'magic_link')
  expect((await post('/magic-link/consume', { token }).expect(200)).body.user.id).toBe(inRed.user.id)
})

test('reset and verification reach the account of the tenant named and no other', async () => {
  const email = freshEmail()
  const [inRed, inBlue] = await both(email)
  await post('/forgot-password', { email, tenant: red.slug }).expect(202)
  const { code } = await sentTo(t, email, 'reset_password')
  await post('/forgot-password/verify', { email, code, tenant: blue.slug }).expect(401)
  const { body } = await post('/forgot-password/verify', { email, code, tenant: red.slug }).expect(200)
  await post('/reset-password', { token: body.resetToken, newPassword: 'a new passphrase for red' }).expect(204)
  await post('/login', { email, password: 'a new passphrase for red', tenant: red.slug }).expect(200)
  await post('/login', { email, password: `${PASSWORD} 2`, tenant: blue.slug }).expect(200)
  await post('/verify-email/send', { email, tenant: blue.slug }).expect(202)
  const { code: proof } = await sentTo(t, email, 'verify_email')
  await post('/verify-email', { email, code: proof, tenant: red.slug }).expect(401)
  await post('/verify-email', { email, code: proof, tenant: blue.slug }).expect(204)
  expect((await t.auth.users.get(inBlue.user.id))!.emailVerified).toBe(true)
  expect((await t.auth.users.get(inRed.user.id))!.tenantId).toBe(red.id)
})

test('R-163: lockout, uniqueness and services keep to the tenant; nobody joins, switches or is added elsewhere', async () => {
  const email = freshEmail()
  const [inRed, inBlue] = await both(email)
  for (let n = 0; n < 10; n++) await post('/login', { email, password: 'wrong wrong wrong', tenant: red.slug })
  expect((await post('/login', { email, password: PASSWORD, tenant: red.slug }).expect(429)).body.code).toBe('TOO_MANY_ATTEMPTS')
  await post('/login', { email, password: `${PASSWORD} 2`, tenant: blue.slug }).expect(200)
  expect((await t.auth.users.findByEmail(email, { tenantId: blue.id }))!.id).toBe(inBlue.user.id)
  expect(await t.auth.users.findByEmail(email)).toBeNull()
  await expect(t.auth.memberships.add({ userId: inRed.user.id, tenantId: blue.id })).rejects.toMatchObject({ code: 'TENANT_MISMATCH' })
  await post('/tenants/switch', { tenant: blue.id }, bearer(inRed.accessToken)).expect(404)
  await post('/tenants', { name: 'More' }, bearer(inRed.accessToken)).expect(404)
  const { token } = await t.auth.invitations.create({ tenantId: blue.id, email: freshEmail() })
  await t.auth.users.update(inRed.user.id, { emailVerified: true })
  expect((await post('/invitations/accept', { token }, bearer(inRed.accessToken)).expect(403)).body.code).toBe('INVITATION_WRONG_ADDRESS')
  const user = await t.auth.users.create({ email: freshEmail(), password: PASSWORD, tenantId: red.id })
  expect(user.tenantId).toBe(red.id)
  expect((await t.auth.memberships.of(user.id)).map(({ tenantId }) => tenantId)).toEqual([red.id])
  await expect(t.auth.users.update(user.id, { email })).rejects.toMatchObject({ code: 'EMAIL_TAKEN' })
})

test('sign-up in two steps, by code, by invitation and with a tenant of one’s own; never without a tenant', async () => {
  const email = freshEmail()
  await post('/signup/initiate', { email, tenant: red.slug }).expect(202)
  const { code } = await sentTo(t, email, 'signup_code')
  await post('/signup/complete', { email, code, password: PASSWORD, tenant: blue.slug }).expect(401)
  const { body } = await post('/signup/complete', { email, code, password: PASSWORD, tenant: red.slug }).expect(201)
  expect(body.session.tenantId).toBe(red.id)
  await post('/passwordless/send', { email, tenant: blue.slug }).expect(202)
  const { code: login } = await sentTo(t, email, 'login_code')
  expect((await post('/passwordless/verify', { email, code: login, tenant: blue.slug }).expect(200)).body.session.tenantId).toBe(blue.id)
  const third = await t.auth.tenants.create({ name: 'Third', slug: `third-${process.pid}` })
  const { token } = await t.auth.invitations.create({ tenantId: third.id, email })
  expect((await post('/invitations/accept', { token, password: PASSWORD }).expect(201)).body.session.tenantId).toBe(third.id)
  const { body: own } = await post('/signup', { email, password: PASSWORD, newTenant: { name: 'Own', slug: `own-${process.pid}` } }).expect(201)
  expect((await t.auth.tenants.get(own.session.tenantId))!.name).toBe('Own')
  expect((await t.auth.users.get(own.user.id))!.tenantId).toBe(own.session.tenantId)
  expect((await post('/signup', { email: freshEmail(), password: PASSWORD }).expect(403)).body.code).toBe('TENANT_REQUIRED')
  expect((await post('/signup', { email: freshEmail(), password: PASSWORD, tenant: 'nowhere' }).expect(403)).body.code).toBe('INVITATION_REQUIRED')
})

test('a suspended tenant lets nobody in; a deleted one takes its accounts along', async () => {
  const gone = await t.auth.tenants.create({ name: 'Gone', slug: `gone-${process.pid}` })
  const email = freshEmail()
  const { user, accessToken } = await signUp(t, { email, tenant: gone.slug })
  await t.auth.tenants.suspend(gone.id)
  expect((await post('/login', { email, password: PASSWORD, tenant: gone.slug }).expect(403)).body.code).toBe('TENANT_SUSPENDED')
  expect((await t.call('get', '/in-tenant', undefined, bearer(accessToken)).expect(403)).body.code).toBe('TENANT_SUSPENDED')
  await t.auth.tenants.delete(gone.id)
  expect(await t.auth.users.get(user.id)).toBeNull()
  await t.call('get', '/private', undefined, bearer(accessToken)).expect(401)
  await post('/login', { email, password: PASSWORD, tenant: gone.slug }).expect(401)
})

test('every public route takes the tenant; one whose token says whose account is meant refuses another', async () => {
  const email = freshEmail()
  const { accessToken, refreshToken } = await signUp(t, { email, tenant: red.slug })
  const newPassword = 'a new passphrase, for red'
  const verify = (await sentTo(t, email, 'verify_email')).token
  for (const [tenant, status] of [
    [blue.slug, 401],
    ['nowhere', 401],
    [red.slug, 204],
  ] as const)
    await post('/verify-email', { token: verify, tenant }, bearer(accessToken)).expect(status)
  for (const [tenant, status] of [
    [blue.id, 401],
    [red.id, 200],
  ] as const)
    await post('/refresh', { refreshToken, tenant }).expect(status)
  await post('/change-email', { newEmail: `new-${email}` }, bearer(accessToken)).expect(202)
  const change = (await sentTo(t, `new-${email}`, 'change_email')).token
  await post('/change-email/confirm', { token: change, tenant: blue.slug }).expect(401)
  await post('/change-email/confirm', { token: change, tenant: red.slug }).expect(204)
  await post('/forgot-password', { email: `new-${email}`, tenant: red.slug }).expect(202)
  const reset = (await sentTo(t, `new-${email}`, 'reset_password')).token
  await post('/reset-password', { token: reset, newPassword, tenant: blue.slug }).expect(401)
  await post('/reset-password', { token: reset, newPassword, tenant: red.slug }).expect(204)
  const waiting = { mfaToken: 'lkp_nothing', code: '123456' }
  await post('/mfa/verify', { ...waiting, tenant: red.slug }).expect(401)
  await post('/logout', { tenant: red.slug }).expect(204)
  await post('/oauth/exchange', { code: 'lko_nothing', tenant: red.slug }).expect(404)
  await t.auth.users.update((await t.auth.users.findByEmail(`new-${email}`, { tenantId: red.id }))!.id, { mustChangePassword: true })
  const { passwordToken } = (await post('/login', { email: `new-${email}`, password: newPassword, tenant: red.slug }).expect(200)).body
  const another = { passwordToken, currentPassword: newPassword, newPassword: `${newPassword}, again` }
  await post('/change-password', { ...another, tenant: blue.slug }).expect(401)
  await post('/change-password', { ...another, tenant: red.slug }).expect(204)
  const invitation = await t.auth.invitations.create({ tenantId: red.id, email: freshEmail(), roles: [] })
  await post('/invitations/decline', { token: invitation.token, tenant: blue.slug }).expect(410)
  await post('/invitations/decline', { token: invitation.token, tenant: red.slug }).expect(204)
})
