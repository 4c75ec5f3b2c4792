import { provider } from './support/databases.ts'
import { load, until } from './support/load.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from './support/make-app.ts'
import { hasMariaDb, ownMariaDb } from './support/own-mariadb.ts'
import { hasPostgres, type OwnServer, ownPostgres } from './support/own-postgres.ts'

const servers = { postgresql: { isHere: hasPostgres, make: ownPostgres }, mysql: { isHere: hasMariaDb, make: ownMariaDb } }
const own = provider === 'sqlite' ? undefined : servers[provider]
const hasServer = own?.isHere() ?? false
if (own && !hasServer) console.log(`not tested: a stopped server, no programs of ${provider} that may be run here`)
const withServer = hasServer ? test : test.skip

let server: OwnServer
const clients: ReturnType<OwnServer['connect']>[] = []
const connect = () => {
  const client = Object.assign(server.connect(), { $on: () => {} })
  clients.push(client)
  return client
}
beforeAll(async () => {
  if (own && hasServer) server = await own.make()
}, 120_000)
afterAll(async () => {
  if (!hasServer) return
  await Promise.allSettled(clients.map((client) => client.$disconnect()))
  server.remove()
})

withServer('F-01: a server stopped under load: 503 until it is back, then as before, in one process and in another', async () => {
  const app = await makeApp({ prisma: connect() })
  const strict = await makeApp({ prisma: connect(), options: { sessions: { check: 'database' } } })
  const signedIn = await signUp(app)
  const other = await signUp(app)
  const isIn = async (where: TestApp, { accessToken }: { accessToken: string } = signedIn) =>
    (await where.call('get', '/private', undefined, bearer(accessToken))).status
  expect([await isIn(app), await isIn(strict), await isIn(strict, other)]).toEqual([200, 200, 200])
  const ends = [
    load(() => app.call('post', '/auth/login', { email: other.user.email, password: PASSWORD })),
    load(() => strict.call('get', '/private', undefined, bearer(signedIn.accessToken))),
    load(() => app.call('get', '/auth/health')),
  ]
  await new Promise((resolve) => setTimeout(resolve, 300))
  server.stop()
  await new Promise((resolve) => setTimeout(resolve, 500))
  // What needs no query goes on; what needs one says so. A sign-out that could not be written is not called done.
  expect([await isIn(app), await isIn(strict)]).toEqual([200, 503])
  const { body } = await app.call('post', '/auth/logout', {}, bearer(signedIn.accessToken)).expect(503)
  expect(body).toMatchObject({ code: 'UNAVAILABLE', status: 503 })
  await app.call('post', '/auth/refresh', { refreshToken: signedIn.refreshToken }).expect(503)
  server.start()
  await until(async () => (await isIn(strict)) === 200)
  await app.call('post', '/auth/refresh', { refreshToken: signedIn.refreshToken }).expect(200)
  for (const { seen, longest } of await Promise.all(ends.map((end) => end()))) {
    expect(seen).toEqual([200, 503])
    expect(longest).toBeLessThan(10_000)
  }
  await app.call('post', '/auth/logout', {}, bearer(signedIn.accessToken)).expect(204)
  expect([await isIn(app), await isIn(strict)]).toEqual([401, 401])
})

withServer('F-01: of sign-ups cut off by the end of the server each is there whole or not at all', async () => {
  const app = await makeApp({ prisma: connect() })
  await signUp(app)
  const emails = Array.from({ length: 60 }, () => freshEmail())
  const answers = emails.map(async (email) => (await app.call('post', '/auth/signup', { email, password: PASSWORD })).status)
  await Promise.race(answers)
  server.stop()
  const statuses = await Promise.all(answers)
  server.start()
  expect(statuses).toEqual(expect.arrayContaining([201, 503]))
  expect(new Set(statuses).size).toBe(2)
  const prisma = connect()
  const users = await prisma.authUser.findMany({ where: { email: { in: emails } } })
  const sessions = await prisma.authSession.findMany({ where: { userId: { in: users.map(({ id }) => id) } } })
  // One may have been written whose answer said 503: the server went between the commit and its word of it.
  expect(users.length).toBeGreaterThanOrEqual(statuses.filter((status) => status === 201).length)
  expect(new Set(sessions.map(({ userId }) => userId)).size).toBe(users.length)
})

