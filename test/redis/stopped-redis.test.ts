import { Redis as IoRedis } from 'ioredis'
import { createClient } from 'redis'
import { redisBackend } from '../../src/redis/index.ts'
import { provider } from '../support/databases.ts'
import { load, until } from '../support/load.ts'
import { bearer, freshEmail, makeApp, ownClient, PASSWORD, signUp } from '../support/make-app.ts'
import { hasRedisProgram, ownRedis } from '../support/own-redis.ts'

// What Redis does is the same beside any database, so one of them will do.
const isTested = hasRedisProgram && provider === 'sqlite'
if (!hasRedisProgram && provider === 'sqlite') console.log('not tested: a stopped Redis, there is no redis-server here')
const withRedis = isTested ? test : test.skip

let server: Awaited<ReturnType<typeof ownRedis>>
const closers: (() => unknown)[] = []
beforeAll(async () => {
  if (isTested) server = await ownRedis()
})
afterAll(() => {
  for (const close of closers) close()
  server?.remove()
})

const nodeRedis = async () => {
  const client = createClient({ url: server.url, socket: { reconnectStrategy: 50 } })
  client.on('error', () => {})
  closers.push(() => client.destroy())
  return client.connect()
}
const ioRedis = async () => {
  const client = new IoRedis(server.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 })
  client.on('error', () => {})
  closers.push(() => client.disconnect())
  await new Promise((resolve) => client.once('ready', resolve))
  return client
}

for (const [name, connect] of [
  ['node-redis', nodeRedis],
  ['ioredis', ioRedis],
] as const) {
  withRedis(
    `F-04: ${name}: Redis killed under load and started again: nothing fails, limits and revocations hold, and it counts again`,
    async () => {
      const prefix = `${name}-stopped`
      const limits = {
        enabled: true,
        'POST /login': { max: 100_000, per: '1h' },
        'GET /health': { max: 100_000, per: '1h' },
        'POST /signup': { max: 3, per: '1h' },
      } as const
      const options = { limits, feed: { pollEvery: '1s' } } as const
      const app = await makeApp({ options: { ...options, backend: redisBackend(await connect(), { prefix }) } })
      const other = await makeApp({ prisma: await ownClient(), clock: app.clock, options: { ...options, backend: redisBackend(await connect(), { prefix }) } })
      const signedIn = await signUp(app)
      const isIn = async () => (await other.call('get', '/private', undefined, bearer(signedIn.accessToken))).status
      expect(await isIn()).toBe(200)
      // Many, since each account has a limit of its own.
      const emails = Array.from({ length: 50 }, () => freshEmail())
      for (const email of emails) await app.auth.users.create({ email, password: PASSWORD })
      let turn = 0
      const signIn = () => app.call('post', '/auth/login', { email: emails[turn++ % emails.length], password: PASSWORD })
      const ends = [load(signIn), load(() => other.call('get', '/auth/health'))]
      await new Promise((resolve) => setTimeout(resolve, 300))
      server.stop()
      await new Promise((resolve) => setTimeout(resolve, 300))
      // Each process counts by itself.
      const signUps: number[] = []
      for (let n = 0; n < 5; n++) signUps.push((await app.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD })).status)
      expect(signUps.filter((status) => status === 201).length).toBeLessThanOrEqual(3)
      expect(signUps.slice(3)).toEqual([429, 429])
      await app.auth.sessions.revokeAll(signedIn.user.id)
      await until(async () => (await isIn()) === 401)
      await server.start()
      const probe = await connect()
      const counted = async () => (await (probe.get as (key: string) => Promise<string | null>)(`${prefix}:POST /login ip 127.0.0.1`)) !== null
      await until(counted)
      for (const { seen, longest } of await Promise.all(ends.map((end) => end()))) {
        expect(seen).toEqual([200])
        expect(longest).toBeLessThan(5000)
      }
    },
    60_000,
  )
}
