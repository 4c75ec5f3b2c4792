import { generateKeyPairSync } from 'node:crypto'
import { createAuthenticator, type Flaws } from '../../support/authenticator.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { sentTo } from '../../support/secrets.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: { passkeys: { enabled: true } } })
})

type Authenticator = ReturnType<typeof createAuthenticator>
async function register(t: TestApp, accessToken: string, key: Authenticator, { flaws = {}, name }: { flaws?: Flaws; name?: string } = {}) {
  const { body: begun } = await t.call('post', '/auth/passkeys/registration/options', undefined, bearer(accessToken)).expect(200)
  return t.call(
    'post',
    '/auth/passkeys/registration',
    { response: key.create(begun.options, flaws), ceremonyToken: begun.ceremonyToken, ...(name && { name }) },
    bearer(accessToken),
  )
}
/** Someone with a passkey. */
async function someone(t: TestApp, options: Parameters<typeof createAuthenticator>[0] = {}) {
  const email = freshEmail()
  const key = createAuthenticator(options)
  const { accessToken, user } = await signUp(t, { email })
  const { status, body } = await register(t, accessToken, key, { name: 'laptop' })
  expect(status).toBe(201)
  return { email, key, accessToken, userId: user.id, passkeyId: body.id as string }
}
const begin = async (t: TestApp, body = {}) => (await t.call('post', '/auth/passkeys/authentication/options', body).expect(200)).body
const answer = (t: TestApp, key: Authenticator, begun: { options: any; ceremonyToken: string }, flaws: Flaws = {}) =>
  t.call('post', '/auth/passkeys/authentication', { response: key.get(begun.options, flaws), ceremonyToken: begun.ceremonyToken })

test('a passkey is added after a recent sign-in, the owner told, and signs in without a name as two factors', async () => {
  const { email, key, accessToken, userId, passkeyId } = await someone(t)
  expect((await sentTo(t, email, 'passkey_changed')).message.text).toContain('Added: laptop')
  const { body } = await answer(t, key, await begin(t)).expect(200)
  expect(body).toMatchObject({ status: 'signed_in', user: { id: userId }, session: { amr: ['webauthn', 'mfa'] } })
  const list = await t.call('get', '/auth/passkeys', undefined, bearer(accessToken)).expect(200)
  expect(list.body).toEqual([expect.objectContaining({ id: passkeyId, name: 'laptop', deviceType: 'singleDevice', lastUsedAt: t.clock.now().toISOString() })])
  expect(t.events.map(({ name }) => name)).toEqual(expect.arrayContaining(['passkey.added', 'passkey.used']))
  t.clock.advance(901)
  const login = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  expect(login.body.status).toBe('signed_in')
  t.clock.advance(901)
  await t.call('post', '/auth/passkeys/registration/options', undefined, bearer(login.body.accessToken)).expect(401)
})

test('R-023: the options are the same for a known address, an unknown one and none', async () => {
  const { email } = await someone(t)
  const shape = ({ options, ...rest }: { options: { challenge: string } }) => ({ ...rest, ceremonyToken: 'x', options: { ...options, challenge: 'x' } })
  const known = shape(await begin(t, { email }))
  expect(shape(await begin(t, { email: freshEmail() }))).toEqual(known)
  expect(shape(await begin(t))).toEqual(known)
  expect(known.options).toMatchObject({ rpId: 'api.example.com', userVerification: 'preferred', allowCredentials: [] })
})

test('with an address only its own passkeys will do', async () => {
  const first = await someone(t)
  const second = await someone(t)
  await answer(t, second.key, await begin(t, { email: first.email })).expect(401)
  await answer(t, first.key, await begin(t, { email: freshEmail() })).expect(401)
  await answer(t, first.key, await begin(t, { email: first.email })).expect(200)
  await answer(t, first.key, await begin(t, { email: first.email }), { userHandle: null }).expect(200)
})

