import type { Request, RequestHandler } from 'express'
import { bearer, createClock, freshEmail, makeApp, ownClient, ownDatabase, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

type Passported = Request & { user: { id: string; tenantId: string | null } }
const lookAtUser: RequestHandler = (req, _res, next) => {
  expect((req as Passported).user.tenantId).toBeNull()
  next()
}
const routes: Parameters<typeof makeApp>[0] = {
  routes: (app, auth) => {
    app.get('/staff', auth.requireRole({ any: ['support'], scope: 'platform' }), (_req, res) => void res.json({ ok: true }))
    app.get('/support-here', auth.requireRole('support'), (_req, res) => void res.json({ ok: true }))
    app.get('/t/:tenantId', auth.requireTenant({ from: 'param' }), (req, res) => void res.json({ tenantId: req.auth!.tenantId }))
    app.get(
      '/user/:tenantId',
      auth.requireAuth(),
      lookAtUser,
      auth.requireTenant({ from: 'param' }),
      (req, res) => void res.json([(req as Passported).user, req.auth!.tenantId]),
    )
    app.get('/context/:tenantId', auth.requireTenant({ from: 'param' }), async (_req, res) => void res.json({ tenantId: auth.context()?.tenantId }))
    app.get('/tickets', auth.requirePermission('ticket:read'), (_req, res) => void res.json({ ok: true }))
  },
}
let t: TestApp
let tenantId: string
beforeAll(async () => {
  t = await makeApp({ ...routes, options: { tenants: { mode: 'shared' }, platform: { allow: (req) => req.get('x-office') !== 'no' } } })
  await t.auth.permissions.define([{ name: 'ticket:read' }, { name: 'tenant:enter' }])
  await t.auth.roles.create({ name: 'support', permissions: ['ticket:read', 'tenant:enter', 'tenant:read', 'member:invite'] })
  await t.auth.roles.create({ name: 'looker' })
  tenantId = (await t.auth.tenants.create({ name: 'Customer', slug: `customer-${process.pid}` })).id
})

async function staff(roles: string[] = ['support']) {
  const email = freshEmail()
  const { user } = await signUp(t, { email })
  await t.auth.platform.grant(user.id, roles)
  const { body } = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  return { userId: user.id, headers: bearer(body.accessToken as string), accessToken: body.accessToken as string, refreshToken: body.refreshToken as string }
}
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())

test('G12: platform roles stand in the token apart from tenant roles, and grant what they grant', async () => {
  const me = await staff()
  expect(claimsOf(me.accessToken)).toMatchObject({ proles: ['support'] })
  expect(claimsOf(me.accessToken).roles).toBeUndefined()
  await t.call('get', '/staff', undefined, me.headers).expect(200)
  await t.call('get', '/tickets', undefined, me.headers).expect(200)
  await t.call('get', '/support-here', undefined, me.headers).expect(403)
  expect((await t.call('get', '/auth/me', undefined, me.headers).expect(200)).body).toMatchObject({ roles: [], platformRoles: ['support'] })
  const { accessToken } = await signUp(t)
  await t.call('get', '/staff', undefined, bearer(accessToken)).expect(403)
})

