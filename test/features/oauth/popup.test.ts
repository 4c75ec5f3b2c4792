import { createHash } from 'node:crypto'
import { oidc } from '../../../src/index.ts'
import { begin, comeBack, cookieHeader, cookiesOf, visit } from '../../support/federated.ts'
import { createClock, freshEmail, makeApp, type TestApp } from '../../support/make-app.ts'
import { type StandIn, startProvider } from '../../support/oidc-stand-in.ts'

const clock = createClock()
let okta: StandIn
let t: TestApp
const providers = () => [oidc({ id: 'okta', issuer: okta.issuer, clientId: okta.clientId, clientSecret: okta.secret })]

beforeAll(async () => {
  okta = await startProvider({ now: clock.now })
  t = await makeApp({ clock, options: { appUrl: 'https://app.example.com/shop', trustedOrigins: ['https://other.example'], providers: providers() } })
})
afterAll(() => okta.close())

const person = () => ({ sub: freshEmail(), email: freshEmail(), email_verified: true })
const decoded = (text: string) => text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&')
function read(html: string) {
  const [, message = '', origin] = /data-message="([^"]*)" data-origin="([^"]*)"/.exec(html) ?? []
  return { message: JSON.parse(decoded(message)), origin }
}

test('regression 9: the popup posts to the one origin of appUrl, whoever opened it and wherever it should go', async () => {
  const answer = await visit(t, 'okta', okta, person(), '?popup=1&redirectTo=https://other.example/x')
  expect(answer.status).toBe(200)
  const { message, origin } = read(answer.text)
  expect([origin, message]).toEqual(['https://app.example.com', { type: 'latchkey', code: expect.stringMatching(/^lko_/) }])
  const { body } = await t.call('post', '/auth/oauth/exchange', { code: message.code }).expect(200)
  expect(body.status).toBe('signed_in')
  const [, script = ''] = /<script>([\s\S]*)<\/script>/.exec(answer.text) ?? []
  const policy = String(answer.headers['content-security-policy'])
  expect(policy).toContain(`'sha256-${createHash('sha256').update(script).digest('base64')}'`)
  expect(policy).not.toContain('unsafe-inline')
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
  // A handler that runs in the page is the only one; it names the origin and never a star.
  expect(script).toContain('postMessage(JSON.parse(message), origin)')
})

test('in cookie transport too the popup hands over a code and sets no session', async () => {
  const own = await makeApp({ clock, options: { appUrl: 'https://app.example.com', providers: providers(), transport: { default: 'cookie' } } })
  const answer = await visit(own, 'okta', okta, person(), '?popup=true')
  expect(read(answer.text).message.code).toMatch(/^lko_/)
  expect(String(answer.headers['set-cookie'])).not.toContain('lk.access')
})

test('R-070: a code exchanged for cookies ends the session that they replace; where the token is too long for one, the code is still good', async () => {
  let long = ''
  const own = await makeApp({
    clock,
    options: { appUrl: 'https://app.example.com', providers: providers(), hooks: { 'token.claims': () => ({ long }) } },
  })
  const ada = person()
  const visited = async () => ({ code: read((await visit(own, 'okta', okta, ada, '?popup=1')).text).message.code })
  const exchange = async (code: object, transport: string, cookies = {}) =>
    own.call('post', '/auth/oauth/exchange', code, { 'x-auth-transport': transport, ...cookies })
  const first = cookieHeader(cookiesOf(await exchange(await visited(), 'cookie')))
  await own.call('get', '/private', undefined, first).expect(200)
  long = 'x'.repeat(3000)
  const code = await visited()
  expect((await exchange(code, 'cookie', first)).status).toBe(500)
  await own.call('get', '/private', undefined, first).expect(200)
  expect((await exchange(code, 'bearer')).body.status).toBe('signed_in')
  long = ''
  expect((await exchange(await visited(), 'cookie', first)).status).toBe(200)
  expect((await own.call('get', '/private', undefined, first)).body.code).toBe('SESSION_REVOKED')
})

test('what goes wrong in a popup is told to its opener, by code', async () => {
  const trip = await begin(t, 'okta', '?popup=1')
  const { state } = okta.agree(trip.url, person())
  const answer = await comeBack(t, 'okta', { state, iss: okta.issuer, error: '</script><script>alert(1)</script>' }, trip.cookie).expect(200)
  expect(read(answer.text).message).toEqual({ type: 'latchkey', error: 'PROVIDER_ERROR' })
  expect(answer.text).not.toContain('alert(1)')
})

test('without appUrl there is nobody to post to', async () => {
  const own = await makeApp({ clock, options: { providers: providers() } })
  await own.call('get', '/auth/oauth/okta?popup=1').expect(422)
  await own.call('get', '/auth/oauth/okta?popup=0').expect(302)
})
