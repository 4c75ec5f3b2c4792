import type { Hammered } from './client.ts'
import type { BenchDatabase } from './database.ts'
import { type Program, start } from './processes.ts'
import { held, printRounds, type Row, shown } from './report.ts'
import type { ServerSettings, Usage } from './server.ts'
import { median } from './stats.ts'

// One and the same program is faster or slower by some hundredths from one start to the next, so each is started anew for every few rounds.
const STARTS = 5
const ROUNDS = 2
const SECONDS = 2
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
  figures: Figures
}

interface Figures {
  perSecond: number[]
  cpu: number[]
  rss: number[]
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

async function round(client: Program, { server, headers, figures }: Running) {
  const before = await server.ask<Usage>('usage')
  const { requests, perSecond } = await client.ask<Hammered>('hammer', { url: `http://127.0.0.1:${server.ready}/thing`, headers, seconds: SECONDS })
  const after = await server.ask<Usage>('usage')
  figures.perSecond.push(perSecond)
  figures.cpu.push((after.cpu - before.cpu) / requests)
}

/** The bare route gets the same headers, so that what they cost Node is on both sides. */
async function startAll(all: readonly (Contestant & { figures: Figures })[]): Promise<Running[]> {
  const servers = await Promise.all(all.map(({ settings }) => start<number>('server', { core: 'server', settings })))
  const token = await servers[1]!.ask<string>('token')
  const key = await servers[1]!.ask<string>('key')
  const headersOf = ({ cookie, apiKey }: Contestant): Record<string, string> =>
    cookie ? { cookie: `${COOKIE}=${token}` } : { authorization: apiKey ? `ApiKey ${key}` : `Bearer ${token}` }
  return all.map((one, i) => ({ ...one, server: servers[i]!, headers: headersOf(one) }))
}

async function oneStart(client: Program, all: readonly (Contestant & { figures: Figures })[]) {
  const running = await startAll(all)
  for (const one of running) await round(client, { ...one, figures: { perSecond: [], cpu: [], rss: [] } })
  for (let i = 0; i < ROUNDS; i++) for (const one of i % 2 ? running.toReversed() : running) await round(client, one)
  for (const { server, figures } of running) figures.rss.push((await server.ask<Usage>('usage')).rss)
  await Promise.all(running.map(({ server }) => server.stop()))
}

/** A request with a valid credential. */
export async function verified(place: BenchDatabase): Promise<Row[]> {
  const all = contestants(place).map((one) => ({ ...one, figures: { perSecond: [], cpu: [], rss: [] } as Figures }))
  const client = await start('client', { core: 'load' })
  for (let i = 0; i < STARTS; i++) await oneStart(client, all)
  await client.stop()
  const bare = all[0]!.figures
  return all.flatMap(({ name, figures: { perSecond, cpu, rss }, min }) => {
    const ratios = perSecond.map((rate, round) => rate / bare.perSecond[round]!)
    const extra = cpu.map((each, round) => each - bare.cpu[round]!)
    printRounds(`${name}, requests/s`, perSecond, 0)
    if (min === undefined) return [shown(`${name}: server CPU per request`, median(cpu), ' µs', 0), memory(name, rss)]
    printRounds(`${name}, ratio`, ratios)
    printRounds(`${name}, µs of CPU over bare`, extra, 0)
    const cpuRow = shown(`${name}: server CPU over bare`, median(extra), ' µs', 0)
    return [held(`${name}: throughput over bare`, median(ratios), { min }), cpuRow, memory(name, rss, 245)]
  })
}

function memory(name: string, rss: readonly number[], max?: number): Row {
  const what = `${name}: memory after the load`
  const mb = median([...rss]) / 1e6
  return max === undefined ? shown(what, mb, ' MB', 0) : held(what, mb, { max, unit: ' MB', digits: 0 })
}
