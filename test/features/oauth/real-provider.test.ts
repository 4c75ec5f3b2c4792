import { generateSync } from 'otplib'
import { type AuthOptions, oidc } from '../../../src/index.ts'
import { begin, comeBack, cookieHeader, cookiesOf } from '../../support/federated.ts'
import { createBrowser, type RunningProvider, startOidcProvider } from '../../support/local-provider.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

const APP = 'https://app.example.com'
const callback = (id: string) => `https://api.example.com/auth/oauth/${id}/callback`
let okta: RunningProvider
let corp: RunningProvider

// oidc-provider lives by the machine's clock, and so do these apps.
const now = () => new Date()
const appWith = (rest: Partial<AuthOptions> = {}) =>
  makeApp({
    options: {
      now,
      appUrl: APP,
      providers: [okta, corp].map(({ issuer, clientId, clientSecret }, i) => oidc({ id: i === 0 ? 'okta' : 'corp', issuer, clientId, clientSecret })),
      ...rest,
    },
  })

beforeAll(async () => {
  ;[okta, corp] = await Promise.all([startOidcProvider([callback('okta')]), startOidcProvider([callback('corp')])])
}, 30_000)
afterAll(() => Promise.all([okta?.stop(), corp?.stop()]))

let counter = 0
const someName = () => `person${++counter}.${process.pid}`

/** A person in a browser of their own goes to the provider and comes back. */
async function travel(t: TestApp, id: string, name: string, path = '', headers: Record<string, string> = {}) {
  const trip = await begin(t, id, path, headers)
  const params = await createBrowser().authorize(trip.url, name, callback(id))
  return { trip, params, back: await comeBack(t, id, params, trip.cookie) }
}
const resultOf = (location: unknown) => Object.fromEntries(new URL(String(location)).searchParams)
async function signIn(t: TestApp, id: string, name: string) {
  const { back } = await travel(t, id, name)
  const { code, error } = resultOf(back.headers.location)
  return error ? { error } : (await t.call('post', '/auth/oauth/exchange', { code }, { 'x-auth-transport': 'bearer' }).expect(200)).body
}

test('code flow with PKCE, sign-up, the exchange, and the same account the next time', async () => {
  const t = await appWith()
  const name = someName()
  const first = await signIn(t, 'okta', name)
  expect(first).toMatchObject({ status: 'signed_in', user: { email: `${name}@provider.example`, emailVerified: true }, session: { amr: ['fed'] } })
  expect((await signIn(t, 'okta', name)).user.id).toBe(first.user.id)
  expect(t.events.find((one) => one.name === 'user.registered')!.event.profile).toEqual({ name })
})

test('R-131: two providers mixed up: the code of one at the callback of the other', async () => {
  const t = await appWith()
  const trip = await begin(t, 'okta')
  const params = await createBrowser().authorize(trip.url, someName(), callback('okta'))
  expect(params.iss).toBe(okta.issuer)
  expect(resultOf((await comeBack(t, 'corp', params, trip.cookie)).headers.location)).toEqual({ error: 'OAUTH_STATE_INVALID' })
  const other = await begin(t, 'corp')
  const theirs = await createBrowser().authorize(other.url, someName(), callback('corp'))
  expect(resultOf((await comeBack(t, 'okta', { ...params, code: theirs.code! }, trip.cookie)).headers.location)).toEqual({ error: 'PROVIDER_ERROR' })
  const third = await travel(t, 'corp', someName())
  expect(resultOf(third.back.headers.location)).toHaveProperty('code')
})

test('R-133: one name at two providers is two people', async () => {
  const t = await appWith()
  const name = someName()
  const one = await signIn(t, 'okta', `${name}@one.example`)
  const two = await signIn(t, 'corp', `${name}@two.example`)
  expect(one.user.id).not.toBe(two.user.id)
})