test('R-097: granted and taken on the next request, and in the next token', async () => {
  const { user, accessToken, refreshToken } = await signUp(t)
  const headers = bearer(accessToken)
  await t.call('get', '/staff', undefined, headers).expect(403)
  await t.auth.roles.assign(user.id, 'support', { platform: true })
  await t.call('get', '/staff', undefined, headers).expect(200)
  const { body } = await t.call('post', '/auth/refresh', { refreshToken }).expect(200)
  expect(claimsOf(body.accessToken).proles).toEqual(['support'])
  expect(await t.auth.platform.grant(user.id, ['support', 'looker'])).toEqual(['looker', 'support'])
  expect((await t.auth.platform.list()).data.find(({ userId }) => userId === user.id)).toMatchObject({ roles: ['looker', 'support'] })
  await t.auth.roles.remove(user.id, 'support', { platform: true })
  await t.call('get', '/staff', undefined, bearer(body.accessToken)).expect(403)
  expect(await t.auth.platform.revoke(user.id)).toEqual([])
  expect((await t.auth.platform.list()).data.some(({ userId }) => userId === user.id)).toBe(false)
  await expect(t.auth.platform.revoke(user.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const looker = (await t.auth.roles.list({ tenantId: null })).find(({ name }) => name === 'looker')!
  await t.auth.roles.assign(user.id, looker.id, { platform: true })
  expect((await t.auth.platform.list()).data.find(({ userId }) => userId === user.id)).toMatchObject({ roles: ['looker'] })
  await t.auth.roles.remove(user.id, looker.id, { platform: true })
  expect((await t.auth.platform.list()).data.find(({ userId }) => userId === user.id)?.roles ?? []).toEqual([])
  await expect(t.auth.platform.grant(user.id, ['no such role'])).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(t.auth.platform.grant('nobody', ['support'])).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const events = t.events.map(({ name }) => name)
  expect(events).toEqual(expect.arrayContaining(['platform.granted', 'platform.revoked']))
})

test('staff enter a tenant that the request names, within their permissions, and its audit trail tells', async () => {
  const me = await staff()
  const weak = await staff(['looker'])
  expect((await t.call('get', `/t/${tenantId}`, undefined, me.headers).expect(200)).body).toEqual({ tenantId })
  expect((await t.call('get', `/context/${tenantId}`, undefined, me.headers).expect(200)).body).toEqual({ tenantId })
  expect((await t.call('get', '/t/nowhere', undefined, me.headers).expect(403)).body.code).toBe('NOT_A_MEMBER')
  expect((await t.call('get', `/t/${tenantId}`, undefined, weak.headers).expect(403)).body.code).toBe('NOT_A_MEMBER')
  expect((await t.call('get', `/auth/tenants/${tenantId}`, undefined, me.headers).expect(200)).body.name).toBe('Customer')
  await t.call('get', `/auth/tenants/${tenantId}`, undefined, weak.headers).expect(404)
  await t.call('get', `/auth/tenants/${tenantId}/members`, undefined, me.headers).expect(404)
  await t.call('post', `/auth/tenants/${tenantId}/invitations`, { email: freshEmail() }, me.headers).expect(201)
  const used = (await t.auth.audit.query({ tenantId, event: 'platform.used' })).data.filter(({ userId }) => userId === me.userId)
  expect(used.map(({ data }) => (data as { permission: string }).permission).sort()).toEqual(['member:invite', 'tenant:enter', 'tenant:enter', 'tenant:read'])
})

test('req.user says, as req.auth does, which tenant staff have entered', async () => {
  const me = await staff()
  expect((await t.call('get', `/user/${tenantId}`, undefined, me.headers).expect(200)).body).toMatchObject([{ id: me.userId, tenantId }, tenantId])
})

test('platform.allow decides for each request whether they count', async () => {
  const me = await staff()
  for (const [office, status] of [
    ['yes', 200],
    ['no', 403],
    ['yes', 200],
  ] as const)
    await t.call('get', '/staff', undefined, { ...me.headers, 'x-office': office }).expect(status)
  expect((await t.call('get', '/auth/me', undefined, { ...me.headers, 'x-office': 'no' }).expect(200)).body.platformRoles).toEqual([])
})

test('platform.enabled: false: nothing can be granted, and a token that names such roles carries none', async () => {
  const me = await staff()
  const off = await makeApp({ ...routes, clock: t.clock, options: { tenants: { mode: 'shared' }, platform: { enabled: false } } })
  await off.call('get', '/staff', undefined, me.headers).expect(403)
  await expect(off.auth.platform.grant(me.userId, ['support'])).rejects.toMatchObject({ code: 'FEATURE_DISABLED' })
  await expect(off.auth.roles.assign(me.userId, 'support', { platform: true })).rejects.toMatchObject({ code: 'FEATURE_DISABLED' })
  const checked = await makeApp({ ...routes, clock: t.clock, options: { sessions: { check: 'database' } } })
  await checked.call('get', '/staff', undefined, me.headers).expect(200)
  await t.auth.platform.revoke(me.userId)
  await checked.call('get', '/staff', undefined, me.headers).expect(403)
})

test('where there is no staff no query asks for them; the first one counts in every process', async () => {
  const database = await ownDatabase()
  const clock = createClock()
  const [one, other] = [await ownClient(database), await ownClient(database)]
  const [here, there] = [
    await makeApp({ ...routes, prisma: one, clock }),
    await makeApp({ ...routes, prisma: other, clock, options: { feed: { pollEvery: 1 } } }),
  ]
  const { user, accessToken } = await signUp(here)
  const signIn = (t: TestApp) => t.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)
  await here.auth.roles.create({ name: 'support' })
  for (const own of [here, there]) {
    await own.call('get', '/staff', undefined, bearer(accessToken)).expect(403)
    await signIn(own)
    own.statements()
    await signIn(own)
    expect(own.statements().filter((sql) => sql.includes('auth_platform_access'))).toEqual([])
  }
  expect(await here.auth.platform.grant(user.id, ['support'])).toEqual(['support'])
  const deadline = performance.now() + 5000
  const rolesThere = async () => claimsOf((await signIn(there)).body.accessToken).proles
  while (!(await rolesThere()) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100))
  expect(await rolesThere()).toEqual(['support'])
  const latest = bearer((await signIn(there)).body.accessToken)
  for (const own of [here, there]) await own.call('get', '/staff', undefined, latest).expect(200)
})

test('R-172: what platform.allow does not let count in a request is nothing to give away in it either', async () => {
  const team = await t.auth.tenants.create({ name: 'Team', slug: `team-${process.pid}` })
  await t.auth.roles.create({ name: 'lead', tenantId: team.id, permissions: ['member:write', 'member:invite', 'role:write'] })
  const me = await staff()
  await t.auth.memberships.add({ userId: me.userId, tenantId: team.id, roles: ['lead'] })
  const path = `/auth/tenants/${team.id}`
  const make = (name: string, office: string) => t.call('post', `${path}/roles`, { name, permissions: ['ticket:read'] }, { ...me.headers, 'x-office': office })
  const invite = (office: string) => t.call('post', `${path}/invitations`, { email: freshEmail(), roles: ['support'] }, { ...me.headers, 'x-office': office })
  for (const answer of [await make('reader', 'no'), await invite('no')]) expect([answer.status, answer.body.code]).toEqual([403, 'PRIVILEGE_EXCEEDED'])
  await make('reader', 'yes').expect(201)
  await invite('yes').expect(201)
})
