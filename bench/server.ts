// The server that is measured. LATCHKEY_BENCH says what it is; the parent asks it for figures.
import type { AddressInfo } from 'node:net'
import express, { type Express, type RequestHandler } from 'express'
import type { PrismaClient } from '../generated/postgresql/client.ts'
import type { Auth, AuthOptions } from '../src/index.ts'
import { connect, type Place } from './connect.ts'
import { PASSWORD } from './password.ts'
import { answerQuestions } from './questions.ts'

export interface ServerSettings {
  /** Express alone, with a Prisma client, or with the package as well. */
  kind: 'bare' | 'prisma' | 'latchkey'
  place?: Place
  options?: Partial<AuthOptions>
  guard?: keyof typeof guards
  /** The client has asked the database once before the server listens. */
  hasAsked?: boolean
  /** So many MB are kept in memory beside. */
  ballast?: number
  /** Keeps the statements. */
  log?: boolean
  /** Messages have a sender that takes 200 ms. */
  hasMail?: boolean
}

const guards = {
  /** What any guard costs that Express has to call. */
  empty:
    (_auth: Auth | undefined): RequestHandler =>
    (_req, _res, next) =>
      next(),
  requireAuth: (auth: Auth): RequestHandler => auth.requireAuth(),
  requireRole: (auth: Auth) => auth.requireRole('admin'),
  requirePermission: (auth: Auth) => auth.requirePermission('bench:5:9'),
}

export interface Usage {
  /** µs of CPU since the process began. */
  cpu: number
  rss: number
  /** Of the ballast. */
  kept: number
}

const {
  kind,
  place,
  options = {},
  guard,
  hasAsked = false,
  ballast = 0,
  log = false,
  hasMail = false,
} = JSON.parse(process.env.LATCHKEY_BENCH ?? '{}') as ServerSettings

const SECRET = 'bench-only-value-bench-only-value-0001'

// Some 7,000 of these are one MB.
const kept = Array.from({ length: ballast * 7000 }, (_, i) => ({ number: i, text: `text ${i}`, list: [i] }))

let statements: string[] = []
let auth: Auth | undefined
let prisma: PrismaClient | undefined
const app = express()
const answerThing: RequestHandler = (_req, res) => void res.json({ ok: true })
if (place && kind !== 'bare') prisma = await connect(place, { log })
if (prisma && log) (prisma as any).$on('query', ({ query }: { query: string }) => void statements.push(query))
if (prisma && kind === 'latchkey') auth = await mount(app, prisma)
else app.get('/thing', ...(guard === 'empty' ? [guards.empty(undefined)] : []), answerThing)
if (hasAsked) await prisma?.authRateLimit.findUnique({ where: { key: 'health' } })
if (kind === 'prisma') app.get('/first', async (_req, res) => void res.json(await prisma?.authRateLimit.findUnique({ where: { key: 'health' } })))
const server = app.listen(0, '127.0.0.1', () => answerQuestions((server.address() as AddressInfo).port, answers))

async function mount(app: Express, prisma: PrismaClient) {
  const { createAuth } = await import(process.env.LATCHKEY_BENCH_ENTRY ?? '')
  const mailer = { send: () => new Promise<void>((resolve) => setTimeout(resolve, 200)) }
  const mail = hasMail ? { mailer, baseUrl: 'https://api.example.com/auth' } : {}
  const auth = createAuth({ prisma, secret: SECRET, limits: { enabled: false }, ...mail, ...options })
  // The route that is measured comes first, as the only one of the bare server does.
  app.get('/thing', ...(guard ? [guards[guard](auth)] : []), answerThing)
  app.use('/auth', auth.router())
  return auth
}

/** Users with one password, of which the first is hashed and the rest are copied. */
async function makeUsers({ count, prefix }: { count: number; prefix: string }): Promise<string[]> {
  const emails = Array.from({ length: count }, (_, i) => `${prefix}${i}@example.com`)
  const { id } = await auth!.users.create({ email: emails[0]!, password: PASSWORD })
  const { metadata: _, ...first } = (await prisma!.authUser.findUniqueOrThrow({ where: { id } })) as any
  await prisma!.authUser.createMany({
    data: emails.slice(1).map((email, i) => ({ ...first, id: `${prefix}${id.slice(prefix.length + 6)}${i + 100_000}`, email })),
  })
  return emails
}

/** 1,000 roles with ten permissions each; 'admin' inherits one of them and holds another hundred. */
async function makeRoles() {
  const at = new Date()
  const row = { guard: 'web', description: null, createdAt: at }
  const numbers = Array.from({ length: 1000 }, (_, i) => i)
  const roles = numbers.map((i) => ({ ...row, id: `role-${i}`, name: `role-${i}`, updatedAt: at }))
  const permissions = numbers.flatMap((i) =>
    Array.from({ length: 10 }, (_, j) => ({ ...row, id: `permission-${i}-${j}`, name: `bench:${i}:${j}`, category: `category ${i % 20}` })),
  )
  await prisma!.authRole.createMany({ data: roles })
  await prisma!.authPermission.createMany({ data: permissions })
  await prisma!.authRolePermission.createMany({ data: permissions.map(({ id }, k) => ({ roleId: `role-${Math.floor(k / 10)}`, permissionId: id })) })
  const own = permissions.slice(100, 200).map(({ name }) => name)
  await auth!.roles.create({ name: 'admin', inherits: ['role-5'], permissions: own })
}

/** The id of someone who is an administrator. */
async function makeAdmin(name: string): Promise<string> {
  const { id } = await auth!.users.create({ email: `${name}${process.pid}@example.com`, password: PASSWORD })
  if (!(await auth!.roles.list({ tenantId: null })).some(({ name }) => name === 'admin')) await makeRoles()
  await auth!.roles.assign(id, 'admin')
  return id
}

const answers = {
  usage: (): Usage => {
    const { user, system } = process.cpuUsage()
    return { cpu: user + system, rss: process.memoryUsage.rss(), kept: kept.length }
  },
  statements: () => {
    const since = statements
    statements = []
    return since
  },
  hash: async (input: { times: number; implementation?: string }) => (await import('./hash-cost.ts')).hashCost(input),
  users: makeUsers,
  /** A session of an administrator, and an API key. */
  token: async () => (await auth!.sessions.create(await makeAdmin('admin'))).accessToken,
  key: async () => (await auth!.apiKeys.create({ userId: await makeAdmin('keys'), name: 'bench' })).key,
  /** Sessions without the cost of a sign-in, for what begins with one. */
  sessions: async ({ count, prefix }: { count: number; prefix: string }) => {
    const made: { accessToken: string; refreshToken: string }[] = []
    for (const email of await makeUsers({ count, prefix })) {
      const user = await auth!.users.findByEmail(email)
      const { accessToken, refreshToken } = await auth!.sessions.create(user!.id)
      made.push({ accessToken, refreshToken })
    }
    return made
  },
}
