import http from 'node:http'
import type { BenchDatabase } from './database.ts'
import { send } from './http.ts'
import { PASSWORD } from './password.ts'
import { start } from './processes.ts'
import { held, type Row } from './report.ts'

/** The statements of each flow, with BEGIN and COMMIT, in a process that has served each once before. */
export async function countStatements(place: BenchDatabase): Promise<Row[]> {
  const settings = { kind: 'latchkey', place, log: true, guard: 'requireAuth', options: { feed: { pollEvery: '1h' } } }
  const server = await start<number>('server', { core: 'server', settings })
  const checked = await start<number>('server', {
    core: 'server',
    settings: { ...settings, options: { ...settings.options, sessions: { check: 'database' } } },
  })
  const agent = new http.Agent({ keepAlive: true })
  const post = (path: string, body?: object, token?: string) =>
    send(`http://127.0.0.1:${server.ready}/auth${path}`, { agent, ...(body && { body }), ...(token && { token }) })
  const counts: Record<string, number> = {}
  const counted = async <Value>(name: string, work: () => Promise<Value>, program = server) => {
    await program.ask('statements')
    const value = await work()
    const statements = await program.ask<string[]>('statements')
    // Prisma tells of COMMIT and, with some drivers, not of BEGIN.
    const begun = statements.filter((one) => /^BEGIN/i.test(one)).length
    const ended = statements.filter((one) => /^(COMMIT|ROLLBACK)/i.test(one)).length
    counts[name] = statements.length + Math.max(0, ended - begun)
    if (process.env.LATCHKEY_BENCH_VERBOSE) console.log(name, statements)
    return value
  }
  // The second turn counts: in the first, keys and feed are read.
  for (const turn of [1, 2]) {
    const credentials = { email: `counted${turn}@example.com`, password: PASSWORD }
    await counted('sign-up', () => post('/signup', credentials))
    const signedIn = await counted('sign-in', () => post('/login', credentials))
    const { accessToken, refreshToken } = signedIn.body
    for (const [name, program] of [
      ['check', server],
      ["check: 'database'", checked],
    ] as const) {
      const ask = () => send(`http://127.0.0.1:${program.ready}/thing`, { method: 'GET', token: accessToken, agent })
      await ask() // the other process reads what this one has changed
      await counted(name, ask, program)
    }
    await counted('refresh', () => post('/refresh', { refreshToken }))
    await counted('sign-out', () => post('/logout', undefined, accessToken))
  }
  agent.destroy()
  await Promise.all([server.stop(), checked.stop()])
  const most: Record<string, number> = { 'sign-up': 8, 'sign-in': 8, refresh: 3, 'sign-out': 4, check: 0, "check: 'database'": 1 }
  return Object.entries(counts).map(([name, count]) => held(`${name}: statements`, count, { max: most[name]!, digits: 0 }))
}
