import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { AuthPrismaClient } from '../../src/index.ts'

/** What the playground needs of a generated client, whatever its dialect. */
export interface PlaygroundClient extends AuthPrismaClient {
  $executeRawUnsafe: (sql: string) => Promise<number>
  $queryRawUnsafe: (sql: string) => Promise<unknown>
  $disconnect: () => Promise<void>
}

export type Dialect = 'sqlite' | 'postgresql' | 'mysql'
export const dialectOf = (url: string): Dialect => (/^postgres/.test(url) ? 'postgresql' : /^(mysql|mariadb)/.test(url) ? 'mysql' : 'sqlite')

/** Connects with the adapter of the URL's dialect; only that one is loaded. */
export async function connect(url: string): Promise<PlaygroundClient> {
  const dialect = dialectOf(url)
  if (dialect === 'postgresql') {
    const [{ PrismaPg }, { PrismaClient }] = await Promise.all([import('@prisma/adapter-pg'), import('../../generated/postgresql/client.ts')])
    return new PrismaClient({ adapter: new PrismaPg({ connectionString: url, connectionTimeoutMillis: 3000 }) })
  }
  if (dialect === 'mysql') {
    const [{ PrismaMariaDb }, { PrismaClient }] = await Promise.all([import('@prisma/adapter-mariadb'), import('../../generated/mysql/client.ts')])
    const { hostname: host, port, username: user, password, pathname } = new URL(url)
    const database = pathname.slice(1)
    const place = { host, port: Number(port || 3306), user, password: decodeURIComponent(password), database, charset: 'utf8mb4' }
    return new PrismaClient({ adapter: new PrismaMariaDb(place) })
  }
  const [{ SqliteAdapter }, { PrismaClient }] = await Promise.all([import('../../prisma/sqlite-adapter.ts'), import('../../generated/sqlite/client.ts')])
  const client = new PrismaClient({ adapter: new SqliteAdapter({ url, timeout: 1000 }) })
  await client.$queryRawUnsafe('PRAGMA journal_mode = WAL')
  return client
}

/** Applies the package's migrations that this database has not seen: what `prisma migrate deploy` does in an app. */
export async function migrate(client: PlaygroundClient, dialect: Dialect, folder: string) {
  const name = dialect === 'mysql' ? 'VARCHAR(191)' : 'TEXT'
  await client.$executeRawUnsafe(`CREATE TABLE IF NOT EXISTS playground_migrations (name ${name} NOT NULL PRIMARY KEY)`)
  const applied = (await client.$queryRawUnsafe('SELECT name FROM playground_migrations')) as { name: string }[]
  const all = readdirSync(folder).filter((one) => /^\d{4}_\w+$/.test(one))
  const sqlOf = (one: string) => readFileSync(path.join(folder, one, 'migration.sql'), 'utf8')
  const keep = (one: string) => client.$executeRawUnsafe(`INSERT INTO playground_migrations (name) VALUES ('${one}')`)
  if (applied.length === 0 && (await hasTables(client, all.map(sqlOf).join('\n')))) {
    for (const one of all) await keep(one)
    return
  }
  for (const one of all.sort().filter((one) => !applied.some(({ name }) => name === one))) {
    const statements = sqlOf(one)
      .split(/;\n/)
      .filter((statement) => statement.trim() !== '')
    for (const statement of statements) await client.$executeRawUnsafe(statement)
    await keep(one)
  }
}

/** Made by something else before, such as `prisma migrate deploy`: they are taken as they are. Throws where only some are there. */
async function hasTables(client: PlaygroundClient, sql: string): Promise<boolean> {
  const names = [...sql.matchAll(/^CREATE TABLE ["`](\w+)["`]/gm)].map(([, name = '']) => name)
  const isThere = (name: string) =>
    client.$queryRawUnsafe(`SELECT 1 FROM ${name} WHERE 1 = 0`).then(
      () => true,
      () => false,
    )
  const missing: string[] = []
  for (const name of names) if (!(await isThere(name))) missing.push(name)
  if (missing.length > 0 && missing.length < names.length)
    throw new Error(`The database has some of latchkey's tables, but not ${missing.join(', ')}: empty it, or name another in DATABASE_URL.`)
  return missing.length === 0
}
