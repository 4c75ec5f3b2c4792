import net, { type AddressInfo } from 'node:net'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient as PostgresClient } from '../generated/postgresql/client.ts'
import { breakable, coded } from './support/breakable.ts'
import { provider, type TestClient } from './support/databases.ts'
import { bearer, freshEmail, makeApp, ownClient, PASSWORD, signUp, testDatabase } from './support/make-app.ts'

test('F-01: with the database gone everything is 503, but verified requests go on until their token ends', async () => {
  const { prisma, state } = breakable(await ownClient())
  const app = await makeApp({ prisma })
  const up = await signUp(app)
  await app.call('get', '/private', undefined, bearer(up.accessToken)).expect(200)
  state.fault = coded('P1001')
  const calls: [string, object][] = [
    ['/auth/signup', { email: freshEmail(), password: PASSWORD }],
    ['/auth/login', { email: up.user.email, password: PASSWORD }],
    ['/auth/refresh', { refreshToken: up.refreshToken }],
  ]
  for (const [path, body] of calls) {
    const answer = await app.call('post', path, body)
    expect([path, answer.status, answer.body.code]).toEqual([path, 503, 'UNAVAILABLE'])
    expect(answer.headers['retry-after']).toBe('2')
    expect(answer.text).not.toMatch(/P1001|stub/)
  }
  expect((await app.call('get', '/auth/health')).body).toMatchObject({ status: 'unavailable', database: 'unavailable' })
  await app.call('get', '/private', undefined, bearer(up.accessToken)).expect(200)
  delete state.fault
  await app.call('post', '/auth/refresh', { refreshToken: up.refreshToken }).expect(200)
  expect((await app.call('get', '/auth/health').expect(200)).body.database).toBe('ok')
})

test('F-01: a process that starts without a database answers 503 and recovers by itself', async () => {
  const { prisma, state } = breakable(await ownClient())
  const first = await makeApp()
  const { accessToken } = await signUp(first)
  state.fault = coded('P1001')
  const app = await makeApp({ prisma, clock: first.clock })
  expect((await app.call('get', '/private', undefined, bearer(accessToken))).status).toBe(503)
  delete state.fault
  await app.call('get', '/private', undefined, bearer(accessToken)).expect(200)
})

describe('F-16: what Prisma reports becomes an answer of ours', () => {
  test.each(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034', 'ECONNREFUSED', '57P01'])('%s at any call is 503', async (code) => {
    const { prisma, state } = breakable(await ownClient())
    const app = await makeApp({ prisma })
    const up = await signUp(app)
    for (const only of ['authUser.findUnique', 'authUser.updateMany', 'authSession.create', 'authAuditLog.create', 'authRole.findMany']) {
      Object.assign(state, { fault: coded(code), only, times: Number.POSITIVE_INFINITY })
      const answer = await app.call('post', '/auth/login', { email: up.user.email, password: PASSWORD })
      expect([only, answer.status]).toEqual([only, 503])
    }
    delete state.fault
    expect(await app.auth.sessions.list(up.user.id)).toHaveLength(1)
  })

  test('a write conflict is tried again, at most three times, and happens once', async () => {
    const { prisma, state } = breakable(await ownClient())
    const app = await makeApp({ prisma })
    const up = await signUp(app)
    Object.assign(state, { fault: coded('P2034'), only: 'authSession.create', times: 3 })
    await app.call('post', '/auth/login', { email: up.user.email, password: PASSWORD }).expect(200)
    expect(await app.auth.sessions.list(up.user.id)).toHaveLength(2)
  })
})

test('R-204, F-19: when the audit row cannot be written, neither is the change', async () => {
  const { prisma, state } = breakable(await ownClient())
  const app = await makeApp({ prisma })
  const email = freshEmail()
  Object.assign(state, { fault: () => new Error('the disk is full'), only: 'authAuditLog.create' })
  await app.call('post', '/auth/signup', { email, password: PASSWORD }).expect(500)
  delete state.fault
  expect(await app.auth.users.findByEmail(email)).toBeNull()
})

