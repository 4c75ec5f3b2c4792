import { oidc } from '../../../src/index.ts'
import { begin, comeBack } from '../../support/federated.ts'
import { createClock, freshEmail, makeApp, PASSWORD, type TestApp } from '../../support/make-app.ts'
import { type Person, type StandIn, startProvider } from '../../support/oidc-stand-in.ts'

const APP = 'https://app.example.com'
const clock = createClock()
let okta: StandIn
beforeAll(async () => {
  okta = await startProvider({ now: clock.now })
})
afterAll(() => okta.close())

const appWith = (options: NonNullable<Parameters<typeof makeApp>[0]>['options']) =>
  makeApp({
    clock,
    options: { appUrl: APP, providers: [oidc({ id: 'okta', issuer: okta.issuer, clientId: okta.clientId, clientSecret: okta.secret })], ...options },
  })
const person = (email = freshEmail()): Person => ({ sub: `sub-${email}`, email, email_verified: true })
let counter = 0
const newTenant = (t: TestApp) => t.auth.tenants.create({ name: 'Acme', slug: `acme-${process.pid}-${++counter}` })

async function signIn(t: TestApp, who: Person, query: Record<string, string>) {
  const trip = await begin(t, 'okta', `?${new URLSearchParams(query)}`)
  const back = await comeBack(t, 'okta', okta.agree(trip.url, who), trip.cookie)
  const result = new URL(String(back.headers.location)).searchParams
  if (result.has('error')) return { error: result.get('error') }
  return (await t.call('post', '/auth/oauth/exchange', { code: result.get('code') }).expect(200)).body
}

describe('shared tenants', () => {
  test('R-171: naming a tenant makes nobody a member, unless it is open', async () => {
    const t = await appWith({ tenants: { mode: 'shared' } })
    const tenant = await newTenant(t)
    expect(await signIn(t, person(), { tenant: tenant.slug })).toEqual({ error: 'INVITATION_REQUIRED' })
    const known = person()
    await signIn(t, known, {})
    expect(await signIn(t, known, { tenant: tenant.slug })).toEqual({ error: 'NOT_A_MEMBER' })
    const open = await appWith({ tenants: { mode: 'shared', openSignup: true } })
    expect((await signIn(open, person(), { tenant: tenant.slug })).session.tenantId).toBe(tenant.id)
  })

  test('an invitation lets a newcomer in where sign-up is by invitation only, and joins who has an account', async () => {
    const t = await appWith({ tenants: { mode: 'shared' }, signup: { invitationOnly: true } })
    const tenant = await newTenant(t)
    const newcomer = person()
    const { token: invitation } = await t.auth.invitations.create({ tenantId: tenant.id, email: String(newcomer.email), roles: [] })
    expect(await signIn(t, person(), { invitation })).toEqual({ error: 'INVITATION_WRONG_ADDRESS' })
    const joined = await signIn(t, newcomer, { invitation })
    expect(joined.session.tenantId).toBe(tenant.id)
    expect(await signIn(t, newcomer, { invitation })).toEqual({ error: 'INVITATION_INVALID' })
    const second = await newTenant(t)
    const again = await t.auth.invitations.create({ tenantId: second.id, email: String(newcomer.email), roles: [] })
    expect((await signIn(t, newcomer, { invitation: again.token })).session.tenantId).toBe(second.id)
  })

  test('R-173: a newcomer and someone who has an account find no place where there is none, and no account is made', async () => {
    const t = await appWith({ tenants: { mode: 'shared', openSignup: true, maxMembers: 1 } })
    const tenant = await newTenant(t)
    expect((await signIn(t, person(), { tenant: tenant.slug })).session.tenantId).toBe(tenant.id)
    const [newcomer, known] = [person(), person()]
    expect(await signIn(t, newcomer, { tenant: tenant.slug })).toEqual({ error: 'SEATS_TAKEN' })
    expect(await t.auth.users.findByEmail(String(newcomer.email))).toBeNull()
    await signIn(t, known, {})
    const { token: invitation } = await t.auth.invitations.create({ tenantId: tenant.id, email: String(known.email), roles: [] })
    expect(await signIn(t, known, { invitation })).toEqual({ error: 'SEATS_TAKEN' })
    expect(await t.prisma.authMembership.count({ where: { tenantId: tenant.id } })).toBe(1)
  })

  test.each(['shared', 'isolated'] as const)('F11: a newcomer makes a tenant on the way, where they are %s', async (mode) => {
    const t = await appWith({ tenants: { mode, selfService: true, required: true } })
    const who = person()
    const slug = `own-${mode}-${process.pid}`
    const made = await signIn(t, who, { newTenant: 'Own place', newTenantSlug: slug })
    const tenant = await t.auth.tenants.findBySlug(slug)
    expect(made).toMatchObject({ status: 'signed_in', user: { email: who.email }, session: { tenantId: tenant!.id } })
    expect(tenant).toMatchObject({ name: 'Own place' })
    expect(await t.auth.memberships.of(made.user.id)).toEqual([expect.objectContaining({ tenantId: tenant!.id, roles: ['owner'] })])
    expect(await signIn(t, person(), { newTenant: 'Own place', newTenantSlug: slug })).toEqual({ error: 'SLUG_TAKEN' })
    const native = await t.call('post', '/auth/oauth/okta/token', {
      idToken: await okta.idToken({ person: person(), clientId: okta.clientId }),
      newTenant: { name: 'By a phone' },
    })
    expect(native.body).toMatchObject({ status: 'signed_in', session: { tenantId: expect.any(String) } })
    const closed = await appWith({ tenants: { mode } })
    expect(await signIn(closed, person(), { newTenant: 'Own place' })).toEqual({ error: 'FORBIDDEN' })
  })

  test('without tenants, naming one is a mistake', async () => {
    const t = await appWith({})
    await t.call('get', '/auth/oauth/okta?tenant=acme').expect(422)
  })
})

