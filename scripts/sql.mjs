// Writes sql/<dialect>.sql, the whole schema as it stands, and checks what the migrations give against it.
//   node scripts/sql.mjs            writes the snapshots
//   node scripts/sql.mjs --check    fails where a snapshot is stale or the migrations do not lead to it
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { mysqlSql } from './mysql-sql.mjs'

const root = path.resolve(import.meta.dirname, '..')
// The same engine everywhere, so that the text is the same everywhere.
const engine = path.join(root, 'prisma/offline-engine/schema-engine.mjs')
const read = (file) => readFileSync(path.join(root, file), 'utf8')
const snapshotFile = (dialect) => path.join(root, 'sql', `${dialect}.sql`)
const migrationsOf = (dialect) => {
  const dir = path.join(root, 'prisma', dialect, 'migrations')
  return existsSync(dir)
    ? readdirSync(dir)
        .filter((name) => /^\d{4}_/.test(name))
        .sort()
        .map((name) => path.join(dir, name))
    : []
}

/** What Prisma's engine writes to get from one schema (or nothing) to another; it needs no database for that. */
export function diff(dialect, from, to) {
  const url = dialect === 'sqlite' ? `file:${path.join(mkdtempSync(path.join(os.tmpdir(), 'latchkey-')), 'diff.db')}` : 'postgresql://none'
  const args = ['prisma', 'migrate', 'diff', ...(from ? ['--from-schema', from] : ['--from-empty']), '--to-schema', to, '--script']
  return execFileSync('npx', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, LATCHKEY_DIALECT: dialect, DATABASE_URL: url, PRISMA_SCHEMA_ENGINE_BINARY: engine },
  }).trim()
}

/** The whole schema of one dialect. */
export function snapshot(dialect) {
  if (dialect !== 'mysql') return `${diff(dialect, null, `prisma/${dialect}/schema.prisma`)}\n`
  return mysqlSql(`${diff('postgresql', null, 'prisma/postgresql/schema.prisma')}\n`, read('prisma/mysql/schema.prisma'))
}

const check = process.argv.includes('--check')
const faults = []
for (const dialect of ['sqlite', 'postgresql', 'mysql']) {
  const wanted = snapshot(dialect)
  const migrations = migrationsOf(dialect)
  if (migrations.length === 0) {
    const dir = path.join(root, 'prisma', dialect, 'migrations')
    mkdirSync(path.join(dir, '0001_init'), { recursive: true })
    writeFileSync(path.join(dir, '0001_init', 'migration.sql'), wanted)
    writeFileSync(path.join(dir, 'migration_lock.toml'), `# Made by Prisma's migrations; keep it with them.\nprovider = "${dialect}"\n`)
  } else if (migrations.length === 1 && readFileSync(path.join(migrations[0], 'migration.sql'), 'utf8') !== wanted) {
    faults.push(`prisma/${dialect}/migrations does not lead to the schema: write the next migration`)
  }
  if (check && (!existsSync(snapshotFile(dialect)) || readFileSync(snapshotFile(dialect), 'utf8') !== wanted))
    faults.push(`sql/${dialect}.sql is stale: run node scripts/sql.mjs`)
  if (!check) writeFileSync(snapshotFile(dialect), wanted)
}
if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
console.log(check ? 'schema, migrations and snapshots agree' : 'snapshots written')
