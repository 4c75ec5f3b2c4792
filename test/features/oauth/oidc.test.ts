import { AuthError, oidc } from '../../../src/index.ts'
import { begin, comeBack, cookieHeader, cookiesOf, signInAt, visit } from '../../support/federated.ts'
import { bearer, createClock, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { type StandIn, startProvider } from '../../support/oidc-stand-in.ts'

const APP = 'https://app.example.com'
const clock = createClock()
let okta: StandIn
let corp: StandIn
let t: TestApp
const providers = () => [
  oidc({ id: 'okta', issuer: okta.issuer, clientId: okta.clientId, clientSecret: okta.secret }),
  oidc({ id: 'corp', issuer: corp.issuer, clientId: corp.clientId, clientSecret: corp.secret }),
]
const someone = (email = freshEmail()) => ({ sub: `sub-${email}`, email, email_verified: true })

beforeAll(async () => {
  okta = await startProvider({ now: clock.now })
  corp = await startProvider({ now: clock.now })
  t = await makeApp({ clock, options: { appUrl: APP, providers: providers() } })
})
afterAll(() => Promise.all([okta.close(), corp.close()]))
beforeEach(() => {
  for (const provider of [okta, corp]) Object.assign(provider.state, { lie: {}, override: {}, userinfo: undefined })
})

test('R-130: every trip has its own state, nonce and S256 challenge, in a cookie that only this browser has', async () => {
  const [first, second] = [await t.call('get', '/auth/oauth/okta').expect(302), await begin(t, 'okta')]
  const asked = new URL(String(first.headers.location))
  expect(asked.origin + asked.pathname).toBe(`${okta.issuer}/authorize`)
  const query = Object.fromEntries(asked.searchParams)
  expect(query).toMatchObject({ response_type: 'code', client_id: 'client', scope: 'openid email profile', code_challenge_method: 'S256' })
  expect(query.redirect_uri).toBe('https://api.example.com/auth/oauth/okta/callback')
  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(query[name]).toMatch(/^[\w-]{43}$/)
    expect(new URL(second.url).searchParams.get(name)).not.toBe(query[name])
  }
  const [line] = first.headers['set-cookie'] as unknown as string[]
  expect(line).toMatch(/^__Host-lk\.oauth\.[0-9a-f]{8}=v1\..+; Max-Age=600; Path=\/;.* HttpOnly; Secure; SameSite=Lax$/)
  expect(line).not.toContain(query.state)
})

test('a newcomer signs up with the profile, and the next time signs in to the same account', async () => {
  const person = { ...someone(), name: 'Ada Lovelace', picture: 'https://img.example/a.png', locale: 'en-GB', role: 'admin', nickname: '<b>' }
  const first = await signInAt(t, 'okta', okta, person)
  expect(first).toMatchObject({ status: 'signed_in', user: { email: person.email, emailVerified: true }, session: { amr: ['fed'] } })
  const registered = t.events.filter(({ name }) => name === 'user.registered').at(-1)!.event
  expect(registered.profile).toEqual({ name: 'Ada Lovelace', avatarUrl: 'https://img.example/a.png', locale: 'en-GB' })
  const again = await signInAt(t, 'okta', okta, { ...person, email: freshEmail() })
  expect(again.user.id).toBe(first.user.id)
  await t.call('post', '/auth/login', { email: person.email, password: '' }).expect(422)
  await t.call('post', '/auth/login', { email: person.email, password: PASSWORD }).expect(401)
})

test('the exchange code works once, for a minute, and says nothing else', async () => {
  const back = await visit(t, 'okta', okta, someone(), '?redirectTo=/welcome?a=1')
  const target = new URL(String(back.headers.location))
  expect([target.origin, target.pathname, [...target.searchParams.keys()]]).toEqual([APP, '/welcome', ['a', 'code']])
  expect(cookiesOf(back)).toEqual({})
  const code = target.searchParams.get('code')!
  const { body } = await t.call('post', '/auth/oauth/exchange', { code }).expect(200)
  await t.call('get', '/private', undefined, bearer(body.accessToken)).expect(200)
  const again = await t.call('post', '/auth/oauth/exchange', { code }).expect(401)
  expect(again.body.code).toBe('CODE_INVALID')
  const late = new URL(String((await visit(t, 'okta', okta, someone())).headers.location)).searchParams.get('code')!
  clock.advance(61)
  await t.call('post', '/auth/oauth/exchange', { code: late }).expect(401)
  await t.call('post', '/auth/oauth/exchange', { code: 'lko_x' }).expect(401)
})

