import type { Hammered } from './client.ts'
import type { BenchDatabase } from './database.ts'
import { type Program, start } from './processes.ts'
import { held, printRounds, type Row, shown } from './report.ts'
import type { ServerSettings, Usage } from './server.ts'
import { median } from './stats.ts'

const ROUNDS = 5
const SECONDS = 3
const COOKIE = '__Host-lk.access'

interface Contestant {
  name: string
  settings: ServerSettings
  cookie?: boolean
  apiKey?: boolean
  /** Throughput relative to bare Express. */
  min?: number
}

interface Running extends Contestant {
  server: Program<number>
  headers: Record<string, string>
  perSecond: number[]
  cpu: number[]
}

const contestants = (place: BenchDatabase): Contestant[] => [
  { name: 'bare Express 5', settings: { kind: 'bare' } },
  { name: 'requireAuth, bearer', settings: { kind: 'latchkey', place, guard: 'requireAuth' }, min: 0.95 },
  { name: 'requireAuth, cookie', settings: { kind: 'latchkey', place, guard: 'requireAuth' }, cookie: true, min: 0.95 },
  { name: "requireRole('admin')", settings: { kind: 'latchkey', place, guard: 'requireRole' }, min: 0.9 },
  { name: "requirePermission('…')", settings: { kind: 'latchkey', place, guard: 'requirePermission' }, min: 0.9 },
  {
    name: 'requirePermission, API key',
    settings: { kind: 'latchkey', place, guard: 'requirePermission', options: { apiKeys: { enabled: true } } },
    apiKey: true,
    min: 0.9,
  },
  {
    name: "sessions.check: 'database'",
    settings: { kind: 'latchkey', place, guard: 'requireAuth', options: { sessions: { check: 'database' } } },
    min: 0.45,
  },
]

async function run(contestant: Contestant): Promise<Running> {
  const server = await start<number>('server', { core: 'server', settings: contestant.settings })
  return { ...contestant, server, headers: {}, perSecond: [], cpu: [] }
}

async function round(client: Program, { server, headers, perSecond, cpu }: Running, seconds = SECONDS) {
  const before = await server.ask<Usage>('usage')
  const { requests, perSecond: rate } = await client.ask<Hammered>('hammer', { url: `http://127.0.0.1:${server.ready}/thing`, headers, seconds })
  const after = await server.ask<Usage>('usage')
  perSecond.push(rate)
  cpu.push((after.cpu - before.cpu) / requests)
}

/** A request with a valid credential. The bare route gets the same headers, so that what they cost Node is on both sides. */
export async function verified(place: BenchDatabase): Promise<Row[]> {
  const running = await Promise.all(contestants(place).map(run))
  const client = await start('client', { core: 'load' })
  const [bare, first] = running as [Running, Running]
  const token = await first.server.ask<string>('token')
  const key = await first.server.ask<string>('key')
  const headersOf = ({ cookie, apiKey }: Contestant): Record<string, string> =>
    cookie ? { cookie: `${COOKIE}=${token}` } : { authorization: apiKey ? `ApiKey ${key}` : `Bearer ${token}` }
  for (const one of running) one.headers = headersOf(one)
  for (const one of running) await round(client, { ...one, perSecond: [], cpu: [] }, 2)
  for (let i = 0; i < ROUNDS; i++) for (const one of i % 2 ? running.toReversed() : running) await round(client, one)
  const usages = await Promise.all(running.map(({ server }) => server.ask<Usage>('usage')))
  await Promise.all([client, ...running.map(({ server }) => server)].map((one) => one.stop()))

  const rows = running.flatMap(({ name, perSecond, cpu, min }, i) => {
    const ratios = perSecond.map((rate, round) => rate / bare.perSecond[round]!)
    const extra = cpu.map((each, round) => each - bare.cpu[round]!)
    printRounds(`${name}, requests/s`, perSecond, 0)
    if (min === undefined) return [shown(`${name}: server CPU per request`, median(cpu), ' µs', 0), memory(name, usages[i]!)]
    printRounds(`${name}, ratio`, ratios)
    printRounds(`${name}, µs of CPU over bare`, extra, 0)
    const cpuRow = shown(`${name}: server CPU over bare`, median(extra), ' µs', 0)
    return [held(`${name}: throughput over bare`, median(ratios), { min }), cpuRow, memory(name, usages[i]!, 245)]
  })
  return rows
}

function memory(name: string, { rss }: Usage, max?: number): Row {
  const what = `${name}: memory after the load`
  return max === undefined ? shown(what, rss / 1e6, ' MB', 0) : held(what, rss / 1e6, { max, unit: ' MB', digits: 0 })
}
