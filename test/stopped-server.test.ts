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
