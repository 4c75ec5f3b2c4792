import type { AddressInfo } from 'node:net'
import express from 'express'
import type { PrismaClient } from '../generated/postgresql/client.ts'
import { createAuth } from '../src/index.ts'
import { connect } from './connect.ts'
import type { BenchDatabase } from './database.ts'
import { PASSWORD } from './password.ts'
import { held, printRounds, type Row, shown } from './report.ts'
import { median } from './stats.ts'

const SIZES = [100_000, 1_000_000] as const
const TIMES = 200
const EXPIRED = 20_000
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Users `from` to `to`, each with a session, copied from one that was made; by SQL alone. */
async function fill(prisma: PrismaClient, from: number, to: number) {
  const columns = async (table: string) =>
    (
      (await prisma.$queryRawUnsafe(`SELECT column_name AS name FROM information_schema.columns WHERE table_name = '${table}' ORDER BY ordinal_position`)) as {
        name: string
      }[]
    ).map(({ name }) => name)
  const copy = async (table: string, own: Record<string, string>) => {
    const names = await columns(table)
    const values = names.map((name) => own[name] ?? `t.${name}`)
    await prisma.$executeRawUnsafe(
      `INSERT INTO ${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM generate_series(${from}, ${to - 1}) n, (SELECT * FROM ${table} ORDER BY created_at LIMIT 1) t`,
    )
  }
  const id = (kind: string) => `'0190${kind}00-0000-7000-8000-' || lpad(n::text, 12, '0')`
  await copy('auth_users', { id: id('aaaa'), email: "'many' || n || '@example.com'", created_at: "t.created_at + n * interval '1 second'" })
  await copy('auth_sessions', { id: id('bbbb'), user_id: id('aaaa'), refresh_hash: "md5(n::text) || md5(n::text || 'x')" })
  await prisma.$executeRawUnsafe('ANALYZE')
}

const userId = (n: number) => `0190aaaa00-0000-7000-8000-${String(n).padStart(12, '0')}`

/** What a request costs the database grows with what it touches, not with how much there is. PostgreSQL only. */
export async function million(place: BenchDatabase): Promise<Row[]> {
  if (place.provider !== 'postgresql') return [shown('a million sessions: needs PostgreSQL', 0, '')]
  const prisma = (await connect(place, { log: true })) as unknown as PrismaClient
  const seen = new Map<string, string>()
  ;(prisma as any).$on('query', ({ query, params }: { query: string; params: string }) => void seen.set(query, params))
  const auth = createAuth({
    prisma,
    secret: 'bench-only-value-bench-only-value-0001',
    logger: quiet,
    limits: { enabled: false },
    cleanup: false,
    feed: { pollEvery: '1h' },
  })
  const { id } = await auth.users.create({ email: 'template@example.com', password: PASSWORD })
  await auth.sessions.create(id)
  const took: Record<string, number[]> = {}
  let filled = 1
  const server = express().use('/auth', auth.router()).listen(0)
  const refreshUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth/refresh`
  for (const size of SIZES) {
    await fill(prisma, filled, size)
    filled = size
    seen.clear()
    for (const [name, ms] of Object.entries(await measure(auth, prisma, { size, refreshUrl }))) (took[name] ??= []).push(ms)
  }
  const scans = await sequentialScans(prisma, seen)
  server.close()
  await auth.close()
  await prisma.$disconnect()
  for (const [name, [small = 0, large = 0]] of Object.entries(took)) printRounds(`${name}, ms at 100,000 and at 1,000,000`, [small, large])
  return [
    ...Object.entries(took).map(([name, [small = 1, large = 1]]) =>
      held(`${name}: a million over a hundred thousand`, large / small, { max: name.includes('list') ? 15 : 3 }),
    ),
    held('statements with a sequential scan of users or sessions', scans.length, { max: 0, digits: 0 }),
  ]
}

type Auth = ReturnType<typeof createAuth>

async function measure(auth: Auth, prisma: PrismaClient, { size, refreshUrl }: { size: number; refreshUrl: string }): Promise<Record<string, number>> {
  const pick = (i: number) => Math.floor((i * 7919 * 104729) % (size - 2)) + 1
  const timed = async (times: number, work: (i: number) => Promise<unknown>) => {
    const ms: number[] = []
    for (let i = 0; i < times; i++) {
      const began = performance.now()
      await work(i)
      ms.push(performance.now() - began)
    }
    return median(ms)
  }
  const find = await timed(TIMES, (i) => auth.users.findByEmail(`many${pick(i)}@example.com`))
  const signIn = await timed(TIMES, (i) => auth.sessions.create(userId(pick(i))))
  let { refreshToken } = await auth.sessions.create(userId(pick(1)))
  const refresh = await timed(TIMES, async () => {
    const answer = await fetch(refreshUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ refreshToken }) })
    refreshToken = ((await answer.json()) as { refreshToken: string }).refreshToken
  })
  const list = await timed(TIMES, (i) => auth.sessions.list(userId(pick(i))))
  const revoke = await timed(50, (i) => auth.sessions.revokeAll(userId(pick(i))))
  const page = await timed(20, () => auth.users.list({ limit: 50 }))
  await prisma.$executeRawUnsafe(
    `UPDATE auth_sessions SET expires_at = now() - interval '3 days' WHERE id IN (SELECT id FROM auth_sessions ORDER BY id DESC LIMIT ${EXPIRED})`,
  )
  const began = performance.now()
  await auth.cleanup.run()
  return {
    'account by address': find,
    'sign-in beside the hash': signIn,
    refresh,
    'list of sessions': list,
    'end of sessions': revoke,
    'list of users': page,
    [`cleanup of ${EXPIRED}`]: performance.now() - began,
  }
}

/** Of the statements seen, those that PostgreSQL would answer by reading all of a large table. */
async function sequentialScans(prisma: PrismaClient, seen: ReadonlyMap<string, string>): Promise<string[]> {
  const found: string[] = []
  for (const [query, params] of seen) {
    if (!/^(SELECT|UPDATE|DELETE)/i.test(query) || !/auth_(users|sessions)/.test(query) || /information_schema|generate_series|interval/.test(query)) continue
    const values = JSON.parse(params.replace(/(\d{4}-\d\d-\d\d [\d:.]+) UTC/g, '$1')) as unknown[]
    const literal = (value: unknown) =>
      typeof value === 'number' || typeof value === 'boolean' ? String(value) : value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`
    const plain = query.replace(/\$(\d+)/g, (_, n: string) => literal(values[Number(n) - 1]))
    const plan = JSON.stringify(await prisma.$queryRawUnsafe(`EXPLAIN ${plain}`))
    // The newest page of users is read from the end of the primary key.
    if (/Seq Scan on (auth_users|auth_sessions)/.test(plan)) {
      found.push(query)
      console.log(`  sequential scan: ${query}`)
    }
  }
  return found
}
