import type { Worked } from './client.ts'
import type { BenchDatabase } from './database.ts'
import { PASSWORD } from './password.ts'
import { type Program, start } from './processes.ts'
import { held, printRounds, type Row, shown } from './report.ts'
import { median, percentile } from './stats.ts'

const SIGN_INS = 500
const ROUNDS = 7
const SECONDS = 4

interface Polled {
  times: number[]
  statuses: Record<string, number>
}

interface Crowded {
  server: Program<number>
  emails: readonly string[]
  load: (client: Program, url: string, bodies: object[]) => Promise<Worked>
}

/** The median over the rounds of `/health`'s 99th percentile, in ms. */
async function healthUnder(name: string, { server, emails, load }: Crowded): Promise<number> {
  const [client, poller] = await Promise.all([start('client', { core: 'load', givesWay: true }), start('client', { core: 'load' })])
  const base = `http://127.0.0.1:${server.ready}/auth`
  const bodies = emails.map((email) => ({ email, password: PASSWORD }))
  await client.ask('posts', { url: `${base}/login`, bodies: bodies.slice(0, 50), clients: 4 })
  await poller.ask('poll', { url: `${base}/health`, everyMs: 10, seconds: 1 })
  const p99: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const [polled, worked] = await Promise.all([
      poller.ask<Polled>('poll', { url: `${base}/health`, everyMs: 20, seconds: SECONDS }),
      load(client, `${base}/login`, bodies),
    ])
    p99.push(percentile(polled.times, 0.99))
    const [signIns, health] = [worked, polled].map(({ statuses }) => JSON.stringify(statuses))
    console.log(`  ${name}: sign-ins ${signIns}, health ${health}, p50 ${median(polled.times).toFixed(1)} ms`)
  }
  await Promise.all([client.stop(), poller.stop(), server.stop()])
  printRounds(`${name}, /health p99 in ms`, p99, 0)
  return median(p99)
}

async function rounds(name: string, place: BenchDatabase, maxQueue: number | undefined, load: Crowded['load']): Promise<Row> {
  const options = maxQueue === undefined ? {} : { password: { maxQueue } }
  const server = await start<number>('server', { core: 'server', settings: { kind: 'latchkey', place, options } })
  const emails = await server.ask<string[]>('users', { count: SIGN_INS, prefix: `busy${maxQueue ?? ''}x` })
  return held(`/health p99, ${name}`, await healthUnder(name, { server, emails, load }), { max: 100, unit: ' ms', digits: 0 })
}

const atOnce: Crowded['load'] = (client, url, bodies) => client.ask('posts', { url, bodies, clients: SIGN_INS })

/** The same crowd at an app that does nothing but let it wait. */
async function alone(): Promise<Row> {
  const name = `${SIGN_INS} sign-ins at once, Express alone`
  const server = await start<number>('crowd', { core: 'server' })
  const emails = Array.from({ length: SIGN_INS }, (_, i) => `busy${i}@example.com`)
  return shown(`/health p99, ${name}`, await healthUnder(name, { server, emails, load: atOnce }), ' ms', 0)
}

/** `/health` while sign-ins wait: all at once and each allowed to wait, and as clients that come again when the default queue refuses them. */
export async function busy(place: BenchDatabase): Promise<Row[]> {
  return [
    await rounds(`${SIGN_INS} sign-ins at once, all queued`, place, SIGN_INS, atOnce),
    await alone(),
    await rounds(`${SIGN_INS} clients, default queue`, place, undefined, (client, url, bodies) =>
      client.ask('patient', { url, bodies, clients: SIGN_INS, seconds: SECONDS }),
    ),
  ]
}
