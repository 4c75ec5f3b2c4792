import { execFileSync } from 'node:child_process'
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../generated/postgresql/client.ts'
import type { TestClient } from './databases.ts'
import { freePort } from './free-port.ts'

/** A database server that a test may stop. */
export interface OwnServer {
  connect: () => TestClient
  start: () => void
  /** As a crash does: without a word to those connected. */
  stop: () => void
  remove: () => void
}

const versions = '/usr/lib/postgresql'
const folder = existsSync(versions) ? readdirSync(versions).map((version) => path.join(versions, version, 'bin')) : []
const programs = folder.find((bin) => existsSync(path.join(bin, 'initdb')))
const isRoot = process.getuid?.() === 0
const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))

/** Whether the server's programs are here, and may be run: PostgreSQL does not run as root, so there has to be a user for it. */
export function hasPostgres(): boolean {
  if (!programs) return false
  try {
    return !isRoot || idOf('-u') > 0
  } catch {
    return false
  }
}

export async function ownPostgres(): Promise<OwnServer> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-postgres-'))
  const owner = isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  if (isRoot) chownSync(dir, idOf('-u'), idOf('-g'))
  const run = (program: string, ...args: string[]) => void execFileSync(path.join(programs!, program), args, { ...owner, cwd: dir, stdio: 'ignore' })
  const data = path.join(dir, 'data')
  const control = (...args: string[]) => run('pg_ctl', '-D', data, '-w', '-l', path.join(dir, 'log'), ...args)
  run('initdb', '-D', data, '-A', 'trust', '-U', 'postgres')
  const port = await freePort()
  appendFileSync(path.join(data, 'postgresql.conf'), `port = ${port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '${dir}'\nfsync = off\n`)
  const connect = () =>
    new PrismaClient({ adapter: new PrismaPg({ connectionString: `postgresql://postgres@127.0.0.1:${port}/postgres` }) }) as unknown as TestClient
  const server = { connect, start: () => control('start'), stop: () => control('stop', '-m', 'immediate') }
  server.start()
  const client = connect()
  const snapshot = readFileSync(path.resolve(__dirname, '../../sql/postgresql.sql'), 'utf8')
  for (const statement of snapshot.split(/;\n/)) if (statement.trim()) await client.$executeRawUnsafe(statement)
  await client.$disconnect()
  const remove = () => {
    try {
      server.stop()
    } catch {
      // it is stopped already
    }
    rmSync(dir, { recursive: true, force: true })
  }
  return { ...server, remove }
}
