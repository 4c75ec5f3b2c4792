import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, importSPKI, jwtVerify } from 'jose'
import { Strategy as FacebookStrategy } from 'passport-facebook'
import { Strategy as GithubStrategy } from 'passport-github2'
import { type AuthOptions, apple, github, google, oauth } from '../../../src/index.ts'
import { begin, comeBack, cookieHeader, cookiesOf, signInAt } from '../../support/federated.ts'
import { createClock, freshEmail, makeApp, PASSWORD, type TestApp } from '../../support/make-app.ts'
import { type StandIn, startProvider } from '../../support/oidc-stand-in.ts'

const APP = 'https://app.example.com'
const clock = createClock()
let there: StandIn

beforeAll(async () => {
  there = await startProvider({ now: clock.now, metadata: { authorization_response_iss_parameter_supported: false } })
})
afterAll(() => there.close())
beforeEach(() => Object.assign(there.state, { lie: {}, override: {}, userinfo: undefined }))

const appWith = (providers: AuthOptions['providers'] & object, rest: Partial<AuthOptions> = {}) =>
  makeApp({ clock, options: { appUrl: APP, providers, ...rest } })
const answer = (path: string, body: unknown, status = 200) => {
  there.state.override[path] = (_req, res) => void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
const endpoints = () => ({ authorizationURL: `${there.issuer}/authorize`, tokenURL: `${there.issuer}/token` })
const asked = (url: string) => Object.fromEntries(new URL(url).searchParams)

describe('google(), on passport-google-oauth20', () => {
  const provider = (rest: object = {}) =>
    google({
      clientId: 'client',
      clientSecret: 'google-secret',
      nativeClientIds: ['ios'],
      ...endpoints(),
      userProfileURL: `${there.issuer}/userinfo`,
      issuer: there.issuer,
      jwksURL: `${there.issuer}/jwks`,
      ...rest,
    })
  let t: TestApp
  beforeAll(async () => {
    t = await appWith([provider()])
  })

  test('signs up with the address and the profile', async () => {
    const email = freshEmail()
    const sub = `g-${email}`
    there.state.userinfo = { sub, email, email_verified: true, name: 'Grace Hopper', given_name: 'Grace', picture: 'https://lh3.example/a', locale: 'en' }
    const { user, session } = await signInAt(t, 'google', there, { sub })
    expect([user.email, user.emailVerified, session.amr]).toEqual([email, true, ['fed']])
    const profile = { name: 'Grace Hopper', givenName: 'Grace', avatarUrl: 'https://lh3.example/a', locale: 'en' }
    expect(t.events.filter(({ name }) => name === 'user.registered').at(-1)!.event.profile).toEqual(profile)
    expect(there.bodies.at(-1)).toMatchObject({ client_id: 'client', client_secret: 'google-secret', grant_type: 'authorization_code' })
    expect((await signInAt(t, 'google', there, { sub })).user.id).toBe(user.id)
  })

  test('R-130: state and an S256 challenge go out, and both are needed on the way back', async () => {
    const trip = await begin(t, 'google')
    expect(asked(trip.url)).toMatchObject({
      response_type: 'code',
      redirect_uri: 'https://api.example.com/auth/oauth/google/callback',
      scope: 'openid email profile',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
    })
    const other = await begin(t, 'google')
    const params = there.agree(trip.url, { sub: 'x' })
    expect((await comeBack(t, 'google', params, other.cookie)).headers.location).toBe(`${APP}/?error=OAUTH_STATE_INVALID`)
    // The code of one trip with the state of another: the verifier does not fit.
    const mixed = { ...params, state: asked(other.url).state! }
    expect((await comeBack(t, 'google', mixed, other.cookie)).headers.location).toBe(`${APP}/?error=PROVIDER_ERROR`)
  })

  test.each([false, undefined, 'true', 1])('R-134: email_verified %p links nothing', async (email_verified) => {
    const email = freshEmail()
    await t.auth.users.create({ email, password: PASSWORD, emailVerified: true })
    there.state.userinfo = { sub: `h-${email}`, email, email_verified }
    expect(await signInAt(t, 'google', there, { sub: 'h' })).toEqual({ error: 'PROVIDER_EMAIL_NOT_VERIFIED' })
  })

  test('a native app brings an ID token for its own client id', async () => {
    const email = freshEmail()
    const idToken = await there.idToken({ person: { sub: `n-${email}`, email, email_verified: true }, clientId: 'ios' })
    const { body } = await t.call('post', '/auth/oauth/google/token', { idToken }).expect(200)
    expect(body.user).toMatchObject({ email, emailVerified: true })
    const foreign = await there.idToken({ person: { sub: 'n' }, clientId: 'another' })
    await t.call('post', '/auth/oauth/google/token', { idToken: foreign }).expect(401)
  })

  test('R-139: redirects of its endpoints are not followed, long answers not read, and silence not waited for', async () => {
    const refused = { error: 'PROVIDER_ERROR' }
    there.state.override['/token'] = (_req, res) => void res.writeHead(302, { location: `${there.issuer}/userinfo` }).end('access_token=x')
    expect(await signInAt(t, 'google', there, { sub: 'r' })).toEqual(refused)
    there.state.override = { '/userinfo': (_req, res) => void res.writeHead(200).end(Buffer.alloc(1_200_000, 32)) }
    expect(await signInAt(t, 'google', there, { sub: 'r' })).toEqual(refused)
    there.state.override = { '/userinfo': () => undefined }
    const start = performance.now()
    expect(await signInAt(t, 'google', there, { sub: 'r' })).toEqual(refused)
    expect(performance.now() - start).toBeLessThan(6000)
    answer('/userinfo', { name: 'nobody' })
    expect(await signInAt(t, 'google', there, { sub: 'r' })).toEqual(refused)
  })

  test('left alone it goes to Google', async () => {
    const own = await appWith([google({ clientId: 'client', clientSecret: 'x' })])
    expect((await begin(own, 'google')).url).toMatch(/^https:\/\/accounts\.google\.com\/o\/oauth2\/v2\/auth\?/)
    const offline = await appWith([google({ clientId: 'client', clientSecret: 'x', storeTokens: true })])
    expect(asked((await begin(offline, 'google')).url)).toMatchObject({ access_type: 'offline', prompt: 'consent' })
  })
})

describe('github()', () => {
  const provider = () => github({ clientId: 'client', clientSecret: 'x', ...endpoints(), userProfileURL: `${there.issuer}/user` })
  const emails = (email: string, verified: unknown) => [
    { email: `other.${email}`, primary: false, verified: true },
    { email, primary: true, verified },
  ]
  let t: TestApp
  beforeAll(async () => {
    t = await appWith([provider()])
  })
  let id = 1000
  const signIn = (list: unknown, status = 200) => {
    answer('/user', { id: ++id, login: 'octo', name: 'Octo Cat', avatar_url: 'https://avatars.example/1', email: 'public@example.com' })
    answer('/user/emails', list, status)
    return signInAt(t, 'github', there, { sub: 'unused' })
  }

  test('takes the primary address where GitHub has verified it, under the number of the account', async () => {
    const email = freshEmail()
    const { user } = await signIn(emails(email, true))
    expect([user.email, user.emailVerified]).toEqual([email, true])
    expect((await t.auth.identities.list(user.id))[0]).toMatchObject({ provider: 'github', providerUserId: String(id), email })
    expect(t.events.filter(({ name }) => name === 'user.registered').at(-1)!.event.profile).toEqual({
      name: 'Octo Cat',
      username: 'octo',
      avatarUrl: 'https://avatars.example/1',
    })
    const trip = await begin(t, 'github')
    expect(asked(trip.url)).toMatchObject({ scope: 'read:user user:email', code_challenge_method: 'S256' })
  })

  test('R-134: an address that it has not verified links nothing, and the public one proves nothing', async () => {
    const email = freshEmail()
    await t.auth.users.create({ email, password: PASSWORD, emailVerified: true })
    expect(await signIn(emails(email, 'true'))).toEqual({ error: 'PROVIDER_EMAIL_NOT_VERIFIED' })
    expect((await signIn({ message: 'no' }, 403)).user.email).toBeNull()
  })

  test('has no ID tokens', async () => {
    const { body } = await t.call('post', '/auth/oauth/github/token', { idToken: 'x' }).expect(404)
    expect(body.code).toBe('FEATURE_DISABLED')
  })
})

describe('apple()', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const provider = () =>
    apple({
      clientId: 'client',
      teamId: 'TEAM',
      keyId: 'KEY',
      privateKey: pem,
      nativeClientIds: ['com.example.ios'],
      issuer: there.issuer,
      ...endpoints(),
      jwksURL: `${there.issuer}/jwks`,
    })
  let t: TestApp
  beforeAll(async () => {
    t = await appWith([provider()], { transport: { default: 'cookie' } })
  })
  const post = (params: object, headers: object) =>
    t
      .call('post', '/auth/oauth/apple/callback', undefined, {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'https://appleid.apple.com',
        'sec-fetch-site': 'cross-site',
        ...headers,
      })
      .send(new URLSearchParams(params as Record<string, string>).toString())

  test('its answer is posted from its own site, with the name the first time', async () => {
    const email = freshEmail()
    const out = await t.call('get', '/auth/oauth/apple').expect(302)
    const url = String(out.headers.location)
    expect(asked(url)).toMatchObject({ response_mode: 'form_post', scope: 'name email', nonce: expect.any(String), code_challenge_method: 'S256' })
    expect(String(out.headers['set-cookie'])).toContain('SameSite=None')
    const { iss: _iss, ...params } = there.agree(url, { sub: `a-${email}`, email, email_verified: 'true' })
    const user = JSON.stringify({ name: { firstName: 'Tim', lastName: 'Apple' }, email: 'evil@example.com' })
    const back = await post({ ...params, user }, cookieHeader(cookiesOf(out)))
    expect([back.status, back.headers.location]).toEqual([302, `${APP}/`])
    const { body } = await t.call('get', '/auth/me', undefined, cookieHeader(cookiesOf(back))).expect(200)
    expect(body.user ?? body).toMatchObject({ email, emailVerified: true })
    expect(t.events.filter(({ name }) => name === 'user.registered').at(-1)!.event.profile).toEqual({
      name: 'Tim Apple',
      givenName: 'Tim',
      familyName: 'Apple',
    })
  })

  test('the client secret is a short-lived token that the team has signed', async () => {
    const out = await t.call('get', '/auth/oauth/apple').expect(302)
    const { iss: _iss, ...params } = there.agree(String(out.headers.location), { sub: `b-${freshEmail()}` })
    await post(params, cookieHeader(cookiesOf(out))).expect(302)
    const secret = there.bodies.at(-1)!.client_secret!
    expect(decodeProtectedHeader(secret)).toEqual({ alg: 'ES256', kid: 'KEY' })
    const key = await importSPKI(publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'ES256')
    await jwtVerify(secret, key, { issuer: 'TEAM', subject: 'client', audience: there.issuer, currentDate: clock.now() })
    const { iat = 0, exp = 0 } = decodeJwt(secret)
    expect(exp - iat).toBe(300)
  })

  test('a form without the cookie, an odd name and a JSON body sign nobody in', async () => {
    const out = await t.call('get', '/auth/oauth/apple').expect(302)
    const { iss: _iss, ...params } = there.agree(String(out.headers.location), { sub: `c-${freshEmail()}` })
    expect((await post(params, {})).headers.location).toBe(`${APP}/?error=OAUTH_STATE_INVALID`)
    const json = await t.call('post', '/auth/oauth/apple/callback', params, cookieHeader(cookiesOf(out))).expect(302)
    expect(json.headers.location).toBe(`${APP}/?error=OAUTH_STATE_INVALID`)
    const odd = await post({ ...params, user: '{"name":{"firstName":{"a":1}}' }, cookieHeader(cookiesOf(out)))
    expect(odd.headers.location).toBe(`${APP}/`)
  })

  test('a native app brings an ID token for its bundle', async () => {
    const email = freshEmail()
    const idToken = await there.idToken({ person: { sub: `d-${email}`, email, email_verified: 'false' }, nonce: 'n', clientId: 'com.example.ios' })
    const { body } = await t.call('post', '/auth/oauth/apple/token', { idToken, nonce: 'n' }, { 'x-auth-transport': 'bearer' }).expect(200)
    expect(body.user).toMatchObject({ email, emailVerified: false })
  })

  test('needs secure cookies and a key that is one', async () => {
    await expect(appWith([provider()], { cookies: { secure: false } })).rejects.toThrow(/cookies\.secure: apple posts its answer/)
    await expect(appWith([apple({ clientId: 'x', teamId: 'x', keyId: 'x', privateKey: 'no key' })])).rejects.toThrow(/providers\.0 \(apple\)\.privateKey/)
  })
})

