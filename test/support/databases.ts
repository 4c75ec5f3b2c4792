import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient as MysqlClient } from '../../generated/mysql/client.ts'
import { PrismaClient as PostgresClient } from '../../generated/postgresql/client.ts'
import { PrismaClient as SqliteClient } from '../../generated/sqlite/client.ts'
import { SqliteAdapter } from '../../prisma/sqlite-adapter.ts'

export type Provider = 'sqlite' | 'postgresql' | 'mysql'
export type TestClient = SqliteClient

declare const LATCHKEY_PROVIDER: Provider
declare const LATCHKEY_URL: string
export const provider: Provider = typeof LATCHKEY_PROVIDER === 'undefined' ? 'sqlite' : LATCHKEY_PROVIDER
const serverUrl = typeof LATCHKEY_URL === 'undefined' ? '' : LATCHKEY_URL

const log = [{ emit: 'event' as const, level: 'query' as const }]

export interface TestDatabase {
  url: string
  /** Another client of the same database, as another process would have. */
  connect: () => TestClient
  drop: () => Promise<void>
}

function mysqlClient(url: string, multipleStatements = false) {
  const { hostname: host, port, username: user, password, pathname } = new URL(url)
  const config = {
    host,
    port: Number(port || 3306),
    user,
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    charset: 'utf8mb4',
    multipleStatements,
  }
  // A file makes many clients; servers allow some 150 connections in all.
  const pool = { connectionLimit: 10, minimumIdle: 1, idleTimeout: 1, connectTimeout: 1500 }
  return new MysqlClient({ adapter: new PrismaMariaDb({ ...config, ...pool }, { useTextProtocol: multipleStatements }), log }) as unknown as TestClient
}

function clientFor(url: string): TestClient {
  if (provider === 'mysql') return mysqlClient(url)
  // libsql refuses at once where a lock is held, unless it is told how long to wait; it blocks the event loop meanwhile.
  if (provider === 'sqlite') return new SqliteClient({ adapter: new SqliteAdapter({ url, timeout: 1000 }), log })
  const limits = { max: 10, idleTimeoutMillis: 500, connectionTimeoutMillis: 1500, statement_timeout: 30_000 }
  return new PostgresClient({ adapter: new PrismaPg({ connectionString: url, ...limits }), log }) as unknown as TestClient
}

/** A client of any database of this provider. */
export const clientOf = clientFor

async function onServer(statement: string) {
  const client = provider === 'mysql' ? mysqlClient(serverUrl, true) : clientFor(serverUrl)
  await client.$executeRawUnsafe(statement)
  await client.$disconnect()
}

async function onFile(url: string, statement: string) {
  const client = clientFor(url)
  await client.$queryRawUnsafe(statement)
  await client.$disconnect()
}

async function createFile(empty: boolean): Promise<TestDatabase> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-test-'))
  const file = path.join(dir, 'test.db')
  if (!empty) copyFileSync(path.join(process.env.LATCHKEY_TEST_DIR!, 'template.db'), file)
  const url = `file:${file}`
  if (empty) await onFile(url, 'PRAGMA journal_mode = WAL')
  return { url, connect: () => clientFor(url), drop: async () => rmSync(dir, { recursive: true, force: true }) }
}

function creation(name: string, empty: boolean) {
  const create = `CREATE DATABASE ${name}`
  if (empty) return create
  if (provider === 'postgresql') return `${create} TEMPLATE ${process.env.LATCHKEY_TEST_TEMPLATE}`
  // One round trip for the whole schema.
  return `${create}; USE ${name}; ${readFileSync(path.resolve(__dirname, '../../sql/mysql.sql'), 'utf8')}`
}

async function createOnServer(empty: boolean): Promise<TestDatabase> {
  const name = `latchkey_test_${Date.now().toString(36)}_${randomBytes(5).toString('hex')}`
  await onServer(creation(name, empty))
  const place = new URL(serverUrl)
  place.pathname = name
  const url = place.href
  return { url, connect: () => clientFor(url), drop: () => onServer(`DROP DATABASE ${name}${provider === 'postgresql' ? ' WITH (FORCE)' : ''}`) }
}

/** A fresh database with the schema of `sql/`, or with nothing in it. */
export const createDatabase = ({ empty = false } = {}): Promise<TestDatabase> => (provider === 'sqlite' ? createFile(empty) : createOnServer(empty))
