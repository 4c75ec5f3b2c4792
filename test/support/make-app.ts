import type { Server } from 'node:http'
import express, { type Express } from 'express'
import request from 'supertest'
import { type Auth, type AuthOptions, createAuth, type EventName, type Logger } from '../../src/index.ts'
import { type Mailbox, memoryMailer } from '../../src/testing/memory-mailer.ts'
import { checkAnswer } from './contract.ts'
import { createDatabase, type TestClient, type TestDatabase } from './databases.ts'
import { createBus, isDoubled, roundRobin } from './two-processes.ts'

export const SECRET = 'test-only-secret-test-only-secret-0001'
export const PASSWORD = 'correct horse battery staple'
const START = new Date('2026-06-01T12:00:00.000Z')

export interface Clock {
  now: () => Date
  /** Seconds. */
  advance: (seconds: number) => void
}

export function createClock(start = START): Clock {
  let time = start.getTime()
  return { now: () => new Date(time), advance: (seconds) => void (time += seconds * 1000) }
}

let database: Promise<TestDatabase> | undefined
// One for all apps of a file: they share a database, and any of them may deliver what another has put into the outbox.
const sent = memoryMailer()
const closers: (() => Promise<unknown> | unknown)[] = []

/** One database for a test file; each of its tests makes its own users. */
export const testDatabase = () => (database ??= createDatabase())

afterAll(async () => {
  for (const close of closers.reverse()) await close()
  await (await database)?.drop()
})

/** A client of its own, of this file's database or of another fresh one; closed after the apps that use it. */
export async function ownClient(database?: TestDatabase): Promise<TestClient> {
  const client = (database ?? (await testDatabase())).connect()
  closers.push(() => client.$disconnect())
  return client
}

/** A database of one test's own. */
export async function ownDatabase(how: { empty?: boolean } = {}): Promise<TestDatabase> {
  const own = await createDatabase(how)
  closers.push(own.drop)
  return own
}

export interface TestApp {
  app: Express
  server: Server
  auth: Auth
  prisma: TestClient
  clock: Clock
  /** Events in the order they were sent. */
  events: { name: EventName; event: Record<string, unknown> }[]
  /** Log lines. */
  logs: { level: string; fields: object; message: string }[]
  /** SQL statements since the last call. */
  statements: () => string[]
  call: Caller
  /** What was sent, by email and SMS. */
  mailbox: Mailbox & { settle: () => Promise<unknown> }
}

export type Caller = (method: 'get' | 'post' | 'patch' | 'delete', path: string, body?: object, headers?: Record<string, string>) => request.Test

interface Setup {
  options?: Partial<AuthOptions>
  /** Mounts further routes before the server starts. */
  routes?: (app: Express, auth: Auth) => void
  /** Runs before the router. */
  before?: (app: Express) => void
  clock?: Clock
  mount?: string
  prisma?: TestClient
  framework?: typeof express
}

const weak = { allowWeakHash: true, argon2: { memoryCost: 64, timeCost: 1 } }

export async function makeApp({
  options = {},
  routes,
  before,
  clock = createClock(),
  mount = '/auth',
  prisma: given,
  framework = express,
}: Setup = {}): Promise<TestApp> {
  const prisma = given ?? (await testDatabase()).connect()
  const logs: TestApp['logs'] = []
  const logger = Object.fromEntries(
    ['debug', 'info', 'warn', 'error'].map((level) => [level, (fields: object, message: string) => void logs.push({ level, fields, message })]),
  ) as unknown as Logger
  const { eventNames } = await import('../../src/index.ts')
  const events: TestApp['events'] = []
  // A test that brings a client, a backend or an instant of its own looks at one process.
  const isPair = isDoubled && !given && !options.backend && !options.feed
  const bus = createBus(clock.now)
  const instance = (prisma: TestClient) => {
    const auth = createAuth({
      prisma,
      secret: SECRET,
      baseUrl: 'https://api.example.com/auth',
      mailer: sent,
      sms: sent,
      now: clock.now,
      logger,
      ...(isPair && { backend: bus }),
      ...options,
      password: { ...weak, ...options.password },
      limits: options.limits ?? { enabled: false },
      messages: { pollEvery: '1h', ...options.messages },
    })
    for (const name of eventNames) auth.on(name, (event) => void events.push({ name, event: event as unknown as Record<string, unknown> }))
    const app = framework()
    before?.(app)
    app.use(mount, auth.router())
    app.get('/private', auth.requireAuth(), (req, res) => void res.json(req.auth))
    app.get('/admin', auth.requireAuth(), auth.requireRole('admin'), (_req, res) => void res.json({ ok: true }))
    routes?.(app, auth)
    return { auth, app, prisma }
  }
  const instances = [instance(prisma), ...(isPair ? [instance((await testDatabase()).connect())] : [])]
  const [{ auth, app: first }] = instances as [ReturnType<typeof instance>]
  // Routes that a test adds later go to both.
  const app = isPair ? toAll(instances.map(({ app }) => app)) : first
  const server = isPair
    ? roundRobin(
        instances.map(({ app }) => app),
        bus,
      ).listen(0)
    : app.listen(0)
  let log: string[] = []
  // What goes on beside requests is not theirs: delivery of messages, reading the change feed and what it tells of, the look for rows that no secret opens,
  // the note that an API key is in use.
  const isBeside = (query: string) =>
    (/auth_messages/.test(query) && !/^INSERT/i.test(query)) ||
    /^SELECT(?!.*auth_sessions).*auth_(changes|signing_keys)/i.test(query) ||
    /^SELECT COUNT.*auth_(mfa_factors|identities).*LIKE/i.test(query) ||
    /^UPDATE.*auth_access_keys\W+SET\W+last_used_at/i.test(query)
  for (const { prisma } of instances) (prisma as any).$on('query', ({ query }: { query: string }) => void (isBeside(query) || log.push(query)))
  closers.push(async () => {
    await new Promise((resolve) => server.close(resolve))
    for (const { auth } of instances) await auth.close()
    if (!given) for (const { prisma } of instances) await prisma.$disconnect()
  })
  const call: Caller = (method, path, body, headers = {}) => {
    const test = request(server)[method](path).set(headers)
    // Every answer of the suite is held against the OpenAPI document.
    if (path.startsWith(`${mount}/`)) test.expect((answer) => checkAnswer(method, path.slice(mount.length), answer))
    return body === undefined ? test : test.send(body)
  }
  const statements = () => {
    const since = log
    log = []
    return since
  }
  const mailbox = { ...sent, settle: () => auth.messages.deliver() }
  return { app, server, auth, prisma, clock, events, logs, statements, call, mailbox }
}

const toAll = (apps: readonly Express[]): Express =>
  new Proxy(apps[0]!, {
    get: (first, name) =>
      typeof first[name as 'get'] === 'function'
        ? (...args: unknown[]) => apps.map((app) => (app[name as 'get'] as (...args: unknown[]) => unknown)(...args))[0]
        : first[name as 'get'],
  })

let counter = 0
/** An address nobody else has. */
export const freshEmail = () => `user${++counter}.${process.pid}@example.com`

/** Signs a new user up and gives the answer's body. */
export async function signUp(
  { call }: Pick<TestApp, 'call'>,
  { email = freshEmail(), password = PASSWORD, ...rest }: { email?: string; password?: string; [field: string]: unknown } = {},
) {
  const { body } = await call('post', '/auth/signup', { email, password, ...rest }).expect(201)
  return body as {
    user: { id: string; email: string }
    session: { id: string; expiresAt: string }
    accessToken: string
    refreshToken: string
    expiresIn: number
  }
}

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
