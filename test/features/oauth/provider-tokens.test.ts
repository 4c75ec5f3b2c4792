import { google, oidc } from '../../../src/index.ts'
import { signInAt } from '../../support/federated.ts'
import { bearer, createClock, freshEmail, makeApp, type TestApp } from '../../support/make-app.ts'
import { type StandIn, startProvider } from '../../support/oidc-stand-in.ts'

const clock = createClock()
let okta: StandIn
let t: TestApp
const provider = (rest: object = {}) =>
  oidc({ id: 'okta', issuer: okta.issuer, clientId: okta.clientId, clientSecret: okta.secret, scope: ['openid', 'email', 'offline_access'], ...rest })

beforeEach(async () => {
  okta = await startProvider({ now: clock.now, metadata: { authorization_response_iss_parameter_supported: false } })
  t = await makeApp({ clock, options: { appUrl: 'https://app.example.com', providers: [provider({ storeTokens: true })] } })
})
afterEach(() => okta.close())
const person = (email = freshEmail()) => ({ sub: `sub-${email}`, email, email_verified: true })
const rowOf = (userId: string) => t.prisma.authIdentity.findFirst({ where: { userId } })

test('R-137: tokens are stored only where asked for, encrypted, and reach no browser', async () => {
  const who = person()
  const { user, accessToken } = await signInAt(t, 'okta', okta, who)
  const row = await rowOf(user.id)
  expect(row!.tokens).toMatch(/^v1\./)
  expect(JSON.stringify(row)).not.toMatch(/access-1|refresh-1/)
  for (const path of ['/auth/identities', '/auth/me', '/auth/me/export']) {
    const { text } = await t.call('get', path, undefined, bearer(accessToken)).expect(200)
    expect(text).not.toMatch(/access-1|refresh-1|v1\./)
  }
  expect(JSON.stringify([t.events, t.logs, (await t.auth.audit.query({ userId: user.id })).data])).not.toMatch(/access-1|refresh-1/)
  const plain = await makeApp({ clock, options: { appUrl: 'https://app.example.com', providers: [provider()] } })
  await signInAt(plain, 'okta', okta, who)
  expect((await rowOf(user.id))!.tokens).toBeNull()
  await expect(t.auth.identities.accessToken(user.id, 'okta')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a token serves until shortly before its end, and is then renewed once however many ask', async () => {
  const { user } = await signInAt(t, 'okta', okta, person())
  const ask = () => t.auth.identities.accessToken(user.id, 'okta')
  expect(await ask()).toEqual({ accessToken: 'access-1', expiresAt: new Date(clock.now().getTime() + 3_600_000), scope: null })
  clock.advance(3600 - 59)
  const answers = await Promise.all(Array.from({ length: 10 }, ask))
  expect(new Set(answers.map(({ accessToken }) => accessToken))).toEqual(new Set(['access-2']))
  expect(okta.bodies.filter(({ grant_type }) => grant_type === 'refresh_token')).toHaveLength(1)
  clock.advance(3600)
  expect((await ask()).accessToken).toBe('access-3')
})

test('two processes that renew at once end with the same token', async () => {
  const { user } = await signInAt(t, 'okta', okta, person())
  const other = await makeApp({ clock, options: { appUrl: 'https://app.example.com', providers: [provider({ storeTokens: true })] } })
  clock.advance(3600)
  await Promise.all([t, other].map(({ auth }) => auth.identities.accessToken(user.id, 'okta')))
  const [one, two] = [await t.auth.identities.accessToken(user.id, 'okta'), await other.auth.identities.accessToken(user.id, 'okta')]
  expect(one).toEqual(two)
})

test('a renewal does not write over what a sign-in brought in the meantime', async () => {
  const who = person()
  const { user } = await signInAt(t, 'okta', okta, who)
  clock.advance(3600)
  okta.state.override['/token'] = (_req, res) => {
    okta.state.override = {}
    const late = { access_token: 'late', token_type: 'Bearer', expires_in: 3600 }
    signInAt(t, 'okta', okta, who).then(() => res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(late)))
  }
  expect((await t.auth.identities.accessToken(user.id, 'okta')).accessToken).toBe('access-2')
  expect((await t.auth.identities.accessToken(user.id, 'okta')).accessToken).toBe('access-2')
})

test('what the provider does not renew is PROVIDER_ERROR, and nothing is lost', async () => {
  const { user } = await signInAt(t, 'okta', okta, person())
  clock.advance(3600)
  okta.state.override['/token'] = (_req, res) => void res.writeHead(500).end()
  await expect(t.auth.identities.accessToken(user.id, 'okta')).rejects.toMatchObject({ code: 'PROVIDER_ERROR' })
  okta.state.override = {}
  expect((await t.auth.identities.accessToken(user.id, 'okta')).accessToken).toBe('access-2')
  await t.prisma.authIdentity.updateMany({ where: { userId: user.id }, data: { tokens: 'v1.x.y.z' } })
  await expect(t.auth.identities.accessToken(user.id, 'okta')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(t.auth.identities.accessToken(user.id, 'unknown')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a later sign-in without a refresh token keeps the one there is; a strategy renews too', async () => {
  const places = { authorizationURL: `${okta.issuer}/authorize`, tokenURL: `${okta.issuer}/token`, userProfileURL: `${okta.issuer}/userinfo` }
  const own = await makeApp({
    clock,
    options: { appUrl: 'https://app.example.com', providers: [google({ clientId: 'client', clientSecret: 'x', storeTokens: true, ...places })] },
  })
  const sub = `g-${freshEmail()}`
  okta.state.userinfo = { sub }
  const { user } = await signInAt(own, 'google', okta, { sub })
  const answer = { access_token: 'later', token_type: 'Bearer', expires_in: 10 }
  okta.state.override['/token'] = (_req, res) => void res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  await signInAt(own, 'google', okta, { sub })
  okta.state.override = {}
  expect((await own.auth.identities.accessToken(user.id, 'google')).accessToken).toBe('access-2')
})