const wrong: [string, Flaws][] = [
  ['origin', { origin: 'https://evil.example' }],
  ['origin that looks alike', { origin: 'https://api.example.com.evil.example' }],
  ['scheme', { origin: 'http://api.example.com' }],
  ['domain', { rpId: 'evil.example' }],
  ['type', { type: 'webauthn.create' }],
  ['challenge', { challenge: 'AAAA' }],
  ['presence', { userPresent: false }],
  ['signature', { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
  ['credential', { credentialId: 'AAAA' }],
  ['user handle', { userHandle: Buffer.from('someone else').toString('base64url') }],
  ['user handle, left out where the passkey alone tells who it is,', { userHandle: null }],
]
test.each(wrong)('R-121: an assertion with a wrong %s is refused, and its challenge is gone', async (_what, flaws) => {
  const { key } = await someone(t)
  const begun = await begin(t)
  const refused = await answer(t, key, begun, flaws).expect(401)
  expect(refused.body.code).toBe('INVALID_CREDENTIALS')
  expect((await answer(t, key, begun).expect(401)).body.code).toBe('CEREMONY_INVALID')
})

test.each([
  ['origin', { origin: 'https://evil.example' }],
  ['domain', { rpId: 'evil.example' }],
  ['type', { type: 'webauthn.get' }],
  ['challenge', { challenge: 'AAAA' }],
  ['presence', { userPresent: false }],
] as [string, Flaws][])('R-121: a registration with a wrong %s is refused', async (_what, flaws) => {
  const { accessToken } = await signUp(t)
  const refused = await register(t, accessToken, createAuthenticator(), { flaws })
  expect([refused.status, refused.body.code]).toEqual([422, 'PASSKEY_INVALID'])
})

test('R-120: 50 answers to one challenge at once: one session; a challenge lives five minutes, for its own ceremony and session', async () => {
  const { key, accessToken, userId } = await someone(t)
  const begun = await begin(t)
  const response = key.get(begun.options)
  const all = await Promise.all(
    Array.from({ length: 50 }, () => t.call('post', '/auth/passkeys/authentication', { response, ceremonyToken: begun.ceremonyToken })),
  )
  expect(all.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(await t.prisma.authSession.count({ where: { userId, amr: 'webauthn mfa' } })).toBe(1)
  const late = await begin(t)
  t.clock.advance(300)
  await answer(t, key, late).expect(401)
  const fresh = await t.auth.sessions.create(userId)
  const registration = (await t.call('post', '/auth/passkeys/registration/options', undefined, bearer(fresh.accessToken)).expect(200)).body
  await answer(t, key, { options: { ...registration.options, rpId: 'api.example.com' }, ceremonyToken: registration.ceremonyToken }).expect(401)
  const authentication = await begin(t)
  const other = createAuthenticator()
  const cross = {
    response: other.create({ ...authentication.options, rp: { id: 'api.example.com' }, user: { id: 'x' } }),
    ceremonyToken: authentication.ceremonyToken,
  }
  await t.call('post', '/auth/passkeys/registration', cross, bearer(fresh.accessToken)).expect(401)
  const mine = (await t.call('post', '/auth/passkeys/registration/options', undefined, bearer(fresh.accessToken)).expect(200)).body
  const stranger = await signUp(t)
  await t
    .call('post', '/auth/passkeys/registration', { response: other.create(mine.options), ceremonyToken: mine.ceremonyToken }, bearer(stranger.accessToken))
    .expect(401)
  expect(accessToken).toBeTruthy()
})

test('R-122: a counter that does not grow is refused and signalled; 0 of a synced key is fine', async () => {
  const { key, userId, passkeyId } = await someone(t)
  await answer(t, key, await begin(t)).expect(200)
  await answer(t, key, await begin(t)).expect(200)
  key.countFrom(5)
  await answer(t, key, await begin(t)).expect(200)
  await answer(t, key, await begin(t), { counter: 6 }).expect(401)
  expect(t.events.filter(({ name }) => name === 'passkey.clone_suspected').map(({ event }) => event)).toEqual([expect.objectContaining({ userId, passkeyId })])
  expect((await t.auth.audit.query({ event: 'passkey.clone_suspected', userId })).data).toHaveLength(1)
})

test('R-123: names, list and removal are the owner’s alone; one passkey is registered once', async () => {
  const { key, accessToken, passkeyId } = await someone(t)
  const stranger = await signUp(t)
  await t.call('patch', `/auth/passkeys/${passkeyId}`, { name: 'mine' }, bearer(stranger.accessToken)).expect(404)
  await t.call('delete', `/auth/passkeys/${passkeyId}`, undefined, bearer(stranger.accessToken)).expect(404)
  const again = await register(t, stranger.accessToken, key)
  expect([again.status, again.body.detail]).toEqual([422, 'This passkey is registered already.'])
  expect((await t.call('patch', `/auth/passkeys/${passkeyId}`, { name: 'phone' }, bearer(accessToken)).expect(200)).body.name).toBe('phone')
  await t.call('delete', `/auth/passkeys/${passkeyId}`, undefined, bearer(accessToken)).expect(204)
  await answer(t, key, await begin(t)).expect(401)
})

test('R-123: the last way in cannot be removed, not even two at once', async () => {
  const user = await t.auth.users.create({ email: freshEmail(), emailVerified: true })
  const { accessToken } = await t.auth.sessions.create(user.id)
  const keys = [createAuthenticator(), createAuthenticator()]
  const ids: string[] = []
  for (const key of keys) ids.push((await register(t, accessToken, key)).body.id)
  const removed = await Promise.all(ids.map((id) => t.call('delete', `/auth/passkeys/${id}`, undefined, bearer(accessToken))))
  expect(removed.map(({ status }) => status).sort()).toEqual([204, 409])
  expect(removed.find(({ status }) => status === 409)!.body.code).toBe('LAST_CREDENTIAL')
  expect(await t.auth.passkeys.list(user.id)).toHaveLength(1)
  await t.auth.passkeys.remove(user.id, (await t.auth.passkeys.list(user.id))[0]!.id)
})

test('R-111, R-125: a passkey that did not verify its user is one factor: policy asks for a second', async () => {
  const app = await makeApp({ options: { passkeys: { enabled: true }, mfa: { required: 'all' } } })
  const user = await app.auth.users.create({ email: freshEmail(), emailVerified: true })
  const { accessToken } = await app.auth.sessions.create(user.id)
  const weak = createAuthenticator({ userVerified: false })
  expect((await register(app, accessToken, weak)).status).toBe(201)
  expect((await answer(app, weak, await begin(app)).expect(200)).body.status).toBe('mfa_enrollment_required')
  const strong = createAuthenticator()
  expect((await register(app, accessToken, strong)).status).toBe(201)
  expect((await answer(app, strong, await begin(app)).expect(200)).body).toMatchObject({ status: 'signed_in', session: { amr: ['webauthn', 'mfa'] } })
})

test('passkeys.secondFactor asks for it after the password; bound to that sign-in', async () => {
  const app = await makeApp({ options: { passkeys: { enabled: true, secondFactor: true } } })
  const { email, key } = await someone(app)
  const login = async () => (await app.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)).body
  const waiting = await login()
  expect(waiting).toMatchObject({ status: 'mfa_required', factors: [{ type: 'passkey' }] })
  const { body: begun } = await app.call('post', '/auth/mfa/challenge', { mfaToken: waiting.mfaToken, type: 'passkey' }).expect(200)
  expect(begun.options.allowCredentials).toEqual([{ id: key.credentialId, transports: ['internal'], type: 'public-key' }])
  const other = await login()
  const verify = (mfaToken: string, { options, ceremonyToken }: { options: any; ceremonyToken: string }) =>
    app.call('post', '/auth/mfa/verify', { mfaToken, passkey: key.get(options), ceremonyToken })
  await verify(other.mfaToken, begun).expect(401)
  const { body: again } = await app.call('post', '/auth/mfa/challenge', { mfaToken: waiting.mfaToken, type: 'passkey' }).expect(200)
  const { body } = await verify(waiting.mfaToken, again).expect(200)
  expect(body.session.amr).toEqual(['pwd', 'webauthn', 'mfa'])
})

test('R-075: where a passkey is asked for after the password, the password alone neither confirms nor is a full sign-in', async () => {
  const app = await makeApp({ options: { passkeys: { enabled: true, secondFactor: true } } })
  const { email, userId, passkeyId } = await someone(app)
  const { accessToken } = await app.auth.sessions.create(userId)
  const headers = bearer(accessToken)
  expect((await app.call('get', '/auth/confirm', undefined, headers).expect(200)).body).toMatchObject({ confirmed: false, methods: ['passkey'] })
  await app.call('post', '/auth/confirm', { password: PASSWORD }, headers).expect(422)
  expect((await app.call('delete', `/auth/passkeys/${passkeyId}`, undefined, headers).expect(403)).body.code).toBe('STEP_UP_REQUIRED')
  expect((await app.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)).body.status).toBe('mfa_required')
})

test('a passkey confirms (R-075)', async () => {
  const { key, userId } = await someone(t)
  const { accessToken, refreshToken } = await t.auth.sessions.create(userId)
  t.clock.advance(901)
  const { body: old } = await t.call('post', '/auth/refresh', { refreshToken }).expect(200)
  const headers = bearer(old.accessToken)
  expect((await t.call('get', '/auth/confirm', undefined, headers).expect(200)).body).toMatchObject({ confirmed: false, methods: ['passkey', 'password'] })
  const { body: begun } = await t.call('post', '/auth/mfa/challenge', { type: 'passkey' }, headers).expect(200)
  await t
    .call('post', '/auth/confirm', { passkey: key.get(begun.options, { origin: 'https://evil.example' }), ceremonyToken: begun.ceremonyToken }, headers)
    .expect(401)
  const { body: next } = await t.call('post', '/auth/mfa/challenge', { type: 'passkey' }, headers).expect(200)
  await t.call('post', '/auth/confirm', { passkey: key.get(next.options), ceremonyToken: next.ceremonyToken }, headers).expect(200)
  await t.call('delete', '/auth/me', undefined, headers).expect(204)
  expect(accessToken).toBeTruthy()
})

test('in cookie transport the ceremony token is a cookie', async () => {
  const { key } = await someone(t)
  const cookie = { 'x-auth-transport': 'cookie' }
  const begun = await t.call('post', '/auth/passkeys/authentication/options', {}, cookie).expect(200)
  expect(begun.body.ceremonyToken).toBeUndefined()
  const ceremony = (begun.headers['set-cookie'] as unknown as string[]).find((one) => one.startsWith('__Host-lk.ceremony='))!
  expect(ceremony).toMatch(/Max-Age=300;.*HttpOnly; Secure/)
  const response = key.get(begun.body.options)
  await t.call('post', '/auth/passkeys/authentication', { response }, cookie).expect(401)
  const { body } = await t.call('post', '/auth/passkeys/authentication', { response }, { ...cookie, cookie: ceremony.split(';')[0]! }).expect(200)
  expect(body.accessToken).toBeUndefined()
})

test('in cookie transport it is a cookie at /confirm and /mfa/verify too, gone after its use (R-075, R-120)', async () => {
  const app = await makeApp({ options: { passkeys: { enabled: true, secondFactor: true } } })
  const { key, email } = await someone(app)
  const cookie = { 'x-auth-transport': 'cookie' }
  const set = (answer: { headers: Record<string, unknown> }) => (answer.headers['set-cookie'] ?? []) as string[]
  const jar = (...answers: { headers: Record<string, unknown> }[]) => ({
    cookie: answers
      .flatMap(set)
      .map((one) => one.split(';')[0])
      .join('; '),
  })
  const cleared = expect.arrayContaining([expect.stringMatching(/^__Host-lk.ceremony=; .*Expires=Thu, 01 Jan 1970/)])

  const { body: login } = await app.call('post', '/auth/login', { email, password: PASSWORD }, cookie).expect(200)
  const { mfaToken } = login
  const begun = await app.call('post', '/auth/mfa/challenge', { mfaToken, type: 'passkey' }, cookie).expect(200)
  expect(Object.keys(begun.body)).toEqual(['options'])
  // The cookie alone proves nothing, and takes no try.
  await app.call('post', '/auth/mfa/verify', { mfaToken }, { ...cookie, ...jar(begun) }).expect(422)
  const signedIn = await app.call('post', '/auth/mfa/verify', { mfaToken, passkey: key.get(begun.body.options) }, { ...cookie, ...jar(begun) }).expect(200)
  expect(set(signedIn)).toEqual(cleared)

  app.clock.advance(901)
  const session = jar({ headers: { 'set-cookie': set(signedIn).filter((one) => !one.includes('ceremony')) } })
  const refreshed = await app.call('post', '/auth/refresh', {}, { ...cookie, ...session }).expect(200)
  const sameSite = { 'sec-fetch-site': 'same-origin' }
  const again = await app.call('post', '/auth/mfa/challenge', { type: 'passkey' }, { ...sameSite, ...jar(refreshed) }).expect(200)
  expect(Object.keys(again.body)).toEqual(['options'])
  const passkey = key.get(again.body.options)
  await app.call('post', '/auth/confirm', { passkey }, { ...sameSite, ...jar(refreshed) }).expect(401)
  const confirmed = await app.call('post', '/auth/confirm', { passkey }, { ...sameSite, ...jar(refreshed, again) }).expect(200)
  expect(set(confirmed)).toEqual(cleared)
})

test('in isolated mode a ceremony for one tenant signs in to no other', async () => {
  const app = await makeApp({ options: { passkeys: { enabled: true }, tenants: { mode: 'isolated' } } })
  const [one, two] = [await app.auth.tenants.create({ name: 'One' }), await app.auth.tenants.create({ name: 'Two' })]
  const user = await app.auth.users.create({ email: freshEmail(), password: PASSWORD, tenantId: one.id })
  const { accessToken } = await app.auth.sessions.create(user.id, { tenantId: one.id })
  const key = createAuthenticator()
  expect((await register(app, accessToken, key)).status).toBe(201)
  const enter = async (begun: { options: any; ceremonyToken: string }, body = {}) =>
    app.call('post', '/auth/passkeys/authentication', { response: key.get(begun.options), ceremonyToken: begun.ceremonyToken, ...body })
  expect((await enter(await begin(app, { tenant: two.slug }))).status).toBe(401)
  expect((await enter(await begin(app), { tenant: two.slug })).status).toBe(401)
  expect((await enter(await begin(app, { tenant: one.slug }), { tenant: one.id })).body).toMatchObject({ status: 'signed_in', session: { tenantId: one.id } })
})

test('a suspended account does not come in by passkey', async () => {
  const { key, userId } = await someone(t)
  await t.auth.users.suspend(userId)
  expect((await answer(t, key, await begin(t)).expect(403)).body.code).toBe('ACCOUNT_SUSPENDED')
})

test('rpId, rpName and origins are options, checked at the start; off by default', async () => {
  const app = await makeApp({ options: { passkeys: { enabled: true, rpId: 'example.com', rpName: 'Acme', origins: ['https://app.example.com'] } } })
  const { accessToken } = await signUp(app)
  const { body } = await app.call('post', '/auth/passkeys/registration/options', undefined, bearer(accessToken)).expect(200)
  expect(body.options.rp).toEqual({ id: 'example.com', name: 'Acme' })
  expect((await register(app, accessToken, createAuthenticator({ origin: 'https://app.example.com' }))).status).toBe(201)
  expect((await register(app, accessToken, createAuthenticator())).status).toBe(422)
  await expect(makeApp({ options: { passkeys: { enabled: true, rpId: 'other.com' } } })).rejects.toThrow('passkeys.origins')
  await expect(makeApp({ options: { passkeys: { enabled: true, origins: ['https://evil.example'] } } })).rejects.toThrow('https://evil.example')
  await expect(makeApp({ options: { baseUrl: undefined, passkeys: { enabled: true } } })).rejects.toThrow('passkeys.rpId')
  await expect(makeApp({ options: { baseUrl: 'http://example.com/auth', passkeys: { enabled: true } } })).rejects.toThrow('https and localhost')
  const off = await makeApp()
  await off.call('post', '/auth/passkeys/authentication/options', {}).expect(404)
})

describe('where a passkey is asked for after the password', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await makeApp({
      options: { passkeys: { enabled: true, secondFactor: true } },
      routes: (express, auth) => {
        express.get('/two', auth.requireMfa(), (_req, res) => void res.json({}))
        express.get('/recent', auth.requireStepUp(), (_req, res) => void res.json({}))
      },
    })
  })

  test('R-111: requireMfa tells who has one to show it, and who has none to set a factor up', async () => {
    const { accessToken } = await signUp(app)
    const ask = async () => (await app.call('get', '/two', undefined, bearer(accessToken)).expect(403)).body
    expect((await ask()).code).toBe('MFA_ENROLLMENT_REQUIRED')
    expect((await register(app, accessToken, createAuthenticator())).status).toBe(201)
    expect(await ask()).toMatchObject({ code: 'STEP_UP_REQUIRED', methods: ['passkey'] })
  })

  test('R-075: a session that was recent enough without is so no more from the moment there is one', async () => {
    const { email, accessToken } = await signUp(app).then(({ user, accessToken }) => ({ email: user.email, accessToken }))
    const other = (await app.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)).body.accessToken
    await app.call('get', '/recent', undefined, bearer(other)).expect(200)
    expect((await register(app, accessToken, createAuthenticator())).status).toBe(201)
    expect((await app.call('get', '/recent', undefined, bearer(other)).expect(403)).body).toMatchObject({ code: 'STEP_UP_REQUIRED', methods: ['passkey'] })
  })
})
