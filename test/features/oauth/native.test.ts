import { oidc } from '../../../src/index.ts'
import { bearer, createClock, freshEmail, makeApp, PASSWORD, type TestApp } from '../../support/make-app.ts'
import { type Lie, type Person, type StandIn, startProvider } from '../../support/oidc-stand-in.ts'

const clock = createClock()
let okta: StandIn
let t: TestApp
const providers = () => [oidc({ id: 'okta', issuer: okta.issuer, clientId: 'client', nativeClientIds: ['ios', 'android'] })]

beforeAll(async () => {
  okta = await startProvider({ now: clock.now })
  t = await makeApp({ clock, options: { providers: providers() } })
})
afterAll(() => okta.close())

const person = (email = freshEmail()): Person => ({ sub: `sub-${email}`, email, email_verified: true })
const tokenFor = (who: Person, lie: Lie = {}, nonce?: string, clientId = 'ios') => okta.idToken({ person: who, nonce, clientId }, lie)
const send = (idToken: string, rest: object = {}) => t.call('post', '/auth/oauth/okta/token', { idToken, ...rest })
const seconds = () => Math.floor(clock.now().getTime() / 1000)

test('a native app signs in with an ID token for any of our client ids, a web client with its own', async () => {
  const who = person()
  const first = await send(await tokenFor(who)).expect(200)
  expect(first.body).toMatchObject({ status: 'signed_in', user: { email: who.email, emailVerified: true }, session: { amr: ['fed'] } })
  for (const clientId of ['android', 'client']) {
    const { body } = await send(await tokenFor(who, {}, undefined, clientId)).expect(200)
    expect(body.user.id).toBe(first.body.user.id)
  }
  await t.call('get', '/private', undefined, bearer(first.body.accessToken)).expect(200)
})

describe('R-132: an ID token that does not hold is refused, and nobody is made of it', () => {
  test.each<[string, () => Lie]>([
    ['another issuer', () => ({ claims: { iss: 'https://another.example' } })],
    ['no issuer', () => ({ without: ['iss'] })],
    ['another audience', () => ({ claims: { aud: 'another' } })],
    ['an audience that is no text', () => ({ claims: { aud: { ios: 1 } } })],
    ['several audiences without azp', () => ({ claims: { aud: ['ios', 'another'] } })],
    ['another party', () => ({ claims: { azp: 'another' } })],
    ['an end that is now', () => ({ claims: { exp: seconds() } })],
    ['no end', () => ({ without: ['exp'] })],
    ['an end that is text', () => ({ claims: { exp: `${seconds() + 300}` } })],
    ['issued more than ten minutes ago', () => ({ claims: { iat: seconds() - 601, exp: seconds() + 300 } })],
    ['issued in the future', () => ({ claims: { iat: seconds() + 61 } })],
    ['not valid yet', () => ({ claims: { nbf: seconds() + 61 } })],
    ['no issue time', () => ({ without: ['iat'] })],
    ['no subject', () => ({ claims: { sub: '' } })],
    ['a long subject', () => ({ claims: { sub: 'x'.repeat(256) } })],
    ['a shared secret instead of the key', () => ({ alg: 'HS256' })],
    ['a key that is not theirs', () => ({ foreignKey: true })],
    ['an unknown key id', () => ({ kid: 'unknown', foreignKey: true })],
    ['a nonce that nobody asked for', () => ({ claims: { nonce: 'x' } })],
  ])('%s', async (_what, lie) => {
    const who = person()
    const answer = await send(await tokenFor(who, lie())).expect(401)
    expect(answer.body.code).toBe('TOKEN_INVALID')
    expect(await t.prisma.authUser.count({ where: { email: String(who.email) } })).toBe(0)
  })

  test('no signature, and what is no token', async () => {
    const [, claims] = (await tokenFor(person())).split('.')
    for (const token of [`${Buffer.from('{"alg":"none"}').toString('base64url')}.${claims}.`, 'a.b.c', 'x', `${claims}`]) await send(token).expect(401)
  })

  test('the nonce of token and request must agree', async () => {
    await send(await tokenFor(person(), {}, 'n-1'), { nonce: 'n-1' }).expect(200)
    await send(await tokenFor(person(), {}, 'n-1'), { nonce: 'n-2' }).expect(401)
    await send(await tokenFor(person()), { nonce: 'n-1' }).expect(401)
    await send(await tokenFor(person(), { claims: { nonce: { n: 1 } } }), { nonce: 'n-1' }).expect(401)
  })
})

test.each([false, undefined, 'true', 1])('R-134: email_verified %p links nothing', async (email_verified) => {
  const email = freshEmail()
  await t.auth.users.create({ email, password: PASSWORD, emailVerified: true })
  const refused = await send(await tokenFor({ ...person(email), email_verified })).expect(403)
  expect(refused.body.code).toBe('PROVIDER_EMAIL_NOT_VERIFIED')
})

test('R-140: new keys are read when a token names one, at most twice a minute; the last good ones serve while the provider is down', async () => {
  const own = await startProvider({ now: clock.now })
  const app = await makeApp({ clock, options: { providers: [oidc({ id: 'own', issuer: own.issuer, clientId: 'ios' })] } })
  const sendOwn = (idToken: string) => app.call('post', '/auth/oauth/own/token', { idToken })
  const token = (lie: Lie = {}) => own.idToken({ person: person(), clientId: 'ios' }, lie)
  await sendOwn(await token()).expect(200)
  expect(own.hits['/jwks']).toBe(1)
  await own.rotate('two')
  await Promise.all(Array.from({ length: 10 }, async () => sendOwn(await token({ kid: 'made-up', foreignKey: true })).expect(401)))
  expect(own.hits['/jwks']).toBe(1)
  clock.advance(31)
  await sendOwn(await token()).expect(200)
  for (let round = 0; round < 10; round++) await sendOwn(await token({ kid: `made-up-${round}`, foreignKey: true })).expect(401)
  expect(own.hits['/jwks']).toBe(2)
  own.state.override['/jwks'] = (_req, res) => void res.writeHead(500).end()
  own.state.override['/.well-known/openid-configuration'] = own.state.override['/jwks']!
  clock.advance(4000)
  await sendOwn(await token()).expect(200)
  expect(own.hits['/jwks']).toBe(3)
  await own.close()
  clock.advance(4000)
  await sendOwn(await token()).expect(200)
})