describe('F-20: hooks and listeners that break', () => {
  test.each([
    [
      'throw a text',
      () => {
        throw 'text'
      },
    ],
    [
      'throw nothing',
      () => {
        throw undefined
      },
    ],
    ['reject', () => Promise.reject(new Error('secret inside'))],
  ])('a hook that %s is a plain 500, and the process lives', async (_name, hook) => {
    const app = await makeApp({ options: { hooks: { 'login.before': hook as () => void } } })
    const { user } = await signUp(app)
    const answer = await app.call('post', '/auth/login', { email: user.email, password: PASSWORD })
    expect(answer.body).toEqual({ type: 'about:blank', title: 'Internal error', status: 500, code: 'INTERNAL_ERROR', detail: expect.any(String) })
    await app.call('get', '/auth/health').expect(200)
  })

  test('a listener that throws is logged and breaks nothing', async () => {
    const app = await makeApp({
      options: {
        on: {
          'user.registered': () => Promise.reject(new Error('listener')),
          'session.created': () => {
            throw new Error('listener')
          },
        },
      },
    })
    await signUp(app)
    await new Promise(setImmediate)
    expect(app.logs.filter(({ message }) => message.includes('listener failed'))).toHaveLength(2)
  })

  test('a hook that hangs fails the request within bounds (F-23)', async () => {
    const app = await makeApp({ options: { hooks: { 'login.before': () => new Promise(() => {}) } } })
    const answer = await app.call('post', '/auth/login', { email: 'a@example.com', password: 'x' })
    expect(answer.status).toBe(503)
  })
})

test('F-17: 50 sign-ups and refreshes at once: no 500', async () => {
  const app = await makeApp()
  const ups = await Promise.all(Array.from({ length: 10 }, () => signUp(app)))
  const work = [
    ...Array.from({ length: 25 }, () => app.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD })),
    ...ups.flatMap(({ refreshToken }) => [1, 2, 3].map(() => app.call('post', '/auth/refresh', { refreshToken }))),
  ]
  const statuses = (await Promise.all(work)).map(({ status }) => status)
  expect(statuses.every((status) => status < 300)).toBe(true)
})

test('F-11: after close() no timer is left, and a request under way ends in peace', async () => {
  const app = await makeApp()
  const { user } = await signUp(app)
  const pending = app.call('post', '/auth/login', { email: user.email, password: PASSWORD }).then(({ status }) => status)
  await app.auth.close()
  expect(await pending).toBe(200)
})

const onPostgres = provider === 'postgresql' ? test : test.skip
onPostgres('F-02: a database that accepts and never answers gets an honest 503 within ten seconds', async () => {
  const sockets: net.Socket[] = []
  const hole = net.createServer((socket) => void sockets.push(socket)).listen(0)
  const { port } = hole.address() as AddressInfo
  const prisma = new PostgresClient({ adapter: new PrismaPg({ connectionString: `postgresql://postgres@127.0.0.1:${port}/none` }) }) as unknown as TestClient
  const first = await makeApp()
  const { accessToken } = await signUp(first)
  const options = { sessions: { check: 'database' } } as const
  const app = await makeApp({ prisma: Object.assign(prisma, { $on: () => {} }), clock: first.clock, options })
  const begin = Date.now()
  const answers = await Promise.all([
    app.call('post', '/auth/login', { email: 'a@example.com', password: 'x' }),
    app.call('get', '/auth/health'),
    app.call('get', '/private', undefined, bearer(accessToken)),
  ])
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503])
  expect(Date.now() - begin).toBeLessThan(10_000)
  for (const socket of sockets) socket.destroy()
  hole.close()
})

onPostgres('F-03: where the driver itself waits for a connection without end, sign-ins to many accounts are told so as soon', async () => {
  const { url } = await testDatabase()
  const patient = new PostgresClient({ adapter: new PrismaPg({ connectionString: url, max: 10 }) }) as unknown as TestClient
  const app = await makeApp({ prisma: Object.assign(patient, { $on: () => {} }) })
  await signUp(app)
  const held = Array.from({ length: 10 }, () => patient.$queryRawUnsafe('SELECT pg_sleep(4)::text').then(() => {}))
  await new Promise((resolve) => setTimeout(resolve, 200))
  const begin = Date.now()
  const answers = await Promise.all(Array.from({ length: 60 }, () => app.call('post', '/auth/login', { email: freshEmail(), password: 'wrong' })))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
  expect(Date.now() - begin).toBeLessThan(2500)
  await Promise.all(held)
  await signUp(app)
  await patient.$disconnect()
})

onPostgres('F-03: with every connection taken, the excess is told to come back within seconds, nothing is counted, and it recovers', async () => {
  const prisma = await ownClient()
  const app = await makeApp({ prisma })
  const { user } = await signUp(app)
  const held = Array.from({ length: 10 }, () => prisma.$queryRawUnsafe('SELECT pg_sleep(4)::text').then(() => {}))
  await new Promise((resolve) => setTimeout(resolve, 200))
  const begin = Date.now()
  const answers = await Promise.all(Array.from({ length: 40 }, () => app.call('post', '/auth/login', { email: user.email, password: 'wrong' })))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
  expect(Date.now() - begin).toBeLessThan(2500)
  await Promise.all(held)
  expect(await prisma.authUser.findUnique({ where: { id: user.id } })).toMatchObject({ failedLogins: 0 })
  await app.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)
})
