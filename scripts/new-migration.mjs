// node scripts/new-migration.mjs <name>: after a change of prisma/auth.prisma, writes the schemas, the next migration of each dialect and the
// snapshots. It starts from the schemas as they were committed together with the newest migration.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { diff, migrationsDir, migrationsOf, schemaFile, snapshotFile, snapshotOf } from './database-sql.mjs'
import { readTables } from './ddl.mjs'
import { dialects } from './generate-schemas.mjs'
import { mysqlDiff } from './mysql-diff.mjs'

const root = path.resolve(import.meta.dirname, '..')
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()

function schemaOfNewestMigration(dialect, dir) {
  const migrations = path.relative(root, migrationsDir(dialect))
  if (git('status', '--porcelain', '--', migrations)) throw new Error(`${migrations} has changes that are not committed: commit the last migration first`)
  const file = path.join(dir, `${dialect}.prisma`)
  writeFileSync(file, git('show', `${git('log', '-1', '--format=%H', '--', migrations)}:${schemaFile(dialect)}`))
  return file
}

function migrationSql(dialect, dir) {
  if (dialect !== 'mysql') return diff(dialect, schemaOfNewestMigration(dialect, dir), schemaFile(dialect))
  return mysqlDiff(readTables(...migrationsOf(dialect).map(({ sql }) => sql)), readTables(snapshotOf(dialect)))
}

function main(name) {
  if (!/^[a-z][a-z0-9_]*$/.test(name ?? '')) throw new Error('usage: node scripts/new-migration.mjs <name_in_snake_case>')
  execFileSync(process.execPath, [path.join(root, 'scripts/generate-schemas.mjs')], { stdio: 'inherit' })
  const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-migration-'))
  try {
    const number = String(migrationsOf(dialects[0]).length + 1).padStart(4, '0')
    // All three before the first is written, so that a refusal leaves nothing behind.
    const scripts = dialects.map((dialect) => [dialect, migrationSql(dialect, dir), snapshotOf(dialect)])
    if (scripts.every(([, sql]) => /^\s*(-- This is an empty migration\.)?\s*$/.test(sql))) throw new Error('nothing has changed')
    for (const [dialect, sql, snapshot] of scripts) {
      const target = path.join(migrationsDir(dialect), `${number}_${name}`)
      mkdirSync(target)
      writeFileSync(path.join(target, 'migration.sql'), sql)
      writeFileSync(snapshotFile(dialect), snapshot)
      console.log(path.relative(root, target))
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

main(process.argv[2])
