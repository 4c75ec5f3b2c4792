import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Dialect } from './find-schema.ts'
import { blocksOf } from './schema-text.ts'

/** The models as they stand in a schema of a dialect, without datasource and generator. */
export function modelsFor(root: string, dialect: Dialect): string {
  const lines = readFileSync(path.join(root, 'prisma', dialect, 'schema.prisma'), 'utf8').split('\n')
  return blocksOf(lines)
    .filter(({ kind }) => kind === 'model' || kind === 'enum')
    .map(({ start, end }) => lines.slice(start, end + 1).join('\n'))
    .join('\n\n')
}

export const sqlFor = (root: string, dialect: Dialect) => readFileSync(path.join(root, 'sql', `${dialect}.sql`), 'utf8')

export interface Migration {
  /** '0001_init'. */
  name: string
  sql: string
}

/** The package's migrations, the oldest first. */
export function migrationsFor(root: string, dialect: Dialect): Migration[] {
  const folder = path.join(root, 'prisma', dialect, 'migrations')
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, sql: readFileSync(path.join(folder, name, 'migration.sql'), 'utf8') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The last migration of each release; `latchkey sql --from` begins after it. */
export const releases: Readonly<Record<string, string>> = { '0.1.0': '0001_init' }