test('cookie transport signs in on the way back; an exchange may set cookies too', async () => {
  const own = await makeApp({ clock, options: { appUrl: APP, providers: providers(), transport: { default: 'cookie' } } })
  const back = await visit(own, 'okta', okta, someone())
  expect([back.status, back.headers.location]).toEqual([302, `${APP}/`])
  const cookies = cookiesOf(back)
  expect(Object.keys(cookies).sort()).toEqual(['__Host-lk.access', '__Host-lk.refresh'])
  const { body } = await own.call('get', '/private', undefined, cookieHeader(cookies)).expect(200)
  expect(body.session.amr).toEqual(['fed'])
  const exchanged = await t.call(
    'post',
    '/auth/oauth/exchange',
    { code: new URL(String((await visit(t, 'okta', okta, someone())).headers.location)).searchParams.get('code') },
    { 'x-auth-transport': 'cookie' },
  )
  expect(Object.keys(cookiesOf(exchanged)).sort()).toEqual(['__Host-lk.access', '__Host-lk.refresh'])
  expect(exchanged.body.accessToken).toBeUndefined()
})

describe('R-130: a callback without its own live trip signs nobody in', () => {
  const refusal = async (answer: ReturnType<typeof comeBack>) => {
    const { headers } = await answer.expect(302)
    expect(cookiesOf({ headers })).toEqual({})
    return new URL(String(headers.location)).searchParams.get('error')
  }
  test('no cookie, another browser, another state, none, after ten minutes, a second time', async () => {
    const sessions = () => t.prisma.authSession.count()
    const before = await sessions()
    const [mine, other] = [await begin(t, 'okta'), await begin(t, 'okta')]
    const params = okta.agree(mine.url, someone())
    expect(await refusal(comeBack(t, 'okta', params))).toBe('OAUTH_STATE_INVALID')
    expect(await refusal(comeBack(t, 'okta', params, other.cookie))).toBe('OAUTH_STATE_INVALID')
    expect(await refusal(comeBack(t, 'okta', { ...params, state: 'x' }, mine.cookie))).toBe('OAUTH_STATE_INVALID')
    expect(await refusal(comeBack(t, 'okta', { code: params.code }, mine.cookie))).toBe('OAUTH_STATE_INVALID')
    expect(await refusal(comeBack(t, 'okta', params, { cookie: mine.cookie.cookie.slice(0, -3) }))).toBe('OAUTH_STATE_INVALID')
    clock.advance(601)
    expect(await refusal(comeBack(t, 'okta', params, mine.cookie))).toBe('OAUTH_STATE_INVALID')
    expect(await sessions()).toBe(before)
    const trip = await begin(t, 'okta')
    const good = okta.agree(trip.url, someone())
    await comeBack(t, 'okta', good, trip.cookie).expect(302)
    expect(await refusal(comeBack(t, 'okta', good, trip.cookie))).toBe('OAUTH_STATE_INVALID')
    expect(await sessions()).toBe(before + 1)
  })

  test('without appUrl the refusal is a problem document', async () => {
    const own = await makeApp({ clock, options: { providers: providers() } })
    const { body } = await comeBack(own, 'okta', { code: 'x', state: 'x' }).expect(401)
    expect(body.code).toBe('OAUTH_STATE_INVALID')
  })

  test('R-131: the state of one provider at the callback of another, and a foreign or missing iss', async () => {
    const trip = await begin(t, 'okta')
    const params = okta.agree(trip.url, someone())
    expect(await refusal(comeBack(t, 'corp', params, trip.cookie))).toBe('OAUTH_STATE_INVALID')
    expect(await refusal(comeBack(t, 'okta', { ...params, iss: corp.issuer }, trip.cookie))).toBe('PROVIDER_ERROR')
    const second = await begin(t, 'okta')
    const { iss: _iss, ...bare } = okta.agree(second.url, someone())
    expect(await refusal(comeBack(t, 'okta', bare, second.cookie))).toBe('PROVIDER_ERROR')
  })
})

test('R-130: twenty callbacks with one code at once end in one session', async () => {
  const before = await t.prisma.authSession.count()
  const trip = await begin(t, 'okta')
  const params = okta.agree(trip.url, someone())
  const answers = await Promise.all(Array.from({ length: 20 }, () => comeBack(t, 'okta', params, trip.cookie)))
  expect(answers.filter(({ headers }) => String(headers.location).includes('?code='))).toHaveLength(1)
  expect(answers.every(({ status }) => status === 302)).toBe(true)
  expect(await t.prisma.authSession.count()).toBe(before + 1)
})

