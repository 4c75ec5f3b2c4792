import http from 'node:http'
import type { BenchDatabase } from './database.ts'
import { send } from './http.ts'
import { start as startProgram } from './processes.ts'
import { held, printRounds, type Row, shown } from './report.ts'
import type { ServerSettings } from './server.ts'
import { median } from './stats.ts'

const TIMES = 7

/** ms from the spawn to the first answer. */
async function firstAnswer(settings: ServerSettings, path: string): Promise<number> {
  const server = await startProgram<number>('server', { core: 'server', settings })
  const { status } = await send(`http://127.0.0.1:${server.ready}${path}`, { method: 'GET', agent: new http.Agent() })
  const taken = performance.now() - server.spawnedAt
  if (status !== 200) throw new Error(`the first answer was ${status}`)
  await server.stop()
  return taken
}

/** Of the package's main entry. */
async function importTime(): Promise<number> {
  const program = await startProgram<number>('imports', { core: 'server' })
  await program.stop()
  return program.ready
}

export async function start(place: BenchDatabase): Promise<Row[]> {
  const times = {
    bare: [] as number[],
    prisma: [] as number[],
    latchkey: [] as number[],
    prismaQuery: [] as number[],
    health: [] as number[],
    imports: [] as number[],
  }
  for (let i = 0; i < TIMES; i++) {
    times.bare.push(await firstAnswer({ kind: 'bare' }, '/thing'))
    times.prisma.push(await firstAnswer({ kind: 'prisma', place }, '/thing'))
    times.latchkey.push(await firstAnswer({ kind: 'latchkey', place }, '/thing'))
    times.prismaQuery.push(await firstAnswer({ kind: 'prisma', place }, '/first'))
    times.health.push(await firstAnswer({ kind: 'latchkey', place }, '/auth/health'))
    times.imports.push(await importTime())
  }
  for (const [name, values] of Object.entries(times)) printRounds(`${name}, ms`, values, 0)
  const overPrisma = times.latchkey.map((ms, i) => ms - times.prisma[i]!)
  return [
    shown('start to first answer: bare Express', median(times.bare), ' ms', 0),
    shown('start to first answer: with Prisma', median(times.prisma), ' ms', 0),
    held('start to first answer: with Prisma and latchkey', median(times.latchkey), { max: 400, unit: ' ms', digits: 0 }),
    shown('start to first answer: latchkey over Prisma', median(overPrisma), ' ms', 0),
    shown('start to first answer that asks the database: with Prisma', median(times.prismaQuery), ' ms', 0),
    shown('start to first answer that asks the database: latchkey', median(times.health), ' ms', 0),
    held('import of the main entry over Express', median(times.imports), { max: 100, unit: ' ms', digits: 0 }),
  ]
}
