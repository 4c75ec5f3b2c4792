import type { Worked } from './client.ts'
import type { BenchDatabase } from './database.ts'
import type { HashCost } from './hashing.ts'
import { PASSWORD } from './password.ts'
import { type Program, start } from './processes.ts'
import { held, printRounds, type Row, shown } from './report.ts'
import type { Usage } from './server.ts'
import { countStatements } from './statements.ts'
import { median } from './stats.ts'

const ROUNDS = 5
const SECONDS = 3
const CLIENTS = 8
const USERS = 400

interface Run {
  server: Program<number>
  client: Program
  base: string
}

/** What one of `name` took on the server, in ms of CPU. */
async function measured<Result extends Worked>({ server, client, base }: Run, route: string, question: string, input: object) {
  const before = await server.ask<Usage>('usage')
  const worked = await client.ask<Result>(question, { url: base + route, ...input })
  const after = await server.ask<Usage>('usage')
  const refused = worked.times.length - worked.done
  if (refused > 0) throw new Error(`${route}: ${refused} answers were no success: ${JSON.stringify(worked.statuses)}`)
  return { ...worked, cpu: (after.cpu - before.cpu) / 1000 / worked.done }
}

const signUps = (round: number, count: number) => Array.from({ length: count }, (_, i) => ({ email: `new${round}x${i}@example.com`, password: PASSWORD }))

async function signIns(run: Run): Promise<Row[]> {
  const emails = await run.server.ask<string[]>('users', { count: USERS, prefix: 'member' })
  const bodies = emails.map((email) => ({ email, password: PASSWORD }))
  const rate: number[] = []
  const share: number[] = []
  const beside: number[] = []
  const besideSignUp: number[] = []
  const p50: number[] = []
  const hashes: number[] = []
  // Until the compiler has seen what is hot.
  await measured(run, '/login', 'posts', { bodies, clients: CLIENTS, seconds: 20 })
  for (let i = 0; i < ROUNDS; i++) {
    const hash = await run.server.ask<HashCost>('hash', { times: 60 })
    const many = await measured(run, '/login', 'posts', { bodies, clients: CLIENTS, seconds: SECONDS })
    const one = await measured(run, '/login', 'posts', { bodies: bodies.slice(i * 40, i * 40 + 40), clients: 1 })
    const up = await measured(run, '/signup', 'posts', { bodies: signUps(i, 60), clients: CLIENTS })
    hashes.push(hash.cpu)
    rate.push(many.perSecond)
    share.push((many.perSecond * hash.clock) / 1000)
    beside.push(many.cpu - hash.cpu)
    besideSignUp.push(up.cpu - hash.cpu)
    p50.push(median(one.times))
  }
  printRounds('a bare hash, ms of CPU', hashes, 1)
  printRounds(`sign-ins/s, ${CLIENTS} clients`, rate, 1)
  printRounds('sign-in, ms of CPU beside the hash', beside)
  printRounds('sign-up, ms of CPU beside the hash', besideSignUp)
  return [
    held(`sign-ins/s, ${CLIENTS} clients`, median(rate), { min: 45, digits: 1 }),
    shown('sign-ins/s over bare hashes/s', median(share)),
    shown('sign-in p50, one client', median(p50), ' ms', 1),
    held('sign-in: CPU beside the hash', median(beside), { max: 5, unit: ' ms' }),
    held('sign-up: CPU beside the hash', median(besideSignUp), { max: 5, unit: ' ms' }),
  ]
}

async function sessions(run: Run): Promise<Row[]> {
  const made = await run.server.ask<{ accessToken: string; refreshToken: string }[]>('sessions', { count: 300, prefix: 'guest' })
  let tokens = made.slice(0, CLIENTS).map(({ refreshToken }) => refreshToken)
  const rate: number[] = []
  const cpu: number[] = []
  const p50: number[] = []
  for (let i = 0; i <= ROUNDS; i++) {
    const refreshed = await measured<Worked & { tokens: string[] }>(run, '/refresh', 'refreshes', { tokens, seconds: i === 0 ? 1 : SECONDS })
    tokens = refreshed.tokens
    const outs = made.slice(CLIENTS + i * 40, CLIENTS + i * 40 + 40).map(({ accessToken }) => accessToken)
    const out = await measured(run, '/logout', 'logouts', { tokens: outs })
    if (i === 0) continue
    rate.push(refreshed.perSecond)
    cpu.push(refreshed.cpu)
    p50.push(median(out.times))
  }
  printRounds(`refreshes/s, ${CLIENTS} clients`, rate, 0)
  printRounds('sign-out p50, ms', p50)
  return [
    held(`refreshes/s, ${CLIENTS} clients`, median(rate), { min: 1000, digits: 0 }),
    shown('refresh: CPU', median(cpu), ' ms'),
    shown('sign-out p50, one client', median(p50), ' ms'),
  ]
}

/** Sign-up, sign-in, refresh and sign-out. */
export async function flows(place: BenchDatabase): Promise<Row[]> {
  const server = await start<number>('server', { core: 'server', settings: { kind: 'latchkey', place } })
  const client = await start('client', { core: 'load' })
  const run = { server, client, base: `http://127.0.0.1:${server.ready}/auth` }
  const rows = [...(await signIns(run)), ...(await sessions(run))]
  await Promise.all([client.stop(), server.stop()])
  return [...rows, ...(await countStatements(place))]
}
