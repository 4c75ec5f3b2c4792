import { provider } from './support/databases.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from './support/make-app.ts'
import { hasPostgres, type OwnPostgres, ownPostgres } from './support/own-postgres.ts'

const hasServer = provider === 'postgresql' && hasPostgres()
if (provider === 'postgresql' && !hasServer) console.log('not tested: a stopped server, no PostgreSQL programs that may be run here')
const withServer = hasServer ? test : test.skip

let server: OwnPostgres
const clients: ReturnType<OwnPostgres['connect']>[] = []
const connect = () => {
  const client = Object.assign(server.connect(), { $on: () => {} })
  clients.push(client)
  return client
}
beforeAll(async () => {
  if (hasServer) server = await ownPostgres()
})
afterAll(async () => {
  if (!hasServer) return
  await Promise.allSettled(clients.map((client) => client.$disconnect()))
  server.remove()
})

/** Sends the same again and again until `stop`, and gives every status that came, and the longest time in ms. */
function load(send: () => PromiseLike<{ status: number }>) {
  const seen = new Set<number>()
  let [isOn, longest] = [true, 0]
  const done = (async () => {
    while (isOn) {
      const began = performance.now()
      seen.add((await send()).status)
      longest = Math.max(longest, performance.now() - began)
    }
  })()
  return async () => {
    isOn = false
    await done
    return { seen: [...seen].sort(), longest }
  }
}

const until = async (what: () => Promise<boolean>) => {
  for (const end = Date.now() + 15_000; !(await what()); ) {
    if (Date.now() > end) throw new Error('not within 15 seconds')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

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