describe('tenants with accounts of their own', () => {
  test('R-133: the same person in two tenants is two accounts, and the way there must be named', async () => {
    const t = await appWith({ tenants: { mode: 'isolated', openSignup: true } })
    const [one, two] = [await newTenant(t), await newTenant(t)]
    const who = person()
    const [first, second] = [await signIn(t, who, { tenant: one.slug }), await signIn(t, who, { tenant: two.id })]
    expect([first.session.tenantId, second.session.tenantId]).toEqual([one.id, two.id])
    expect(first.user.id).not.toBe(second.user.id)
    expect((await signIn(t, who, { tenant: one.slug })).user.id).toBe(first.user.id)
    expect((await t.call('get', '/auth/oauth/okta').expect(403)).body.code).toBe('TENANT_REQUIRED')
    expect(await signIn(t, person(), { tenant: 'unknown' })).toEqual({ error: 'INVITATION_REQUIRED' })
  })

  test("another tenant's account of the same address is not touched", async () => {
    const t = await appWith({ tenants: { mode: 'isolated', openSignup: true } })
    const [one, two] = [await newTenant(t), await newTenant(t)]
    const email = freshEmail()
    const owner = await t.auth.users.create({ email, password: PASSWORD, emailVerified: true, tenantId: one.id })
    const other = await signIn(t, person(email), { tenant: two.slug })
    expect(other.user.id).not.toBe(owner.id)
    expect((await signIn(t, person(email), { tenant: one.slug })).user.id).toBe(owner.id)
    const native = await t.call('post', '/auth/oauth/okta/token', {
      idToken: await okta.idToken({ person: person(email), clientId: okta.clientId }),
      tenant: two.slug,
    })
    expect(native.body.user.id).toBe(other.user.id)
  })

  test('an invitation names its tenant', async () => {
    const t = await appWith({ tenants: { mode: 'isolated' } })
    const tenant = await newTenant(t)
    const who = person()
    const { token: invitation } = await t.auth.invitations.create({ tenantId: tenant.id, email: String(who.email), roles: [] })
    expect((await signIn(t, who, { invitation })).session.tenantId).toBe(tenant.id)
    await t.call('get', '/auth/oauth/okta?invitation=unknown').expect(410)
  })
})
