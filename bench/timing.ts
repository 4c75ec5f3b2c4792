import type { Worked } from './client.ts'
import type { BenchDatabase } from './database.ts'
import { start } from './processes.ts'
import { held, type Row, shown } from './report.ts'
import type { ServerSettings } from './server.ts'
import { areaUnderCurve, median, shuffled } from './stats.ts'

const SAMPLES = 300
// Fewer than the failures that lock an account.
const PER_ACCOUNT = 5

interface Question {
  what: string
  path: string
  body: (email: string) => object
  status: number
  options?: ServerSettings['options']
}

const wrong = 'an incorrect password'
const questions: readonly Question[] = [
  { what: 'failed sign-in', path: '/login', body: (email) => ({ email, password: wrong }), status: 401 },
  {
    what: 'sign-up, verification required',
    path: '/signup',
    body: (email) => ({ email, password: 'a password that is new' }),
    status: 202,
    options: { emailVerification: { required: true } },
  },
  { what: 'sign-up in two steps', path: '/signup/initiate', body: (email) => ({ email }), status: 202, options: { signup: { twoStep: true } } },
  {
    what: 'sign-in by passkey',
    path: '/passkeys/authentication/options',
    body: (email) => ({ email }),
    status: 200,
    options: { passkeys: { enabled: true } },
  },
  { what: 'forgotten password', path: '/forgot-password', body: (email) => ({ email }), status: 202 },
  { what: 'verification again', path: '/verify-email/send', body: (email) => ({ email }), status: 202 },
  { what: 'magic link', path: '/magic-link/request', body: (email) => ({ email }), status: 202, options: { magicLink: { enabled: true } } },
  { what: 'sign-in code', path: '/passwordless/send', body: (email) => ({ email }), status: 202, options: { passwordless: { email: true } } },
]

/** T-STAT: whether the duration of one answer tells that the account exists. */
export async function timing(place: BenchDatabase): Promise<Row[]> {
  const rows: Row[] = []
  for (const question of questions) rows.push(...(await compare(place, question)))
  return rows
}

async function compare(place: BenchDatabase, { what, path, body, status, options = {} }: Question): Promise<Row[]> {
  const server = await start<number>('server', { core: 'server', settings: { kind: 'latchkey', place, hasMail: true, options } satisfies ServerSettings })
  const client = await start('client', { core: 'load' })
  const url = `http://127.0.0.1:${server.ready}/auth${path}`
  const tag = path.replace(/\W/g, '')
  const known = await server.ask<string[]>('users', { count: SAMPLES / PER_ACCOUNT, prefix: `known${tag}` })
  // A sign-up makes its address known, so each is used once.
  const unknown = Array.from({ length: SAMPLES }, (_, i) =>
    path === '/signup' ? `other${tag}${i}@example.com` : known[i % known.length]!.replace('known', 'other'),
  )
  const warm = await server.ask<string[]>('users', { count: 10, prefix: `warm${tag}` })
  await client.ask('posts', { url, clients: 1, bodies: [...warm, ...warm.map((email) => `x${email}`)].map(body) })

  const plan = shuffled([...unknown, ...Array.from({ length: PER_ACCOUNT }, () => known).flat()])
  const { times, statuses } = await client.ask<Worked>('posts', { url, clients: 1, bodies: plan.map(body) })
  if (statuses[String(status)] !== plan.length) throw new Error(`${what}: not every answer was ${status}: ${JSON.stringify(statuses)}`)
  await Promise.all([client.stop(), server.stop()])

  const isKnown = new Set(known)
  const ofKnown = times.filter((_, i) => isKnown.has(plan[i]!))
  const ofUnknown = times.filter((_, i) => !isKnown.has(plan[i]!))
  const difference = Math.abs(median(ofKnown) - median(ofUnknown))
  const allowed = Math.max(2, median(times) / 10)
  return [
    shown(`${what}, known account: p50`, median(ofKnown), ' ms'),
    shown(`${what}, unknown account: p50`, median(ofUnknown), ' ms'),
    held(`${what}: difference of the medians`, difference, { max: Number(allowed.toFixed(2)), unit: ' ms' }),
    held(`${what}: AUC of known against unknown`, areaUnderCurve(ofKnown, ofUnknown), { min: 0.4, max: 0.6 }),
  ]
}
