import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaClient } from '../../generated/mysql/client.ts'
import type { TestClient } from './databases.ts'
import { freePort } from './free-port.ts'
import type { OwnServer } from './own-postgres.ts'

const isRoot = process.getuid?.() === 0
const programs = { server: '/usr/sbin/mariadbd', install: '/usr/bin/mariadb-install-db' }
const idOf = (flag: string) => Number(execFileSync('id', [flag, 'mysql'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))

/** Whether the server's programs are here, and a user for it where this one is root. */
export function hasMariaDb(): boolean {
  try {
    return existsSync(programs.server) && existsSync(programs.install) && (!isRoot || idOf('-u') > 0)
  } catch {
    return false
  }
}

export async function ownMariaDb(): Promise<OwnServer> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-mariadb-'))
  const owner = isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  if (isRoot) chownSync(dir, idOf('-u'), idOf('-g'))
  const data = path.join(dir, 'data')
  const files = ['--no-defaults', `--datadir=${data}`]
  execFileSync(programs.install, [...files, '--auth-root-authentication-method=normal', '--skip-test-db'], { ...owner, cwd: dir, stdio: 'ignore' })
  const port = await freePort()
  const listen = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${path.join(dir, 'socket')}`, `--pid-file=${path.join(dir, 'pid')}`]
  const light = ['--innodb-buffer-pool-size=32M', '--innodb-flush-log-at-trx-commit=2', '--skip-log-bin', '--skip-name-resolve']
  let running: ChildProcess | undefined
  const start = () => {
    running = spawn(programs.server, [...files, ...listen, ...light], { ...owner, cwd: dir, stdio: 'ignore' })
  }
  const stop = () => void running?.kill('SIGKILL')
  const client = (database: string, multipleStatements = false) => {
    // The charset saves the driver (3.4, 3.5) a SET NAMES; a server that goes during it leaves a rejection that nobody can catch.
    const place = { host: '127.0.0.1', port, user: 'root', database, charset: 'utf8mb4' }
    const config = { ...place, multipleStatements, connectionLimit: 10, minimumIdle: 1, connectTimeout: 1500 }
    return new PrismaClient({ adapter: new PrismaMariaDb(config, { useTextProtocol: multipleStatements }) }) as unknown as TestClient
  }
  start()
  const root = client('mysql', true)
  for (const end = Date.now() + 30_000; ; ) {
    try {
      await root.$executeRawUnsafe(`CREATE DATABASE latchkey; USE latchkey; ${readFileSync(path.resolve(__dirname, '../../sql/mysql.sql'), 'utf8')}`)
      break
    } catch (error) {
      if (Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  await root.$disconnect()
  const remove = () => {
    stop()
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
  return { connect: () => client('latchkey'), start, stop, remove }
}
