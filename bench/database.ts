import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { connect, type Place } from './connect.ts'

const serverUrl = process.env.LATCHKEY_TEST_POSTGRES_URL ?? `postgresql://${process.env.PGUSER ?? 'postgres'}@127.0.0.1:5432/postgres`

export interface BenchDatabase extends Place {
  drop: () => Promise<void>
}

function isOpen(url: string) {
  const { hostname, port } = new URL(url)
  return new Promise<boolean>((resolve) => {
    const socket = net.connect({ host: hostname, port: Number(port || 5432), timeout: 1000 })
    const end = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket
      .once('connect', () => end(true))
      .once('timeout', () => end(false))
      .once('error', () => end(false))
  })
}

async function load({ provider, url }: Place) {
  const client = await connect({ provider, url })
  const snapshot = readFileSync(path.resolve(import.meta.dirname, `../sql/${provider}.sql`), 'utf8')
  for (const statement of snapshot.split(/;\n/)) if (statement.trim()) await client.$executeRawUnsafe(statement)
  if (provider === 'sqlite') await client.$queryRawUnsafe('PRAGMA journal_mode = WAL')
  await client.$disconnect()
}

async function onServer(statement: string) {
  const client = await connect({ provider: 'postgresql', url: serverUrl })
  await client.$executeRawUnsafe(statement)
  await client.$disconnect()
}

/** A fresh database: PostgreSQL where it can be reached (LATCHKEY_TEST_POSTGRES_URL), else a SQLite file. */
export async function createDatabase(): Promise<BenchDatabase> {
  if (await isOpen(serverUrl)) {
    const name = `latchkey_bench_${process.pid}_${randomBytes(4).toString('hex')}`
    const url = new URL(serverUrl)
    url.pathname = `/${name}`
    const place = { provider: 'postgresql', url: url.href } as const
    await onServer(`CREATE DATABASE ${name}`)
    await load(place)
    return { ...place, drop: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`) }
  }
  const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-bench-'))
  const place = { provider: 'sqlite', url: `file:${path.join(dir, 'bench.db')}` } as const
  await load(place)
  return { ...place, drop: async () => rmSync(dir, { recursive: true, force: true }) }
}
