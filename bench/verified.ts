import type { BenchDatabase } from './database.ts'
import type { Hammered } from './hammer.ts'
import { type Program, start } from './processes.ts'
import { held, printRounds, type Row, shown } from './report.ts'
import type { ServerSettings, Usage } from './server.ts'
import { median } from './stats.ts'

// One and the same program is faster or slower by some hundredths from one start to the next, so each is started several times. A machine is faster
// and slower from one second to the next, so that everyone has its turn every few seconds, many times over.
const STARTS = 4
const ROUNDS = 12
const MILLISECONDS = 400
const WARM_UP_MILLISECONDS = 1500
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
  { name: 'an empty middleware', settings: { kind: 'bare', guard: 'empty' } },
  { name: 'an empty middleware beside Prisma', settings: { kind: 'prisma', place, guard: 'empty' } },
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

async function round(client: Program, { server, headers, figures }: Running, milliseconds = MILLISECONDS) {
  const before = await server.ask<Usage>('usage')
  const { requests, perSecond } = await client.ask<Hammered>('hammer', { url: `http://127.0.0.1:${server.ready}/thing`, headers, milliseconds })
  const after = await server.ask<Usage>('usage')
  figures.perSecond.push(perSecond)
  figures.cpu.push((after.cpu - before.cpu) / requests)
}

/** Made in a process of its own, so that what it takes is in none that is measured. */
async function credentials(place: BenchDatabase) {
  const maker = await start<number>('server', { core: 'server', settings: { kind: 'latchkey', place, options: { apiKeys: { enabled: true } } } })
  const made = { token: await maker.ask<string>('token'), key: await maker.ask<string>('key') }
  await maker.stop()
  return made
}

/** The bare route gets the same headers, so that what they cost Node is on both sides. */
async function startAll(place: BenchDatabase, all: readonly (Contestant & { figures: Figures })[]): Promise<Running[]> {
  const { token, key } = await credentials(place)
  const servers = await Promise.all(all.map(({ settings }) => start<number>('server', { core: 'server', settings })))
  const headersOf = ({ cookie, apiKey }: Contestant): Record<string, string> =>
    cookie ? { cookie: `${COOKIE}=${token}` } : { authorization: apiKey ? `ApiKey ${key}` : `Bearer ${token}` }
  return all.map((one, i) => ({ ...one, server: servers[i]!, headers: headersOf(one) }))
}

async function oneStart(place: BenchDatabase, client: Program, all: readonly (Contestant & { figures: Figures })[]) {
  const running = await startAll(place, all)
  for (const one of running) await round(client, { ...one, figures: { perSecond: [], cpu: [], rss: [] } }, WARM_UP_MILLISECONDS)
  for (let i = 0; i < ROUNDS; i++) for (const one of i % 2 ? running.toReversed() : running) await round(client, one)
  for (const { server, figures } of running) figures.rss.push((await server.ask<Usage>('usage')).rss)
  await Promise.all(running.map(({ server }) => server.stop()))
}

/** A request with a valid credential. */
export async function verified(place: BenchDatabase): Promise<Row[]> {
  const all = contestants(place).map((one) => ({ ...one, figures: { perSecond: [], cpu: [], rss: [] } as Figures }))
  const client = await start('client', { core: 'load' })
  for (let i = 0; i < STARTS; i++) await oneStart(place, client, all)
  await client.stop()
  const bare = all[0]!.figures
  return all.flatMap(({ name, figures: { perSecond, cpu, rss }, min }) => {
    const ratios = perSecond.map((rate, round) => rate / bare.perSecond[round]!)
    const extra = cpu.map((each, round) => each - bare.cpu[round]!)
    const isBare = perSecond === bare.perSecond
    printRounds(`${name}, requests/s in each start`, inStarts(perSecond), 0)
    if (!isBare) printRounds(`${name}, ratio in each start`, inStarts(ratios))
    if (min === undefined) {
      const rows = [shown(`${name}: server CPU per request`, median(cpu), ' µs', 0), memory(name, rss)]
      return isBare ? rows : [shown(`${name}: throughput over bare`, median(ratios)), ...rows]
    }
    const cpuRow = shown(`${name}: server CPU over bare`, median(extra), ' µs', 0)
    return [held(`${name}: throughput over bare`, median(ratios), { min }), cpuRow, memory(name, rss, 245)]
  })
}

/** The median of each start's rounds. */
const inStarts = (values: readonly number[]) => Array.from({ length: STARTS }, (_, i) => median(values.slice(i * ROUNDS, (i + 1) * ROUNDS)))

function memory(name: string, rss: readonly number[], max?: number): Row {
  const what = `${name}: memory after the load`
  const mb = median([...rss]) / 1e6
  return max === undefined ? shown(what, mb, ' MB', 0) : held(what, mb, { max, unit: ' MB', digits: 0 })
}
