// Where the schemas, migrations and snapshots are, and what they have to be.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { readTables } from './ddl.mjs'
import { nativeTypes, render, translate } from './render.mjs'

const root = path.resolve(import.meta.dirname, '..')
const fileIn = (...parts) => path.join(root, ...parts)
export const read = (file) => readFileSync(fileIn(file), 'utf8')
export const schemaFile = (dialect) => `prisma/${dialect}/schema.prisma`
export const snapshotFile = (dialect) => fileIn('sql', `${dialect}.sql`)
export const migrationsDir = (dialect) => fileIn('prisma', dialect, 'migrations')

/** `[{ name, sql }]`, the oldest first. */
export function migrationsOf(dialect) {
  const dir = migrationsDir(dialect)
  const names = existsSync(dir) ? readdirSync(dir).filter((name) => /^\d{4}_/.test(name)) : []
  return names.sort().map((name) => ({ name, sql: readFileSync(path.join(dir, name, 'migration.sql'), 'utf8') }))
}

/** What Prisma's engine writes to get from one schema file (or nothing) to another; it needs no server for that. */
export function diff(dialect, from, to) {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-diff-'))
  const url = dialect === 'sqlite' ? `file:${path.join(dir, 'diff.db')}` : 'postgresql://none'
  const args = ['migrate', 'diff', ...(from ? ['--from-schema', from] : ['--from-empty']), '--to-schema', to, '--script']
  // The same engine everywhere, so that the text is the same everywhere.
  const engine = fileIn('prisma/offline-engine/schema-engine.mjs')
  const env = { ...process.env, LATCHKEY_DIALECT: dialect, DATABASE_URL: url, PRISMA_SCHEMA_ENGINE_BINARY: engine }
  try {
    const sql = execFileSync(process.execPath, [fileIn('node_modules/prisma/build/index.js'), ...args], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
    })
    return `${sql.trim()}\n`
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const made = new Map()
/** The whole schema of one dialect, by the engine; by render.mjs for MySQL. */
export function snapshotOf(dialect) {
  if (!made.has(dialect)) made.set(dialect, dialect === 'mysql' ? mysqlSnapshot() : diff(dialect, null, schemaFile(dialect)))
  return made.get(dialect)
}

const mysqlSnapshot = () => render('mysql', translate(readTables(snapshotOf('postgresql')), 'mysql', nativeTypes(read(schemaFile('mysql')))))