test('F-09: ten first visits of one person at once make one account and one identity', async () => {
  const person = someone()
  const trips = await Promise.all(Array.from({ length: 10 }, () => begin(t, 'okta')))
  const answers = await Promise.all(trips.map((trip) => comeBack(t, 'okta', okta.agree(trip.url, person), trip.cookie)))
  expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(302))
  expect(await t.prisma.authUser.count({ where: { email: person.email } })).toBe(1)
  expect(await t.prisma.authIdentity.count({ where: { providerUserId: person.sub } })).toBe(1)
})

test('F-09: sign-ups by password and first visits of one address at once end in one account', async () => {
  const email = freshEmail()
  const trips = await Promise.all(Array.from({ length: 8 }, () => begin(t, 'okta')))
  const answers = await Promise.all([
    ...trips.map((trip) => comeBack(t, 'okta', okta.agree(trip.url, someone(email)), trip.cookie)),
    ...Array.from({ length: 8 }, () => t.call('post', '/auth/signup', { email, password: PASSWORD })),
  ])
  expect(answers.filter(({ status }) => status >= 500)).toEqual([])
  expect(await t.prisma.authUser.count({ where: { email } })).toBe(1)
  expect(await t.prisma.authIdentity.count({ where: { providerUserId: `sub-${email}` } })).toBe(1)
  expect(await signInAt(t, 'okta', okta, someone(email))).toMatchObject({ status: 'signed_in', user: { email, emailVerified: true } })
})