const query = async (sql: string) => {
  const client = server.connect()
  try {
    return (await client.$queryRawUnsafe(sql)) as Record<string, unknown>[]
  } finally {
    await client.$disconnect()
  }
}
const times = <T>(count: number, work: (i: number) => PromiseLike<T>) => Promise.all(Array.from({ length: count }, (_, i) => work(i)))
const onMySql = provider === 'mysql' && hasServer ? test : test.skip
const onPostgres = provider === 'postgresql' && hasServer ? test : test.skip

/** A sign-in whose transaction stays open for a while, with the user's row locked, and what comes to that row meanwhile. */
async function whileHeld(then: () => Promise<unknown> = async () => {}) {
  let isHeld = false
  const app = await makeApp({
    prisma: connect(),
    options: {
      hooks: {
        'login.after': async () => {
          if (!isHeld) return
          isHeld = false
          await new Promise((resolve) => setTimeout(resolve, 2500))
        },
      },
    },
  })
  const { user, accessToken } = await signUp(app)
  const login = () => app.call('post', '/auth/login', { email: user.email, password: PASSWORD }).then(({ status }) => status)
  isHeld = true
  const first = login()
  await until(async () => !isHeld)
  const others = [login(), app.call('post', '/auth/logout-all', undefined, bearer(accessToken)).then(({ status }) => status)]
  await new Promise((resolve) => setTimeout(resolve, 300))
  await then()
  return Promise.all([first, ...others])
}

onMySql('F-16: MariaDB that refuses a row changed since the snapshot (its default from 11.6.2 on): no request is told so', async () => {
  await query('SET GLOBAL innodb_snapshot_isolation = ON')
  try {
    const app = await makeApp({ prisma: connect() })
    const { user } = await signUp(app)
    const signIns = await times(9, () => app.call('post', '/auth/login', { email: user.email, password: PASSWORD }))
    expect(new Set(signIns.map(({ status }) => status))).toEqual(new Set([200]))
    const resets = await times(12, () => app.call('post', '/auth/forgot-password', { email: user.email }))
    expect(new Set(resets.map(({ status }) => status))).toEqual(new Set([202]))
    await times(8, (i) => app.auth.users.update(user.id, { locale: i % 2 ? 'de' : 'en' }))
    const going = await signUp(app)
    const gone = await times(4, () => app.call('delete', '/auth/me', undefined, bearer(going.accessToken)))
    expect(gone.map(({ status }) => status).sort()).toEqual([204, 401, 401, 401])
  } finally {
    await query('SET GLOBAL innodb_snapshot_isolation = OFF')
  }
})

onMySql('F-16, F-01: a lock that is waited for too long is tried again, and in the end UNAVAILABLE', async () => {
  await query('SET GLOBAL innodb_lock_wait_timeout = 1')
  try {
    for (const status of await whileHeld()) expect([200, 204, 503]).toContain(status)
  } finally {
    await query('SET GLOBAL innodb_lock_wait_timeout = 50')
  }
})

onMySql('F-01: a query that an operator kills is UNAVAILABLE', async () => {
  const statuses = await whileHeld(async () => {
    const running = await query("SELECT id FROM information_schema.processlist WHERE db = 'latchkey' AND id <> connection_id() AND command = 'Query'")
    for (const { id } of running) await query(`KILL QUERY ${id}`).catch(() => {})
  })
  for (const status of statuses) expect([200, 204, 503]).toContain(status)
})

onPostgres('F-01: connections that the server ends, as it does when it is shut down or fails over, are UNAVAILABLE', async () => {
  const statuses = await whileHeld(() =>
    query('SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'),
  )
  expect(statuses).toEqual([503, 503, 503])
})
