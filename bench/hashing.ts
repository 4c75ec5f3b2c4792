import type { BenchDatabase } from './database.ts'
import { start } from './processes.ts'
import { printRounds, type Row, shown } from './report.ts'
import { median } from './stats.ts'

const ROUNDS = 5

export interface HashCost {
  /** ms of CPU for each. */
  cpu: number
  /** ms of the clock for each, one after the other. */
  clock: number
}

/** What a hash at the default parameters costs in each implementation. */
export async function hashing(_place: BenchDatabase): Promise<Row[]> {
  const server = await start('server', { core: 'server', settings: { kind: 'bare' } })
  const cost = { 'npm argon2': [] as number[], '@node-rs/argon2': [] as number[] }
  for (let i = 0; i < ROUNDS; i++) {
    for (const name of ['npm argon2', '@node-rs/argon2'] as const) {
      const { cpu } = await server.ask<HashCost>('hash', { times: 30, implementation: name })
      cost[name].push(cpu)
    }
  }
  await server.stop()
  for (const [name, values] of Object.entries(cost)) printRounds(`${name}, ms of CPU`, values, 1)
  return [
    ...Object.entries(cost).map(([name, values]) => shown(`a hash by ${name}: CPU`, median(values), ' ms', 1)),
    shown('npm argon2 over @node-rs/argon2', median(cost['npm argon2'].map((ms, i) => ms / cost['@node-rs/argon2'][i]!))),
  ]
}
