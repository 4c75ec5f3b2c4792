import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'

const { snapshotOf } = require('../../scripts/database-sql.mjs')
const { canonical, readTables } = require('../../scripts/ddl.mjs')
const { dialects, schemaOf, staleSchemas } = require('../../scripts/generate-schemas.mjs')
const { mysqlDiff } = require('../../scripts/mysql-diff.mjs')
const { nativeTypes, render, translate } = require('../../scripts/render.mjs')

const root = path.resolve(__dirname, '../..')
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
const prisma = (dialect: string, ...args: string[]) =>
  execFileSync(process.execPath, [path.join(root, 'node_modules/prisma/build/index.js'), ...args], {
    cwd: root,
    env: { ...process.env, LATCHKEY_DIALECT: dialect },
    encoding: 'utf8',
    stdio: 'pipe',
  })

test('the three schemas are what auth.prisma gives', () => {
  expect(staleSchemas()).toEqual([])
  expect(dialects.map(schemaOf)).toEqual(dialects.map((dialect: string) => read(`prisma/${dialect}/schema.prisma`)))
})

describe.each(['sqlite', 'postgresql', 'mysql'])('%s', (dialect) => {
  test('its schema is valid and formatted as Prisma formats', () => {
    expect(prisma(dialect, 'validate')).toMatch(/is valid/)
    expect(prisma(dialect, 'format', '--check')).toMatch(/formatted correctly/)
  })

  test('its snapshot, made anew, is the text in sql/', () => {
    expect(snapshotOf(dialect)).toBe(read(`sql/${dialect}.sql`))
  })
})

test.each(['postgresql', 'sqlite'])('what writes the SQL of MySQL writes that of %s as Prisma’s own engine does, letter by letter', (dialect) => {
  expect(render(dialect, translate(readTables(snapshotOf('postgresql')), dialect))).toBe(snapshotOf(dialect))
})

test('each native type of the MySQL schema is in its SQL', () => {
  const tables = readTables(read('sql/mysql.sql'))
  const natives = Object.entries(nativeTypes(read('prisma/mysql/schema.prisma'))).flatMap(([table, columns]) =>
    Object.entries(columns as object).map(([column, type]) => [table, column, type]),
  )
  expect(natives.length).toBe(read('prisma/mysql/schema.prisma').split(' @db.').length - 1)
  for (const [table, column, type] of natives) expect([table, column, tables.get(table).columns.get(column).type]).toEqual([table, column, type])
})

test('no index of MySQL is wider than the 3072 bytes that InnoDB takes', () => {
  for (const table of readTables(read('sql/mysql.sql')).values()) {
    const bytes = (column: string) =>
      4 * Number(/^VARCHAR\((\d+)\)$/.exec(table.columns.get(column).type)?.[1] ?? (/^TEXT|BLOB/.test(table.columns.get(column).type) ? 1e6 : 2))
    for (const { columns } of [...table.indexes.values(), { columns: table.primaryKey }])
      expect([columns, columns.map(bytes).reduce((sum: number, one: number) => sum + one) <= 3072]).toEqual([columns, true])
  }
})

test('a MySQL migration between two schemas leads from the one to the other', () => {
  const before = read('sql/mysql.sql')
  const after = before
    .replace('    `locale` VARCHAR(191) NULL,', "    `locale` TEXT NOT NULL,\n    `nick` VARCHAR(20) NOT NULL DEFAULT 'x',")
    .replace('    `suspended_reason` VARCHAR(191) NULL,\n', '')
    .replace('INDEX `auth_users_created_at_idx`(`created_at`)', 'INDEX `auth_users_created_at_status_idx`(`created_at`, `status`)')
    .replace(/-- CreateTable\nCREATE TABLE `auth_blocked_email_domains`[\s\S]*?;\n\n/, '')
    .replace('ON DELETE SET NULL ON UPDATE NO ACTION', 'ON DELETE RESTRICT ON UPDATE CASCADE')
  const migration = mysqlDiff(readTables(before), readTables(after))
  expect(migration).toMatch(/MODIFY `locale` TEXT NOT NULL/)
  expect(canonical(readTables(before, migration))).toEqual(canonical(readTables(after)))
  expect(mysqlDiff(readTables(after), readTables(after))).toBe('')
})

test.each([
  ['a statement', 'CREATE VIEW x AS SELECT 1;\n'],
  ['a change of a table', 'CREATE TABLE "x" (\n    "a" TEXT\n);\nALTER TABLE "x" ENABLE ROW LEVEL SECURITY;\n'],
  ['a column', 'CREATE TABLE "x" (\n    "a" TEXT COLLATE "C"\n);\n'],
])('%s that the reader does not know is an error, not passed over', (_what, sql) => {
  expect(() => readTables(sql)).toThrow(/^unknown/)
})
