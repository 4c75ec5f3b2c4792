import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { bearer, freshEmail, makeApp, ownClient, ownDatabase, PASSWORD, signUp } from '../../support/make-app.ts'
import { alone } from '../../support/two-processes.ts'

type App = Awaited<ReturnType<typeof makeApp>>
type SignedUp = Awaited<ReturnType<typeof signUp>>
const get = (app: App, token: string) => app.call('get', '/private', undefined, bearer(token))

test.each(['EdDSA', 'ES256', 'RS256', 'HS256'] as const)('%s signs access tokens that jose agrees with (RFC 9068)', async (algorithm) => {
  const app = await makeApp({ options: { tokens: { algorithm, issuer: 'https://issuer.example', audience: 'my-api' } } })
  const { accessToken, user, session } = await signUp(app)
  await get(app, accessToken).expect(200)
  const header = decodeProtectedHeader(accessToken)
  expect(header).toEqual({ alg: algorithm, typ: 'at+jwt', kid: expect.any(String) })
  const jwks = await app.call('get', '/auth/.well-known/jwks.json').expect(200)
  expect(JSON.stringify(jwks.body)).not.toMatch(/"(d|p|q|k)":/)
  expect(jwks.headers['cache-control']).toMatch(/public, max-age=/)
  if (algorithm === 'HS256') return
  const { payload } = await jwtVerify(accessToken, createLocalJWKSet(jwks.body), {
    issuer: 'https://issuer.example',
    audience: 'my-api',
    typ: 'at+jwt',
    currentDate: app.clock.now(),
  })
  expect(payload).toMatchObject({ sub: user.id, sid: session.id, amr: ['pwd'], auth_time: payload.iat })
  // who and where from, and nothing about the person.
  expect(Object.keys(payload).sort()).toEqual(['amr', 'aud', 'auth_time', 'exp', 'iat', 'iss', 'sid', 'sub'])
})

test('D7: processes that start together agree on one key', async () => {
  const database = await ownDatabase()
  const clients = await Promise.all(Array.from({ length: 4 }, () => ownClient(database)))
  const apps = await Promise.all(clients.map((prisma) => makeApp({ prisma })))
  const answers = await Promise.all(
    apps.flatMap((app) => Array.from({ length: 4 }, () => app.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }))),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array(16).fill(201))
  expect(await clients[0]!.authSigningKey.count()).toBe(1)
  for (const app of apps) for (const { body } of answers.slice(0, 4)) await get(app, body.accessToken).expect(200)
}, 90_000)