test('R-130: twenty callbacks with one code at once: one session', async () => {
  const t = await appWith({ transport: { default: 'cookie' } })
  const name = someName()
  const trip = await begin(t, 'okta')
  const params = await createBrowser().authorize(trip.url, name, callback('okta'))
  const answers = await Promise.all(Array.from({ length: 20 }, () => comeBack(t, 'okta', params, trip.cookie)))
  expect(answers.filter(({ headers }) => String(headers['set-cookie']).includes('lk.access'))).toHaveLength(1)
  const user = await t.auth.users.findByEmail(`${name}@provider.example`)
  expect(await t.prisma.authSession.count({ where: { userId: user!.id } })).toBe(1)
})

test('link while signed in, list, unlink, and the last way in stays', async () => {
  const t = await appWith()
  const email = freshEmail()
  const { user } = await signUp(t, { email })
  const login = await t.call('post', '/auth/login', { email, password: PASSWORD }, { 'x-auth-transport': 'cookie' }).expect(200)
  const name = someName()
  const { back } = await travel(t, 'okta', name, '/link?redirectTo=/settings', cookieHeader(cookiesOf(login)))
  expect(back.headers.location).toBe(`${APP}/settings`)
  const linked = await signIn(t, 'okta', name)
  expect(linked.user.id).toBe(user.id)
  const { body: list } = await t.call('get', '/auth/identities', undefined, bearer(linked.accessToken)).expect(200)
  expect(list).toEqual([expect.objectContaining({ provider: 'okta', providerUserId: name, email: `${name}@provider.example` })])
  await t.call('delete', `/auth/identities/${list[0].id}`, undefined, bearer(linked.accessToken)).expect(204)
  const fresh = await signIn(t, 'okta', name)
  expect(fresh.user.id).not.toBe(user.id)
  const [own] = (await t.call('get', '/auth/identities', undefined, bearer(fresh.accessToken)).expect(200)).body
  expect((await t.call('delete', `/auth/identities/${own.id}`, undefined, bearer(fresh.accessToken)).expect(409)).body.code).toBe('LAST_CREDENTIAL')
})

test('in a popup', async () => {
  const t = await appWith()
  const { back } = await travel(t, 'okta', someName(), '?popup=1')
  const message = JSON.parse(/data-message="([^"]*)"/.exec(back.text)![1]!.replaceAll('&quot;', '"'))
  expect(message).toEqual({ type: 'latchkey', code: expect.any(String) })
  await t.call('post', '/auth/oauth/exchange', { code: message.code }).expect(200)
})

test('R-111: a second factor is asked for afterwards', async () => {
  const t = await appWith()
  const name = someName()
  const { accessToken } = await signIn(t, 'okta', name)
  const { body } = await t.call('post', '/auth/mfa/totp', {}, bearer(accessToken)).expect(200)
  const code = (offset = 0) => generateSync({ secret: body.secret, epoch: Math.floor(Date.now() / 1000) + offset, digits: 6, period: 30 })
  await t.call('post', `/auth/mfa/totp/${body.id}/confirm`, { code: code() }, bearer(accessToken)).expect(200)
  const waiting = await signIn(t, 'okta', name)
  expect(waiting.status).toBe('mfa_required')
  const done = await t.call('post', '/auth/mfa/verify', { mfaToken: waiting.mfaToken, code: code(30) }).expect(200)
  expect(done.body.session.amr).toEqual(['fed', 'otp', 'mfa'])
})

test('R-134: an address that the provider has not checked finds nobody', async () => {
  const t = await appWith()
  const name = `unverified.${someName()}`
  await t.auth.users.create({ email: `${name}@provider.example`, password: PASSWORD, emailVerified: true })
  expect(await signIn(t, 'okta', name)).toEqual({ error: 'PROVIDER_EMAIL_NOT_VERIFIED' })
})

test('F-15: stopped while someone is on the way back', async () => {
  const own = await startOidcProvider([callback('gone')])
  const { issuer, clientId, clientSecret } = own
  const t = await appWith({ providers: [oidc({ id: 'gone', issuer, clientId, clientSecret })] })
  const trip = await begin(t, 'gone')
  const params = await createBrowser().authorize(trip.url, someName(), callback('gone'))
  await own.stop()
  const start = performance.now()
  expect(resultOf((await comeBack(t, 'gone', params, trip.cookie)).headers.location)).toEqual({ error: 'PROVIDER_ERROR' })
  expect(performance.now() - start).toBeLessThan(6000)
})