describe('oauth(), with any Passport OAuth 2.0 strategy', () => {
  test('the recipe for passport-github2', async () => {
    const email = freshEmail()
    const t = await appWith([
      oauth({
        id: 'github-two',
        strategy: GithubStrategy,
        options: {
          clientID: 'client',
          clientSecret: 'x',
          scope: ['user:email'],
          allRawEmails: true,
          ...endpoints(),
          userProfileURL: `${there.issuer}/user`,
          userEmailURL: `${there.issuer}/user/emails`,
        },
        profile: ({ id, displayName, username, emails = [] }) => {
          const primary = emails.find((one: { primary: boolean }) => one.primary)
          return { id, email: primary?.value, emailVerified: primary?.verified, name: displayName, username }
        },
      }),
    ])
    answer('/user', { id: 77, login: 'octo', name: 'Octo' })
    answer('/user/emails', [{ email, primary: true, verified: true }])
    const { user } = await signInAt(t, 'github-two', there, { sub: 'unused' })
    expect([user.email, user.emailVerified]).toEqual([email, true])
    expect((await t.auth.identities.list(user.id))[0]).toMatchObject({ provider: 'github-two', providerUserId: '77' })
    expect(asked((await begin(t, 'github-two')).url)).toMatchObject({ code_challenge_method: 'S256', state: expect.any(String), scope: 'user:email' })
  })

  test('the recipe for passport-facebook, whose addresses nobody vouches for', async () => {
    const email = freshEmail()
    const t = await appWith([
      oauth({
        id: 'facebook',
        strategy: FacebookStrategy,
        options: {
          clientID: 'client',
          clientSecret: 'x',
          scope: ['email'],
          enableProof: true,
          profileFields: ['id', 'displayName', 'emails'],
          ...endpoints(),
          profileURL: `${there.issuer}/me`,
        },
        profile: ({ id, displayName, emails }) => ({ id, name: displayName, email: emails?.[0]?.value }),
      }),
    ])
    answer('/me', { id: '88', name: 'Mark', email })
    const { user } = await signInAt(t, 'facebook', there, { sub: 'unused' })
    expect([user.email, user.emailVerified]).toEqual([email, false])
    const trip = await begin(t, 'facebook')
    const denied = await comeBack(t, 'facebook', { state: asked(trip.url).state!, error: 'access_denied' }, trip.cookie)
    expect(denied.headers.location).toBe(`${APP}/?error=PROVIDER_DENIED`)
  })

  test('a profile function that fails or gives no id signs nobody in', async () => {
    const base = { strategy: GithubStrategy, options: { clientID: 'c', clientSecret: 'x', ...endpoints(), userProfileURL: `${there.issuer}/user` } }
    const t = await appWith([
      oauth({ ...base, id: 'failing', profile: () => Promise.reject(new Error('no')) }),
      oauth({ ...base, id: 'nameless', profile: () => ({ id: '' }) }),
    ])
    answer('/user', { id: 99 })
    for (const id of ['failing', 'nameless']) expect(await signInAt(t, id, there, { sub: 'x' })).toEqual({ error: 'PROVIDER_ERROR' })
  })
})

