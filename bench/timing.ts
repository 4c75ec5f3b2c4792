import type { Worked } from './client.ts'
import type { BenchDatabase } from './database.ts'
import { start } from './processes.ts'
import { held, type Row, shown } from './report.ts'
import { areaUnderCurve, median, shuffled } from './stats.ts'

const SAMPLES = 300
// Fewer than the failures that lock an account.
const PER_ACCOUNT = 5

/** T-STAT: whether one duration of a failed sign-in tells that the account exists. */
export async function timing(place: BenchDatabase): Promise<Row[]> {
  const server = await start<number>('server', { core: 'server', settings: { kind: 'latchkey', place } })
  const client = await start('client', { core: 'load' })
  const url = `http://127.0.0.1:${server.ready}/auth/login`
  const accounts = SAMPLES / PER_ACCOUNT
  const known = await server.ask<string[]>('users', { count: accounts, prefix: 'known' })
  const unknown = known.map((email) => email.replace('known', 'other'))
  const attempt = (email: string) => ({ email, password: 'an incorrect password' })
  const warm = await server.ask<string[]>('users', { count: 10, prefix: 'warm' })
  await client.ask('posts', { url, clients: 1, bodies: [...warm, ...warm.map((email) => `x${email}`)].map(attempt) })

  const plan = shuffled([known, unknown].flatMap((emails) => Array.from({ length: PER_ACCOUNT }, () => emails).flat()))
  const { times, statuses } = await client.ask<Worked>('posts', { url, clients: 1, bodies: plan.map(attempt) })
  if (statuses['401'] !== plan.length) throw new Error(`not every answer was 401: ${JSON.stringify(statuses)}`)
  await Promise.all([client.stop(), server.stop()])

  const isKnown = new Set(known)
  const ofKnown = times.filter((_, i) => isKnown.has(plan[i]!))
  const ofUnknown = times.filter((_, i) => !isKnown.has(plan[i]!))
  const difference = Math.abs(median(ofKnown) - median(ofUnknown))
  const allowed = Math.max(2, median(times) / 10)
  return [
    shown('failed sign-in, known account: p50', median(ofKnown), ' ms'),
    shown('failed sign-in, unknown account: p50', median(ofUnknown), ' ms'),
    held('failed sign-in: difference of the medians', difference, { max: Number(allowed.toFixed(2)), unit: ' ms' }),
    held('failed sign-in: AUC of known against unknown', areaUnderCurve(ofKnown, ofUnknown), { min: 0.4, max: 0.6 }),
  ]
}
