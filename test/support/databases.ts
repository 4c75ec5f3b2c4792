import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { PrismaLibSql } from '@prisma/adapter-libsql'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient as MysqlClient } from '../../generated/mysql/client.ts'
import { PrismaClient as PostgresClient } from '../../generated/postgresql/client.ts'
import { PrismaClient as SqliteClient } from '../../generated/sqlite/client.ts'

export type Provider = 'sqlite' | 'postgresql' | 'mysql'
export type TestClient = SqliteClient

declare const LATCHKEY_PROVIDER: Provider
declare const LATCHKEY_URL: string
export const provider: Provider = typeof LATCHKEY_PROVIDER === 'undefined' ? 'sqlite' : LATCHKEY_PROVIDER
const serverUrl = typeof LATCHKEY_URL === 'undefined' ? '' : LATCHKEY_URL

const snapshot = readFileSync(path.resolve(__dirname, `../../sql/${provider}.sql`), 'utf8')
const statements = snapshot
  .split(/;\n/)
  .map((one) => one.trim())
  .filter(Boolean)
const log = [{ emit: 'event' as const, level: 'query' as const }]

export interface TestDatabase {
  url: string
  /** Another client of the same database, as another process would have. */
  connect: () => TestClient
  drop: () => Promise<void>
}

function clientFor(url: string): TestClient {
  if (provider === 'postgresql') {
    const adapter = new PrismaPg({ connectionString: url, max: 10, idleTimeoutMillis: 500, connectionTimeoutMillis: 1500 })
    return new PostgresClient({ adapter, log }) as unknown as TestClient
  }
  if (provider === 'mysql') {
    const { hostname: host, port, username: user, password, pathname } = new URL(url)
    const adapter = new PrismaMariaDb({
      host,
      port: Number(port),
      user,
      password: decodeURIComponent(password),
      database: pathname.slice(1),
      connectionLimit: 10,
      // A file makes many clients; servers allow some 150 connections in all.
      minimumIdle: 1,
      idleTimeout: 1,
      connectTimeout: 1500,
    })
    return new MysqlClient({ adapter, log }) as unknown as TestClient
  }
  return new SqliteClient({ adapter: new PrismaLibSql({ url }), log })
}

async function runAll(client: TestClient, all: readonly string[]) {
  for (const statement of all) await client.$executeRawUnsafe(statement)
}

async function onServer(statement: string) {
  const client = clientFor(serverUrl)
  await client.$executeRawUnsafe(statement)
  await client.$disconnect()
}

async function createFile(empty: boolean): Promise<TestDatabase> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-test-'))
  const url = `file:${path.join(dir, 'test.db')}`
  const client = clientFor(url)
  await client.$queryRawUnsafe('PRAGMA journal_mode = WAL')
  if (!empty) await runAll(client, statements)
  await client.$disconnect()
  return { url, connect: () => clientFor(url), drop: async () => rmSync(dir, { recursive: true, force: true }) }
}

async function createOnServer(empty: boolean): Promise<TestDatabase> {
  const name = `latchkey_test_${process.pid}_${randomBytes(6).toString('hex')}`
  await onServer(`CREATE DATABASE ${name}`)
  const url = serverUrl.replace(/\/[^/]*$/, `/${name}`)
  const drop = () => onServer(`DROP DATABASE ${name}${provider === 'postgresql' ? ' WITH (FORCE)' : ''}`)
  if (empty) return { url, connect: () => clientFor(url), drop }
  const client = clientFor(url)
  // One statement for the whole schema where the protocol takes several at once.
  if (provider === 'postgresql') await client.$transaction(statements.map((one) => client.$executeRawUnsafe(one)))
  else await runAll(client, statements)
  await client.$disconnect()
  return { url, connect: () => clientFor(url), drop }
}

/** A fresh database with the schema of `sql/`, or `empty`. */
export const createDatabase = ({ empty = false } = {}): Promise<TestDatabase> => (provider === 'sqlite' ? createFile(empty) : createOnServer(empty))