describe('rotation', () => {
  test('R-095, F-07: by call: old tokens go on until they end, new ones carry the new kid, other processes learn it', async () => {
    const app = await makeApp()
    const other = await makeApp({ clock: app.clock })
    const before = await signUp(app)
    await get(other, before.accessToken).expect(200)
    const { kid } = await app.auth.keys.rotate()
    const after = await signUp(app)
    expect(decodeProtectedHeader(after.accessToken).kid).toBe(kid)
    for (const one of [app, other]) {
      await get(one, before.accessToken).expect(200)
      await eventually(async () => void (await get(one, after.accessToken).expect(200)))
    }
    const states = (await app.auth.keys.list()).map(({ state }) => state)
    expect(states).toEqual([...Array(states.length - 1).fill('retired'), 'current'])
    expect((await app.call('get', '/auth/.well-known/jwks.json')).body.keys.map((key: { kid: string }) => key.kid)).toContain(kid)
    await new Promise(setImmediate)
    expect(app.events.find(({ name, event }) => name === 'key.rotated' && event.kid === kid)).toBeDefined()
  })

  test('on schedule: the next key is published a day before it signs', async () => {
    const database = await ownDatabase()
    const prisma = await ownClient(database)
    const app = await makeApp({ prisma, options: { tokens: { rotateKeysEvery: '10d' }, sessions: { ttl: '60d' } } })
    const first = await signUp(app)
    const [{ kid: firstKid }] = (await app.auth.keys.list()) as unknown as [{ kid: string }]
    app.clock.advance(9 * 86_400 + 60)
    const refreshed = (await app.call('post', '/auth/refresh', { refreshToken: first.refreshToken }).expect(200)).body
    expect(decodeProtectedHeader(refreshed.accessToken).kid).toBe(firstKid)
    await eventually(async () => expect((await app.auth.keys.list()).map(({ state }) => state)).toEqual(['current', 'next']))
    expect((await app.call('get', '/auth/.well-known/jwks.json')).body.keys).toHaveLength(2)
    app.clock.advance(86_400)
    const later = (await app.call('post', '/auth/refresh', { refreshToken: refreshed.refreshToken }).expect(200)).body
    expect(decodeProtectedHeader(later.accessToken).kid).not.toBe(firstKid)
    expect((await app.auth.keys.list()).map(({ state }) => state)).toEqual(['retired', 'current'])
  })

  const ways = {
    'a transaction of the app that says nothing of its commit': (app: App, { user }: SignedUp) =>
      app.prisma.$transaction(async (tx) => void (await app.auth.with(tx).sessions.create(user.id))),
    'a request': async (app: App, { refreshToken }: SignedUp) => void (await app.call('post', '/auth/refresh', { refreshToken }).expect(200)),
  }
  test.each(Object.entries(ways))('on schedule, in %s: its event is heard all the same, and its audit row names nobody', async (_in, act) => {
    const prisma = await ownClient(await ownDatabase())
    const app = await makeApp({ prisma, options: { tokens: { rotateKeysEvery: '10d' }, sessions: { ttl: '60d' } } })
    const signedIn = await signUp(app)
    app.clock.advance(9 * 86_400 + 60)
    await act(app, signedIn)
    await eventually(async () => expect(await prisma.authAuditLog.count({ where: { event: 'key.rotated' } })).toBe(2))
    const row = await prisma.authAuditLog.findFirst({ where: { event: 'key.rotated' }, orderBy: { at: 'desc' } })
    expect(row).toMatchObject({ actorType: 'system', actorId: null, userId: null, ip: null, userAgent: null, requestId: null })
    const { kid } = row!.data as { kid: string }
    await eventually(async () => expect(app.events.filter(({ name }) => name === 'key.rotated').map(({ event }) => event.kid)).toContain(kid))
    expect(app.events.find(({ event }) => event.kid === kid)?.event).not.toHaveProperty('ip')
  })

  test('a secret that is replaced without the old one listed: new key, old tokens still verified', async () => {
    const database = await ownDatabase()
    const prisma = await ownClient(database)
    const app = await makeApp({ prisma })
    const { accessToken } = await signUp(app)
    const replaced = await makeApp({ prisma, clock: app.clock, options: { secret: 'an entirely different secret, long enough to be one' } })
    await get(replaced, accessToken).expect(200)
    const fresh = await signUp(replaced)
    await get(replaced, fresh.accessToken).expect(200)
    expect(decodeProtectedHeader(fresh.accessToken).kid).not.toBe(decodeProtectedHeader(accessToken).kid)
    expect(replaced.logs.some(({ message }) => message.includes('does not decrypt'))).toBe(true)
  })

  test('another algorithm by option takes a key of its own', async () => {
    const app = await makeApp()
    const { accessToken } = await signUp(app)
    const es = await makeApp({ clock: app.clock, options: { tokens: { algorithm: 'ES256' } } })
    const other = await signUp(es)
    expect(decodeProtectedHeader(other.accessToken).alg).toBe('ES256')
    await get(es, accessToken).expect(200)
    await get(es, other.accessToken).expect(200)
  })
})

test('private keys are stored encrypted', async () => {
  const app = await makeApp()
  await signUp(app)
  const rows = await app.prisma.authSigningKey.findMany()
  for (const { privateKey } of rows) expect(privateKey).toMatch(/^v1\.[\w-]{8}\.[\w-]+\.[\w-]+$/)
})

test('R-091: a kid that is not ours costs at most one query in five seconds', async () => {
  const app = await makeApp()
  const { accessToken } = await signUp(app)
  const [header, ...rest] = accessToken.split('.')
  const forged = (kid: unknown) =>
    [Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(header!, 'base64url').toString()), kid })).toString('base64url'), ...rest].join('.')
  await get(app, accessToken).expect(200)
  app.statements()
  for (const kid of ['../../dev/null', "' OR 1=1", '__proto__', 'constructor', 7, ['a'], 'x'.repeat(500)]) await get(app, forged(kid)).expect(401)
  expect(app.statements().length).toBeLessThanOrEqual(1)
})

alone('R-095, F-07: tokens of a key that was removed are refused once the keys are read anew, though they were verified before', async () => {
  const app = await makeApp({ prisma: await ownClient(await ownDatabase()) })
  const { accessToken, refreshToken } = await signUp(app)
  await get(app, accessToken).expect(200)
  const { kid } = await app.auth.keys.rotate()
  await get(app, accessToken).expect(200)
  await app.prisma.authSigningKey.deleteMany({ where: { kid: { not: kid } } })
  await app.auth.keys.rotate()
  expect((await get(app, accessToken).expect(401)).body.code).toBe('TOKEN_INVALID')
  const { body } = await app.call('post', '/auth/refresh', { refreshToken }).expect(200)
  await get(app, body.accessToken).expect(200)
})

async function eventually(check: () => Promise<void>, tries = 60) {
  for (let i = 1; ; i++) {
    try {
      return await check()
    } catch (error) {
      if (i === tries) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