describe('R-132: an ID token that was tampered with is refused', () => {
  const seconds = () => Math.floor(clock.now().getTime() / 1000)
  test.each([
    ['another issuer', () => ({ claims: { iss: corp.issuer } })],
    ['another audience', () => ({ claims: { aud: 'another' } })],
    ['no audience', () => ({ without: ['aud'] })],
    ['several audiences without azp', () => ({ claims: { aud: ['client', 'another'] } })],
    ['another party', () => ({ claims: { azp: 'another' } })],
    ['another nonce', () => ({ claims: { nonce: 'x' } })],
    ['no nonce', () => ({ without: ['nonce'] })],
    ['an end that is past', () => ({ claims: { iat: seconds() - 600, exp: seconds() - 1 } })],
    ['no end', () => ({ without: ['exp'] })],
    ['a start in the future', () => ({ claims: { iat: seconds() + 300, exp: seconds() + 900 } })],
    ['no subject', () => ({ without: ['sub'] })],
    ['a shared secret instead of the key', () => ({ alg: 'HS256' })],
    ['a key that is not theirs', () => ({ foreignKey: true })],
    ['an unknown key id', () => ({ foreignKey: true, kid: 'unknown' })],
    ['no signature', () => ({ idToken: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"x"}').toString('base64url')}.` })],
    ['no token', () => ({ idToken: '' })],
  ])('%s', async (_what, lie) => {
    okta.state.lie = lie()
    const before = await t.prisma.authUser.count()
    expect(await signInAt(t, 'okta', okta, someone())).toEqual({ error: 'PROVIDER_ERROR' })
    expect(await t.prisma.authUser.count()).toBe(before)
  })

  test('the honest one is taken, also with several audiences and the right azp', async () => {
    okta.state.lie = { claims: { aud: ['client', 'another'], azp: 'client' } }
    expect(await signInAt(t, 'okta', okta, someone())).toMatchObject({ status: 'signed_in' })
  })

  test('a discovery document of another issuer is refused', async () => {
    const liar = await startProvider({ now: clock.now, metadata: { issuer: 'https://another.example' } })
    const own = await makeApp({ clock, options: { appUrl: APP, providers: [oidc({ id: 'liar', issuer: liar.issuer, clientId: 'client' })] } })
    const { headers } = await own.call('get', '/auth/oauth/liar?redirectTo=/in').expect(302)
    expect(headers.location).toBe(`${APP}/in?error=PROVIDER_ERROR`)
    const bare = await makeApp({ clock, options: { providers: [oidc({ id: 'liar', issuer: liar.issuer, clientId: 'client' })] } })
    expect((await bare.call('get', '/auth/oauth/liar').expect(502)).body.code).toBe('PROVIDER_ERROR')
    await liar.close()
  })
})

test('R-133: the same subject at two providers is two people, and another issuer behind the same id finds none of them', async () => {
  const sub = `shared-${freshEmail()}`
  const one = await signInAt(t, 'okta', okta, { sub, email: freshEmail(), email_verified: true })
  const two = await signInAt(t, 'corp', corp, { sub, email: freshEmail(), email_verified: true })
  expect(two.user.id).not.toBe(one.user.id)
  const moved = await makeApp({
    clock,
    options: { appUrl: APP, providers: [oidc({ id: 'okta', issuer: corp.issuer, clientId: 'client', clientSecret: corp.secret })] },
  })
  expect((await signInAt(moved, 'okta', corp, { sub })).user.id).toBe(two.user.id)
})

describe('R-134: an address links only where both sides have proved it', () => {
  test.each([
    ['false', false],
    ['missing', undefined],
    ['the text true', 'true'],
    ['1', 1],
    ['null', null],
  ])('email_verified %s does not', async (_what, email_verified) => {
    const email = freshEmail()
    const owner = await t.auth.users.create({ email, password: PASSWORD, emailVerified: true })
    expect(await signInAt(t, 'okta', okta, { sub: `x-${email}`, email, email_verified })).toEqual({ error: 'PROVIDER_EMAIL_NOT_VERIFIED' })
    expect(await t.prisma.authIdentity.count({ where: { userId: owner.id } })).toBe(0)
    const free = freshEmail()
    const made = await signInAt(t, 'okta', okta, { sub: `x-${free}`, email: free, email_verified })
    expect(made.user).toMatchObject({ email: free, emailVerified: false })
  })

  test('verified on both sides does, and the owner is told', async () => {
    const email = freshEmail()
    const owner = await t.auth.users.create({ email, password: PASSWORD, emailVerified: true })
    const answer = await signInAt(t, 'okta', okta, someone(email))
    expect(answer.user.id).toBe(owner.id)
    await t.mailbox.settle()
    expect(t.mailbox.last(email, 'identity_changed')!.text).toContain('Connected: okta')
    await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  })

  test('who made an account with an address that nobody proved loses everything to its owner', async () => {
    const email = freshEmail()
    const squatter = await signUp(t, { email })
    const answer = await signInAt(t, 'okta', okta, someone(email))
    expect(answer.user).toMatchObject({ id: squatter.user.id, emailVerified: true })
    await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(401)
    await t.call('get', '/private', undefined, bearer(squatter.accessToken)).expect(401)
    expect(await t.prisma.authIdentity.count({ where: { userId: squatter.user.id } })).toBe(1)
  })

  test('linkByEmail: false never does', async () => {
    const own = await makeApp({
      clock,
      options: { appUrl: APP, providers: [oidc({ id: 'corp', issuer: corp.issuer, clientId: 'client', clientSecret: corp.secret, linkByEmail: false })] },
    })
    const email = freshEmail()
    await own.auth.users.create({ email, emailVerified: true })
    expect(await signInAt(own, 'corp', corp, someone(email))).toEqual({ error: 'EMAIL_TAKEN' })
  })

  test('the userinfo endpoint may tell the address, of the same person only', async () => {
    const email = freshEmail()
    okta.state.userinfo = { sub: `u-${email}`, email, email_verified: true }
    expect((await signInAt(t, 'okta', okta, { sub: `u-${email}` })).user).toMatchObject({ email, emailVerified: true })
    okta.state.userinfo = { sub: 'another', email: freshEmail(), email_verified: true }
    expect(await signInAt(t, 'okta', okta, { sub: `v-${email}` })).toEqual({ error: 'PROVIDER_ERROR' })
    // one place does not vouch for what only the other names.
    const victim = await t.auth.users.create({ email: freshEmail(), emailVerified: true })
    okta.state.userinfo = { sub: `w-${email}`, email: victim.email, email_verified: false }
    expect(await signInAt(t, 'okta', okta, { sub: `w-${email}`, email_verified: true })).toEqual({ error: 'PROVIDER_EMAIL_NOT_VERIFIED' })
  })
})

describe('sign-up rules hold for people from a provider', () => {
  const appWith = (options: Parameters<typeof makeApp>[0] & object) => makeApp({ clock, ...options })
  test('closed, by invitation only, vetoed, and per provider', async () => {
    const base = { appUrl: APP, providers: providers() }
    const closed = await appWith({ options: { ...base, signup: { enabled: false } } })
    expect(await signInAt(closed, 'okta', okta, someone())).toEqual({ error: 'FEATURE_DISABLED' })
    const invited = await appWith({ options: { ...base, signup: { invitationOnly: true } } })
    expect(await signInAt(invited, 'okta', okta, someone())).toEqual({ error: 'INVITATION_REQUIRED' })
    const seen: unknown[] = []
    const vetoed = await appWith({
      options: {
        ...base,
        hooks: {
          'signup.before': ({ profile }) => {
            seen.push(profile)
            throw new AuthError('SIGNUP_REJECTED')
          },
        },
      },
    })
    expect(await signInAt(vetoed, 'okta', okta, { ...someone(), name: 'Eve' })).toEqual({ error: 'SIGNUP_REJECTED' })
    expect(seen).toEqual([{ name: 'Eve' }])
    const none = await appWith({
      options: { appUrl: APP, providers: [oidc({ id: 'okta', issuer: okta.issuer, clientId: 'client', clientSecret: okta.secret, allowSignup: false })] },
    })
    expect(await signInAt(none, 'okta', okta, someone())).toEqual({ error: 'SIGNUP_REJECTED' })
  })

  test('blocked domains are blocked; a person without an address gets an account all the same', async () => {
    const own = await appWith({ options: { appUrl: APP, providers: providers(), signup: { blockDisposable: true } } })
    await own.auth.emailDomains.block(['throwaway.example'])
    expect(await signInAt(own, 'okta', okta, { sub: 'd', email: 'a@throwaway.example', email_verified: true })).toEqual({ error: 'EMAIL_DOMAIN_BLOCKED' })
    expect((await signInAt(own, 'okta', okta, { sub: `bare-${freshEmail()}` })).user).toMatchObject({ email: null })
  })

  test('a suspended account stays out', async () => {
    const person = someone()
    const { user } = await signInAt(t, 'okta', okta, person)
    await t.auth.users.suspend(user!.id)
    expect(await signInAt(t, 'okta', okta, person)).toEqual({ error: 'ACCOUNT_SUSPENDED' })
  })
})

describe('R-136: redirectTo is a path or at a trusted origin, to the letter', () => {
  test.each([
    'https://evil.example',
    'https://app.example.com.evil.example',
    'https://app.example.com@evil.example',
    'https://app.example.com:8443/',
    'http://app.example.com/',
    'HTTPS://APP.EXAMPLE.COM/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    ' https://app.example.com',
    '/a\tb',
    'javascript:alert(1)',
    'data:text/html,x',
    'app.example.com',
    'https:app.example.com',
    'https://user:pw@app.example.com/',
    `/${'x'.repeat(1100)}`,
    '',
  ])('%s is refused', async (redirectTo) => {
    await t.call('get', `/auth/oauth/okta?redirectTo=${encodeURIComponent(redirectTo)}`).expect(422)
  })

  test('a Host header changes nothing, and a trusted origin is allowed', async () => {
    const own = await makeApp({ clock, options: { appUrl: APP, trustedOrigins: ['https://other.example'], providers: providers() } })
    const { headers } = await own.call('get', '/auth/oauth/okta', undefined, { host: 'evil.example', 'x-forwarded-host': 'evil.example' }).expect(302)
    expect(new URL(String(headers.location)).searchParams.get('redirect_uri')).toBe('https://api.example.com/auth/oauth/okta/callback')
    const back = await visit(own, 'okta', okta, someone(), '?redirectTo=https://other.example/in')
    expect(String(back.headers.location)).toMatch(/^https:\/\/other\.example\/in\?code=lko_/)
    await own.call('get', '/auth/oauth/okta?redirectTo=a&redirectTo=b').expect(422)
  })
})

test('R-138: what a provider says went wrong is not repeated', async () => {
  const trip = await begin(t, 'okta')
  const { state, iss } = okta.agree(trip.url)
  const text = '<script>alert(1)</script>'
  const back = await comeBack(t, 'okta', { state, iss, error: text, error_description: text }, trip.cookie).expect(302)
  expect(back.headers.location).toBe(`${APP}/?error=PROVIDER_ERROR`)
  const denied = await begin(t, 'okta')
  const answer = await comeBack(t, 'okta', { state: okta.agree(denied.url).state, iss, error: 'access_denied' }, denied.cookie).expect(302)
  expect(answer.headers.location).toBe(`${APP}/?error=PROVIDER_DENIED`)
})

test('a public client and further parameters; those that keep a trip safe are not the app to set', async () => {
  const own = oidc({ id: 'okta', issuer: okta.issuer, clientId: 'client', authorizationParams: { prompt: 'login', acr_values: 'mfa' } })
  const app = await makeApp({ clock, options: { appUrl: APP, providers: [own] } })
  expect(Object.fromEntries(new URL((await begin(app, 'okta')).url).searchParams)).toMatchObject({ prompt: 'login', acr_values: 'mfa' })
  expect(await signInAt(app, 'okta', okta, someone())).toMatchObject({ status: 'signed_in' })
  expect(okta.bodies.at(-1)).toMatchObject({ client_id: 'client' })
  expect(okta.bodies.at(-1)).not.toHaveProperty('client_secret')
  const bad = oidc({ id: 'okta', issuer: 'http://okta.example', clientId: 'x', scope: ['email'], authorizationParams: { state: 'x' } })
  const message = await makeApp({ options: { providers: [bad] } }).catch((error: Error) => error.message)
  for (const line of [/issuer: must be an https URL/, /scope: must hold 'openid'/, /authorizationParams\.state: /]) expect(message).toMatch(line)
})

test('where an address must be confirmed first, who comes with an unverified one waits, in any transport', async () => {
  for (const transport of ['bearer', 'cookie'] as const) {
    const app = await makeApp({
      clock,
      options: { appUrl: APP, providers: providers(), emailVerification: { required: true }, transport: { default: transport } },
    })
    const email = freshEmail()
    const back = await visit(app, 'okta', okta, { sub: `w-${email}`, email, email_verified: false })
    expect(String(back.headers['set-cookie'])).not.toContain('lk.access')
    const code = new URL(String(back.headers.location)).searchParams.get('code')
    const { body } = await app.call('post', '/auth/oauth/exchange', { code }, { 'x-auth-transport': 'bearer' }).expect(202)
    expect(body).toEqual({ status: 'verification_required' })
    await app.mailbox.settle()
    expect(app.mailbox.last(email, 'verify_email')).toBeDefined()
    const verified = await visit(app, 'okta', okta, someone())
    const way = transport === 'cookie' ? String(verified.headers['set-cookie']) : String(verified.headers.location)
    expect(way).toContain(transport === 'cookie' ? 'lk.access' : '?code=lko_')
  }
})

test('a provider that is not configured is not there; without any the feature is off', async () => {
  await t.call('get', '/auth/oauth/unknown').expect(404)
  expect((await t.call('get', '/auth/config')).body.providers).toEqual(['okta', 'corp'])
  const off = await makeApp({ clock })
  expect((await off.call('get', '/auth/oauth/okta').expect(404)).body.code).toBe('FEATURE_DISABLED')
})

test('R-134: a verified email of an account whose owner proved only a phone makes an account of its own', async () => {
  const own = await makeApp({
    clock,
    options: {
      appUrl: APP,
      identifiers: { email: true, phone: true },
      providers: [oidc({ id: 'okta', issuer: okta.issuer, clientId: okta.clientId, clientSecret: okta.secret })],
    },
  })
  const email = freshEmail()
  const other = await own.auth.users.create({ email, phone: '+4915199887766', phoneVerified: true })
  const signedIn = await signInAt(own, 'okta', okta, someone(email))
  expect(signedIn.user).toMatchObject({ email, emailVerified: true, phone: null })
  expect(signedIn.user.id).not.toBe(other.id)
  expect(await own.auth.users.get(other.id)).toMatchObject({ email: null, phoneVerified: true })
})

test('R-130: two tabs of one browser may both be on their way; trips that never ended do not pile up', async () => {
  const [first, second] = [await begin(t, 'okta'), await begin(t, 'okta')]
  const jar = { cookie: `${first.cookie.cookie}; ${second.cookie.cookie}` }
  for (const trip of [second, first]) {
    const back = await comeBack(t, 'okta', okta.agree(trip.url, someone()), jar)
    expect(new URL(String(back.headers.location)).searchParams.has('code')).toBe(true)
  }
  const many: string[] = []
  for (let i = 0; i < 4; i++) many.push(String((await begin(t, 'okta')).cookie.cookie))
  const answer = await t.call('get', '/auth/oauth/okta', undefined, { cookie: many.join('; ') }).expect(302)
  const lines = answer.headers['set-cookie'] as unknown as string[]
  expect(lines.filter((line) => /^__Host-lk\.oauth\.[0-9a-f]{8}=;/.test(line))).toHaveLength(4)
  expect(lines.filter((line) => /^__Host-lk\.oauth\.[0-9a-f]{8}=v1/.test(line))).toHaveLength(1)
})
