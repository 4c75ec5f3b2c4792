import type { BenchDatabase } from './database.ts'
import type { Hammer, Hammered } from './hammer.ts'
import { type Program, start } from './processes.ts'
import { held, printRounds, type Row, shown } from './report.ts'
import type { ServerSettings, Usage } from './server.ts'
import { median } from './stats.ts'
import { hammerByWrk, hasWrk } from './wrk.ts'

// One and the same program is faster or slower by some hundredths from one start to the next, so each is started several times, each time with a
// server of its own beside it, mostly a bare one. The two take turns, many and short: a machine is faster and slower from one second to the next, and a program that has not run
// for some seconds begins with cold caches.
const STARTS = 3
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
  /** What it is measured beside: bare Express where it is left out. */
  beside?: Contestant
  /** Throughput relative to that. */
  min?: number
}

interface Running extends Contestant {
  server: Program<number>
  headers: Record<string, string>
  figures: Figures
}

/** One of each round; `ratio` and `extraCpu` are against the turn of the server beside it. */
interface Figures {
  perSecond: number[]
  ratio: number[]
  cpu: number[]
  extraCpu: number[]
  rss: number[]
}
const noFigures = (): Figures => ({ perSecond: [], ratio: [], cpu: [], extraCpu: [], rss: [] })

interface Turn {
  perSecond: number
  /** µs for each request. */
  cpu: number
}

const bareExpress: Contestant = { name: 'bare Express', settings: { kind: 'bare' } }
/** What an app on Prisma has before it guards anything: of the same process, more or less, without the package. */
const withPrisma = (place: BenchDatabase): Contestant => ({ name: 'Express with Prisma', settings: { kind: 'prisma', place, hasAsked: true } })

const contestants = (place: BenchDatabase): Contestant[] => [
  { name: 'an empty middleware', settings: { kind: 'bare', guard: 'empty' } },
  { name: 'the same with 8 MB more in memory', settings: { kind: 'bare', guard: 'empty', ballast: 8 } },
  { name: 'an empty middleware, with Prisma', settings: { kind: 'prisma', place, hasAsked: true, guard: 'empty' } },
  { name: 'requireAuth, bearer', settings: { kind: 'latchkey', place, guard: 'requireAuth' }, min: 0.95 },
  { name: 'requireAuth, bearer', settings: { kind: 'latchkey', place, guard: 'requireAuth' }, beside: withPrisma(place), min: 0.95 },
  { name: 'requireAuth, cookie', settings: { kind: 'latchkey', place, guard: 'requireAuth' }, cookie: true, min: 0.95 },
  { name: 'requireAuth, cookie', settings: { kind: 'latchkey', place, guard: 'requireAuth' }, cookie: true, beside: withPrisma(place), min: 0.95 },
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

/** A turn of one contestant and one of the server beside it, which is sent the same headers. */
async function round(client: Program, other: Running, one: Running, otherFirst: boolean) {
  const early = otherFirst ? await turn(client, other) : undefined
  const own = await turn(client, one)
  const beside = early ?? (await turn(client, other))
  const { figures } = one
  figures.perSecond.push(own.perSecond)
  figures.ratio.push(own.perSecond / beside.perSecond)
  figures.cpu.push(own.cpu)
  figures.extraCpu.push(own.cpu - beside.cpu)
  other.figures.perSecond.push(beside.perSecond)
  other.figures.cpu.push(beside.cpu)
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

async function oneStart(client: Program, other: Contesting, one: Contesting, { token, key }: Credentials) {
  const headers: Running['headers'] = one.cookie ? { cookie: `${COOKIE}=${token}` } : { authorization: one.apiKey ? `ApiKey ${key}` : `Bearer ${token}` }
  const both = [await startOne(other, headers), await startOne(one, headers)] as const
  for (const each of both) await turn(client, each, WARM_UP_MILLISECONDS)
  for (let i = 0; i < ROUNDS; i++) await round(client, ...both, i % 2 === 0)
  for (const { server, figures } of both) figures.rss.push((await server.ask<Usage>('usage')).rss)
  await Promise.all(both.map(({ server }) => server.stop()))
}

/** A request with a valid credential. */
export async function verified(place: BenchDatabase): Promise<Row[]> {
  const all = contestants(place).map((one) => ({ ...one, beside: one.beside ?? bareExpress, figures: noFigures() }))
  const bases = new Map([...new Set(all.map(({ beside }) => beside.name))].map((name) => [name, noFigures()]))
  console.log(`  the load: ${hasWrk ? 'wrk' : 'a client in Node (wrk is not installed)'}`)
  const client = await start('client', { core: 'load' })
  for (let i = 0; i < STARTS; i++) {
    const made = await credentials(place) // an access token lasts a quarter of an hour, and all starts together take longer
    for (const one of all) await oneStart(client, { ...one.beside, figures: bases.get(one.beside.name)! }, one, made)
  }
  await client.stop()
  return [...[...bases].flatMap(([name, figures]) => alone(name, figures)), ...all.flatMap((one) => compared(one))]
}

const alone = (name: string, { cpu, rss }: Figures) => [shown(`${name}: server CPU per request`, median(cpu), ' µs', 0), memory(name, rss)]

function compared({ name, beside, min, figures }: Contesting & { beside: Contestant }): Row[] {
  const { perSecond, ratio, extraCpu, rss } = figures
  const what = `${name}, over ${beside.name}`
  printRounds(`${name}, requests/s in each start`, inStarts(perSecond), 0)
  printRounds(`${what}, ratio in each start`, inStarts(ratio))
  return [
    min === undefined ? shown(`${what}: throughput`, median(ratio)) : held(`${what}: throughput`, median(ratio), { min }),
    shown(`${what}: server CPU`, median(extraCpu), ' µs', 0),
    memory(name, rss, min === undefined ? undefined : 245),
  ]
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
