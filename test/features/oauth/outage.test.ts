import { inspect } from 'node:util'
import { google, oidc } from '../../../src/index.ts'
import { begin, comeBack, visit } from '../../support/federated.ts'
import { createClock, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { type StandIn, startProvider } from '../../support/oidc-stand-in.ts'

const APP = 'https://app.example.com'
const clock = createClock()
let okta: StandIn
let t: TestApp

beforeEach(async () => {
  okta = await startProvider({ now: clock.now })
  t = await makeApp({
    clock,
    options: { appUrl: APP, providers: [oidc({ id: 'okta', issuer: okta.issuer, clientId: okta.clientId, clientSecret: okta.secret })] },
  })
})
afterEach(() => okta.close())

const person = () => ({ sub: freshEmail(), email: freshEmail(), email_verified: true })
const refused = `${APP}/?error=PROVIDER_ERROR`

async function timed<T>(work: () => PromiseLike<T>) {
  const start = performance.now()
  return { answer: await work(), ms: performance.now() - start }
}

/** Back at the callback, with the provider as it is by then. */
async function back(prepare: () => unknown) {
  const trip = await begin(t, 'okta')
  const params = okta.agree(trip.url, person())
  await prepare()
  const { answer, ms } = await timed(() => comeBack(t, 'okta', params, trip.cookie))
  expect([answer.status, answer.headers.location]).toEqual([302, refused])
  expect(ms).toBeLessThan(6000)
  return ms
}

describe('F-15, R-139: a provider that is', () => {
  test('down: the way out and the way back end with a code, and other ways in are as ever', async () => {
    const email = freshEmail()
    await signUp(t, { email })
    await back(() => okta.close())
    const fresh = await makeApp({ clock, options: { appUrl: APP, providers: [oidc({ id: 'okta', issuer: okta.issuer, clientId: 'client' })] } })
    const out = await fresh.call('get', '/auth/oauth/okta?redirectTo=/in').expect(302)
    expect(out.headers.location).toBe(`${APP}/in?error=PROVIDER_ERROR`)
    await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  })

  test('silent: it is waited for five seconds, and nobody else waits', async () => {
    const email = freshEmail()
    await signUp(t, { email })
    okta.state.override['/token'] = () => undefined
    const trip = await begin(t, 'okta')
    const [slow, quick] = await Promise.all([
      timed(() => comeBack(t, 'okta', okta.agree(trip.url, person()), trip.cookie)),
      timed(() => t.call('post', '/auth/login', { email, password: PASSWORD })),
    ])
    expect(slow.answer.headers.location).toBe(refused)
    expect(slow.ms).toBeGreaterThan(4500)
    expect(slow.ms).toBeLessThan(6000)
    expect([quick.answer.status, quick.ms < 3000]).toEqual([200, true])
  })

  test('dripping: a body that never ends is cut off', async () => {
    const ms = await back(() => {
      okta.state.override['/token'] = (_req, res) => {
        res.writeHead(200, { 'content-type': 'application/json' })
        const drip = setInterval(() => res.write(' '), 100)
        res.on('close', () => clearInterval(drip))
      }
    })
    expect(ms).toBeGreaterThan(4500)
  })

  test('redirecting at its token endpoint: not followed', async () => {
    let reached = 0
    const elsewhere = await startProvider({ now: clock.now })
    await back(() => {
      okta.state.override['/token'] = (_req, res) => void res.writeHead(302, { location: `${elsewhere.issuer}/token` }).end()
    })
    reached += elsewhere.hits['/token'] ?? 0
    expect(reached).toBe(0)
    await elsewhere.close()
  })

  test('talking without end: a key set of ten megabytes is not read to its end', async () => {
    let sent = 0
    await back(() => {
      okta.state.override['/jwks'] = (_req, res) => {
        res.writeHead(200, { 'content-type': 'application/json' })
        const chunk = Buffer.alloc(64 * 1024, 32)
        const more = () => {
          let hasRoom = true
          while (sent < 10_000_000 && hasRoom) {
            hasRoom = res.write(chunk)
            sent += chunk.length
          }
          if (sent >= 10_000_000) res.end()
        }
        res.on('drain', more)
        more()
      }
    })
    expect(sent).toBeLessThan(8_000_000) // a megabyte, and what the sockets hold
  })

  test.each([
    ['HTML', (res: import('node:http').ServerResponse) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Oops</h1>')],
    ['an error', (res: import('node:http').ServerResponse) => void res.writeHead(400, { 'content-type': 'application/json' }).end('{"error":"<b>no</b>"}')],
    ['a failure', (res: import('node:http').ServerResponse) => void res.writeHead(503).end()],
    [
      'half an answer',
      (res: import('node:http').ServerResponse) => void res.writeHead(200, { 'content-type': 'application/json', 'content-length': '999' }).end('{'),
    ],
  ])('answering %s', async (_what, answer) => {
    await back(() => {
      okta.state.override['/token'] = (_req, res) => answer(res)
    })
  })

  test('R-200: answering with tokens and something wrong: the log tells what, and never a token', async () => {
    const secrets = { access_token: 'secret-access', refresh_token: 'secret-refresh', token_type: 'Bearer', id_token: 'secret.id.token' }
    const places = { authorizationURL: `${okta.issuer}/authorize`, tokenURL: `${okta.issuer}/token`, userProfileURL: `${okta.issuer}/userinfo` }
    const both = await makeApp({
      clock,
      options: {
        appUrl: APP,
        providers: [
          oidc({ id: 'okta', issuer: okta.issuer, clientId: 'client', clientSecret: 'secret-client' }),
          google({ clientId: 'client', clientSecret: 'secret-client', ...places }),
        ],
      },
    })
    const send = (status: number, body: object) => {
      okta.state.override['/token'] = (_req, res) => void res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    okta.state.override['/userinfo'] = (_req, res) => void res.writeHead(401).end('no')
    for (const [status, body] of [
      [200, secrets],
      [200, { ...secrets, id_token: undefined }],
      [200, { ...secrets, token_type: 'odd' }],
      [400, { error: 'invalid_grant', error_description: 'secret-code', ...secrets }],
    ] as const) {
      send(status, body)
      for (const id of ['okta', 'google']) {
        const trip = await begin(both, id)
        const { iss, ...params } = okta.agree(trip.url, person())
        const back = await comeBack(both, id, { ...params, code: 'secret-code', ...(id === 'okta' && { iss }) }, trip.cookie)
        expect(back.headers.location).toBe(refused)
      }
    }
    const logged = inspect(both.logs, { depth: 20, showHidden: true })
    expect(logged).toContain('a federated sign-in was refused')
    expect(logged).not.toMatch(/secret[-.](access|refresh|id|client)/)
  })

  test('back again: the next person signs in', async () => {
    okta.state.override['/.well-known/openid-configuration'] = (_req, res) => void res.writeHead(500).end()
    expect((await t.call('get', '/auth/oauth/okta')).headers.location).toBe(refused)
    okta.state.override = {}
    const trip = await begin(t, 'okta')
    expect((await comeBack(t, 'okta', okta.agree(trip.url, person()), trip.cookie)).headers.location).toContain('?code=')
  })
})

test('what a hook collides with on the way back is logged, and the person goes back to the app', async () => {
  const collide = () => {
    throw Object.assign(new Error('of the app'), { code: 'P2002' })
  }
  const own = await makeApp({
    clock,
    options: {
      appUrl: APP,
      hooks: { 'user.afterCreate': collide },
      providers: [oidc({ id: 'okta', issuer: okta.issuer, clientId: okta.clientId, clientSecret: okta.secret })],
    },
  })
  const answer = await visit(own, 'okta', okta, person())
  expect([answer.status, answer.headers.location]).toEqual([302, `${APP}/?error=CONFLICT`])
  expect(own.logs.filter(({ level }) => level === 'error')).toMatchObject([{ fields: { err: { message: 'of the app' } } }])
})
