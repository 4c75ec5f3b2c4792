import type { BenchDatabase } from './database.ts'
import type { Hammer, Hammered } from './hammer.ts'
import { type Program, start } from './processes.ts'
import { held, printRounds, type Row, shown } from './report.ts'
import type { ServerSettings, Usage } from './server.ts'
import { median } from './stats.ts'
import { hammerByWrk, hasWrk } from './wrk.ts'

// One and the same program is faster or slower by some hundredths from one start to the next, so each is started several times, each time with a bare
// server of its own. The two take turns, many and short: a machine is faster and slower from one second to the next, and a program that has not run
// for some seconds begins with cold caches.
const STARTS = 4
// wrk counts in seconds.
const ROUNDS = hasWrk ? 8 : 20
const MILLISECONDS = hasWrk ? 1000 : 250
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

/** One of each round; `bare` are those of the bare server's turn beside it. */
interface Figures {
  perSecond: number[]
  ratio: number[]
  cpu: number[]
  overBare: number[]
  rss: number[]
}
const noFigures = (): Figures => ({ perSecond: [], ratio: [], cpu: [], overBare: [], rss: [] })

interface Turn {
  perSecond: number
  /** µs for each request. */
  cpu: number
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

async function turn(client: Program, { server, headers }: Running, milliseconds = MILLISECONDS): Promise<Turn> {
  const before = await server.ask<Usage>('usage')
  const what: Hammer = { url: `http://127.0.0.1:${server.ready}/thing`, headers, milliseconds }
  const { requests, perSecond } = hasWrk ? await hammerByWrk(what) : await client.ask<Hammered>('hammer', what)
  const after = await server.ask<Usage>('usage')
  return { perSecond, cpu: (after.cpu - before.cpu) / requests }
}

/** A turn of one contestant and one of the bare server beside it, which is sent the same headers. */
async function round(client: Program, bare: Running, one: Running, bareFirst: boolean) {
  const early = bareFirst ? await turn(client, bare) : undefined
  const own = await turn(client, one)
  const beside = early ?? (await turn(client, bare))
  const { figures } = one
  figures.perSecond.push(own.perSecond)
  figures.ratio.push(own.perSecond / beside.perSecond)
  figures.cpu.push(own.cpu)
  figures.overBare.push(own.cpu - beside.cpu)
  bare.figures.perSecond.push(beside.perSecond)
  bare.figures.cpu.push(beside.cpu)
}

/** Made in a process of its own, so that what it takes is in none that is measured. */
async function credentials(place: BenchDatabase): Promise<Credentials> {
  const maker = await start<number>('server', { core: 'server', settings: { kind: 'latchkey', place, options: { apiKeys: { enabled: true } } } })
  const made = { token: await maker.ask<string>('token'), key: await maker.ask<string>('key') }
  await maker.stop()
  return made
}

type Contesting = Contestant & { figures: Figures }
interface Credentials {
  token: string
  key: string
}

async function startOne(one: Contesting, headers: Running['headers']): Promise<Running> {
  return { ...one, server: await start<number>('server', { core: 'server', settings: one.settings }), headers }
}

async function oneStart(client: Program, bare: Contesting, one: Contesting, { token, key }: Credentials) {
  const headers: Running['headers'] = one.cookie ? { cookie: `${COOKIE}=${token}` } : { authorization: one.apiKey ? `ApiKey ${key}` : `Bearer ${token}` }
  const both = [await startOne(bare, headers), await startOne(one, headers)] as const
  for (const each of both) await turn(client, each, WARM_UP_MILLISECONDS)
  for (let i = 0; i < ROUNDS; i++) await round(client, ...both, i % 2 === 0)
  for (const { server, figures } of both) figures.rss.push((await server.ask<Usage>('usage')).rss)
  await Promise.all(both.map(({ server }) => server.stop()))
}

/** A request with a valid credential. */
export async function verified(place: BenchDatabase): Promise<Row[]> {
  const all = contestants(place).map((one) => ({ ...one, figures: noFigures() }))
  console.log(`  the load: ${hasWrk ? 'wrk' : 'a client in Node (wrk is not installed)'}`)
  const client = await start('client', { core: 'load' })
  const [bare, ...others] = all as [Contesting, ...Contesting[]]
  const made = await credentials(place)
  for (let i = 0; i < STARTS; i++) for (const one of others) await oneStart(client, bare, one, made)
  await client.stop()
  return all.flatMap(({ name, figures: { perSecond, ratio, cpu, overBare, rss }, min }) => {
    printRounds(`${name}, requests/s in each start`, inStarts(perSecond), 0)
    if (ratio.length > 0) printRounds(`${name}, ratio in each start`, inStarts(ratio))
    const throughput = `${name}: throughput over bare`
    if (min !== undefined)
      return [held(throughput, median(ratio), { min }), shown(`${name}: server CPU over bare`, median(overBare), ' µs', 0), memory(name, rss, 245)]
    const rows = [shown(`${name}: server CPU per request`, median(cpu), ' µs', 0), memory(name, rss)]
    return ratio.length > 0 ? [shown(throughput, median(ratio)), ...rows] : rows
  })
}

/** The median of each start's rounds. */
function inStarts(values: readonly number[]) {
  const each = values.length / STARTS
  return Array.from({ length: STARTS }, (_, i) => median(values.slice(i * each, (i + 1) * each)))
}

function memory(name: string, rss: readonly number[], max?: number): Row {
  const what = `${name}: memory after the load`
  const mb = median([...rss]) / 1e6
  return max === undefined ? shown(what, mb, ' MB', 0) : held(what, mb, { max, unit: ' MB', digits: 0 })
}