test('options that are not right are all named at the start', async () => {
  class NoOauth {
    authenticate() {}
  }
  const refused = appWith([
    google({ clientId: '', clientSecret: 'x', redirectUri: 'x' } as never),
    github({ clientId: 'x' } as never),
    oauth({ id: 'Odd Id', strategy: GithubStrategy, options: {}, profile: (x) => x }),
    oauth({ id: 'bare', strategy: GithubStrategy, options: {}, profile: (x) => x }),
    oauth({ id: 'other', strategy: NoOauth, options: {}, profile: (x) => x }),
    github({ clientId: 'x', clientSecret: 'x', tokenURL: 'http://github.example/token' }),
    { id: 'made-up' } as never,
  ])
  await expect(refused).rejects.toThrow(/providers\.6: must come from google\(\)/)
  const message = await appWith(
    [
      google({ clientId: '', clientSecret: 'x', redirectUri: 'x' } as never),
      github({ clientId: 'x' } as never),
      oauth({ id: 'Odd Id', strategy: GithubStrategy, options: {}, profile: (x) => x }),
      oauth({ id: 'bare', strategy: GithubStrategy, options: {}, profile: (x) => x }),
      oauth({ id: 'other', strategy: NoOauth, options: {}, profile: (x) => x }),
      github({ id: 'plain', clientId: 'x', clientSecret: 'x', tokenURL: 'http://github.example/token' }),
      github({ id: 'twice', clientId: 'x', clientSecret: 'x' }),
      github({ id: 'twice', clientId: 'x', clientSecret: 'x' }),
    ],
    { mfa: { trustProviders: ['nobody'] }, baseUrl: undefined as never },
  ).catch((error: Error) => error.message)
  for (const line of [
    /providers\.0 \(google\)\.clientId: is needed/,
    /providers\.0 \(google\)\.redirectUri: there is no such option/,
    /providers\.1 \(github\)\.clientSecret/,
    /providers\.2 \(Odd Id\)\.id: must be/,
    /providers\.3 \(bare\)\.strategy: .*clientID/,
    /providers\.4 \(other\)\.strategy: is not built on passport-oauth2/,
    /providers\.5 \(plain\)\.tokenURL: must be an https URL/,
    /providers: there are two with the id 'twice'/,
    /mfa\.trustProviders: there is no provider nobody/,
    /baseUrl: providers send people back to it/,
  ])
    expect(message).toMatch(line)
})
