import { oidc } from '../../../src/index.ts'
import { begin, comeBack, cookieHeader, cookiesOf, signInAt } from '../../support/federated.ts'
import { bearer, createClock, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { type StandIn, startProvider } from '../../support/oidc-stand-in.ts'
import { sentTo } from '../../support/secrets.ts'

const APP = 'https://app.example.com'
const clock = createClock()
let okta: StandIn
let t: TestApp

beforeAll(async () => {
  okta = await startProvider({ now: clock.now })
  const providers = [oidc({ id: 'okta', issuer: okta.issuer, clientId: okta.clientId, clientSecret: okta.secret })]
  t = await makeApp({ clock, options: { appUrl: APP, providers, passkeys: { enabled: true } } })
})
afterAll(() => okta.close())

const person = (email = freshEmail()) => ({ sub: `sub-${email}`, email, email_verified: true })
const identities = async (token: string) => (await t.call('get', '/auth/identities', undefined, bearer(token)).expect(200)).body

/** Someone whose browser holds their session in cookies. */
async function inBrowser() {
  const email = freshEmail()
  await t.call('post', '/auth/signup', { email, password: PASSWORD }).expect(201)
  const answer = await t.call('post', '/auth/login', { email, password: PASSWORD }, { 'x-auth-transport': 'cookie' }).expect(200)
  return { email, userId: answer.body.user.id as string, cookies: cookiesOf(answer) }
}

test('who is signed in connects a provider, is told, and signs in with it from then on, whatever its address', async () => {
  const { email, userId, cookies } = await inBrowser()
  const trip = await begin(t, 'okta', '/link?redirectTo=/settings', cookieHeader(cookies))
  const other = person()
  const back = await comeBack(t, 'okta', okta.agree(trip.url, other), { cookie: `${trip.cookie.cookie}; ${cookieHeader(cookies).cookie}` })
  expect([back.status, back.headers.location]).toEqual([302, `${APP}/settings`])
  const signedIn = await signInAt(t, 'okta', okta, other)
  expect(signedIn.user.id).toBe(userId)
  expect(await identities(signedIn.accessToken)).toEqual([
    {
      id: expect.any(String),
      provider: 'okta',
      providerUserId: other.sub,
      email: other.email,
      createdAt: clock.now().toISOString(),
      lastUsedAt: clock.now().toISOString(),
    },
  ])
  expect((await sentTo(t, email, 'identity_changed')).message.text).toContain('Connected: okta')
  expect(t.events.at(-1)).toBeDefined()
  expect(t.events.filter(({ name }) => name === 'identity.linked').at(-1)!.event).toMatchObject({ userId, provider: 'okta' })
})

test('a bearer app asks for the URL and keeps the cookie that came with it', async () => {
  const { accessToken, user } = await signUp(t)
  const answer = await t.call('post', '/auth/oauth/okta/link', { redirectTo: '/settings' }, bearer(accessToken)).expect(200)
  const url = answer.body.url as string
  expect(new URL(url).origin).toBe(okta.issuer)
  const params = okta.agree(url, person())
  expect((await comeBack(t, 'okta', params)).headers.location).toBe(`${APP}/?error=OAUTH_STATE_INVALID`)
  expect((await comeBack(t, 'okta', params, cookieHeader(cookiesOf(answer)))).headers.location).toBe(`${APP}/settings`)
  expect(await identities(accessToken)).toHaveLength(1)
  expect(await t.prisma.authIdentity.count({ where: { userId: user.id } })).toBe(1)
})

describe('R-135: a link', () => {
  const errorOf = async (answer: ReturnType<typeof comeBack>) => new URL(String((await answer.expect(302)).headers.location)).searchParams.get('error')

  test('needs a session that is fresh, and a navigation that no other site began', async () => {
    await t.call('get', '/auth/oauth/okta/link').expect(401)
    const { cookies } = await inBrowser()
    const foreign = { ...cookieHeader(cookies), 'sec-fetch-site': 'cross-site' }
    expect((await t.call('get', '/auth/oauth/okta/link', undefined, foreign).expect(403)).body.code).toBe('CSRF_REJECTED')
    const sibling = { ...cookieHeader(cookies), 'sec-fetch-site': 'same-site' }
    await t.call('get', '/auth/oauth/okta/link', undefined, { ...sibling, referer: `${APP}/settings` }).expect(302)
    await t.call('get', '/auth/oauth/okta/link', undefined, { ...sibling, referer: 'https://evil.example.com/' }).expect(403)
    await t.call('get', '/auth/oauth/okta/link', undefined, sibling).expect(403)
    for (const site of ['same-origin', 'none'])
      await t.call('get', '/auth/oauth/okta/link', undefined, { ...cookieHeader(cookies), 'sec-fetch-site': site }).expect(302)
    for (const referer of ['https://evil.example/', 'no url'])
      await t.call('get', '/auth/oauth/okta/link', undefined, { ...cookieHeader(cookies), referer }).expect(403)
    await t.call('get', '/auth/oauth/okta/link', undefined, { ...cookieHeader(cookies), referer: `${APP}/settings` }).expect(302)
    const { accessToken } = await signUp(t)
    const old = await makeApp({ clock, options: { providers: [oidc({ id: 'okta', issuer: okta.issuer, clientId: 'client' })], stepUp: { maxAge: '5m' } } })
    clock.advance(301)
    const refused = await old.call('post', '/auth/oauth/okta/link', {}, bearer(accessToken)).expect(403)
    expect(refused.body.code).toBe('STEP_UP_REQUIRED')
    const key = await makeApp({ clock, options: { providers: [oidc({ id: 'okta', issuer: okta.issuer, clientId: 'client' })], apiKeys: { enabled: true } } })
    const { user } = await signUp(key)
    const made = await key.auth.apiKeys.create({ userId: user.id, name: 'x' })
    await key.call('post', '/auth/oauth/okta/link', {}, { 'x-api-key': made.key }).expect(403)
  })

  test("takes no code of another's trip", async () => {
    const victim = await inBrowser()
    const trip = await begin(t, 'okta', '/link', cookieHeader(victim.cookies))
    const attackers = await begin(t, 'okta')
    const { code, iss } = okta.agree(attackers.url, person())
    const { state } = okta.agree(trip.url)
    expect(await errorOf(comeBack(t, 'okta', { code, iss, state }, trip.cookie))).toBe('PROVIDER_ERROR')
    const again = await begin(t, 'okta', '/link', cookieHeader(victim.cookies))
    expect(await errorOf(comeBack(t, 'okta', okta.agree(attackers.url, person()), again.cookie))).toBe('OAUTH_STATE_INVALID')
    expect(await t.prisma.authIdentity.count({ where: { userId: victim.userId } })).toBe(0)
  })

  test('dies with the session that began it', async () => {
    const { userId, cookies } = await inBrowser()
    const trip = await begin(t, 'okta', '/link', cookieHeader(cookies))
    await t.auth.sessions.revokeAll(userId)
    expect(await errorOf(comeBack(t, 'okta', okta.agree(trip.url, person()), trip.cookie))).toBe('SESSION_REVOKED')
    expect(await t.prisma.authIdentity.count({ where: { userId } })).toBe(0)
  })

  test('takes no identity that someone else has, and one of its own again', async () => {
    const taken = person()
    await signInAt(t, 'okta', okta, taken)
    const { userId, cookies } = await inBrowser()
    const trip = async () => begin(t, 'okta', '/link', cookieHeader(cookies))
    const first = await trip()
    expect(await errorOf(comeBack(t, 'okta', okta.agree(first.url, taken), first.cookie))).toBe('IDENTITY_TAKEN')
    const own = person()
    for (let round = 0; round < 2; round++) {
      const next = await trip()
      expect(await errorOf(comeBack(t, 'okta', okta.agree(next.url, own), next.cookie))).toBeNull()
    }
    expect(await t.prisma.authIdentity.count({ where: { userId } })).toBe(1)
  })
})

describe('disconnecting', () => {
  test('R-075: takes a recent sign-in', async () => {
    const providers = [oidc({ id: 'okta', issuer: okta.issuer, clientId: okta.clientId, clientSecret: okta.secret })]
    const own = await makeApp({ clock, options: { appUrl: APP, providers, stepUp: { maxAge: '5m' } } })
    const { accessToken } = await signInAt(own, 'okta', okta, person())
    const [mine] = (await own.call('get', '/auth/identities', undefined, bearer(accessToken)).expect(200)).body
    clock.advance(301)
    const { body } = await own.call('delete', `/auth/identities/${mine.id}`, undefined, bearer(accessToken)).expect(403)
    expect(body.code).toBe('STEP_UP_REQUIRED')
  })

  test('LAST_CREDENTIAL: the last way in stays', async () => {
    const { accessToken, user } = await signInAt(t, 'okta', okta, person())
    const [only] = await identities(accessToken)
    const refused = await t.call('delete', `/auth/identities/${only.id}`, undefined, bearer(accessToken)).expect(409)
    expect(refused.body.code).toBe('LAST_CREDENTIAL')
    await t.auth.users.setPassword(user.id, PASSWORD)
    const { body } = await t.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)
    await t.call('delete', `/auth/identities/${only.id}`, undefined, bearer(body.accessToken)).expect(204)
    expect(await identities(body.accessToken)).toEqual([])
    expect((await sentTo(t, user.email!, 'identity_changed')).message.text).toContain('Disconnected: okta')
    await t.call('delete', `/auth/identities/${only.id}`, undefined, bearer(body.accessToken)).expect(404)
  })

  test('of two, racing removals leave one', async () => {
    const first = await signInAt(t, 'okta', okta, person())
    await t.auth.identities.link(first.user.id, { provider: 'okta', providerUserId: `second-${first.user.id}` })
    const both = await identities(first.accessToken)
    const answers = await Promise.all(both.map(({ id }: { id: string }) => t.call('delete', `/auth/identities/${id}`, undefined, bearer(first.accessToken))))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
  })

  test("an identity of a provider that is no longer configured is no way in, and another's is not there", async () => {
    const mine = await signInAt(t, 'okta', okta, person())
    await t.prisma.authIdentity.createMany({
      data: [{ id: `gone-${mine.user.id}`, userId: mine.user.id, provider: 'https://gone.example', providerUserId: mine.user.id, createdAt: clock.now() }],
    })
    const own = (await identities(mine.accessToken)).find(({ provider }: { provider: string }) => provider === 'okta')
    await t.call('delete', `/auth/identities/${own.id}`, undefined, bearer(mine.accessToken)).expect(409)
    const { accessToken } = await signUp(t)
    await t.call('delete', `/auth/identities/${own.id}`, undefined, bearer(accessToken)).expect(404)
  })

  test('R-072: who is deleted leaves no identity, and comes back as a new user', async () => {
    const someone = person()
    const first = await signInAt(t, 'okta', okta, someone)
    await t.auth.users.delete(first.user.id)
    expect(await t.prisma.authIdentity.count({ where: { providerUserId: someone.sub } })).toBe(0)
    expect((await signInAt(t, 'okta', okta, someone)).user.id).not.toBe(first.user.id)
  })
})

test('auth.identities: list, link and unlink, for the app', async () => {
  const user = await t.auth.users.create({ email: freshEmail(), password: PASSWORD })
  await t.auth.identities.link(user.id, { provider: 'okta', providerUserId: `svc-${user.id}`, email: 'A@Example.com' })
  const [made] = await t.auth.identities.list(user.id)
  expect(made).toMatchObject({ provider: 'okta', providerUserId: `svc-${user.id}`, email: 'a@example.com', lastUsedAt: null })
  expect((await signInAt(t, 'okta', okta, { sub: `svc-${user.id}` })).user.id).toBe(user.id)
  const other = await t.auth.users.create({ email: freshEmail() })
  await expect(t.auth.identities.link(other.id, { provider: 'okta', providerUserId: `svc-${user.id}` })).rejects.toMatchObject({ code: 'IDENTITY_TAKEN' })
  await expect(t.auth.identities.link(other.id, { provider: 'unknown', providerUserId: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(t.auth.identities.link('nobody', { provider: 'okta', providerUserId: 'y' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await t.auth.identities.unlink(user.id, made!.id)
  expect(await t.auth.identities.list(user.id)).toEqual([])
  await expect(t.auth.identities.unlink(user.id, made!.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
