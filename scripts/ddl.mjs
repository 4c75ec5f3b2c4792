// Reads the DDL that Prisma's engine, render.mjs and our migrations consist of into plain tables, so that they can be compared and rendered
// without a server. A statement it does not know is an error, never skipped.

const names = (list) => list.split(',').map((one) => one.trim())
const bare = (sql) => sql.replace(/["`](\w+)["`]/g, '$1').replace(/^\s*--.*$/gm, '')
const statementsOf = (sql) =>
  bare(sql)
    .split(/;[ \t]*(?:\n|$)/)
    .map((one) => one.trim())
    .filter(Boolean)

function readColumn(rest) {
  const found = /^(\w+(?:\(\d+\))?)( NOT NULL| NULL)?( PRIMARY KEY)?( AUTO_?INCREMENT)?(?: DEFAULT (.+))?$/.exec(rest)
  if (!found) throw new Error(`unknown column: ${rest}`)
  const [, type, nullable, key, auto, value] = found
  const isSerial = /SERIAL$/.test(type)
  const plain = { SERIAL: 'INTEGER', BIGSERIAL: 'BIGINT' }[type] ?? type
  return { type: plain, notNull: nullable === ' NOT NULL', auto: Boolean(auto) || isSerial, default: value ?? null, key: Boolean(key) }
}

function readForeignKey(text) {
  const [, own, table, columns, actions] = /^\((.+?)\) REFERENCES (\w+) ?\((.+?)\) (.+)$/.exec(text)
  return { columns: names(own), table, references: names(columns), actions }
}

function addLine(table, line) {
  const [, unique, index, indexed] = /^(UNIQUE )?INDEX (\w+)\((.+)\)$/.exec(line) ?? []
  if (index) return void table.indexes.set(index, { unique: Boolean(unique), columns: names(indexed) })
  const [, primary] = /^(?:CONSTRAINT \w+ )?PRIMARY KEY \((.+)\)$/.exec(line) ?? []
  if (primary) return void (table.primaryKey = names(primary))
  const [, foreign, definition] = /^CONSTRAINT (\w+) FOREIGN KEY (.+)$/.exec(line) ?? []
  if (foreign) return void table.foreignKeys.set(foreign, readForeignKey(definition))
  const [, name, rest] = /^(\w+) +(.+)$/.exec(line)
  const { key, ...column } = readColumn(rest)
  if (key) table.primaryKey = [name]
  table.columns.set(name, column)
}

const columnChanges = [
  [/^SET NOT NULL$/, (column) => void (column.notNull = true)],
  [/^DROP NOT NULL$/, (column) => void (column.notNull = false)],
  [/^DROP DEFAULT$/, (column) => void (column.default = null)],
  [/^SET DEFAULT (.+)$/, (column, value) => void (column.default = value)],
  [/^SET DATA TYPE (\S+)$/, (column, type) => void (column.type = type)],
]

function changeColumn(table, name, change) {
  for (const [pattern, apply] of columnChanges) {
    const found = pattern.exec(change)
    if (found) return apply(table.columns.get(name), found[1])
  }
  throw new Error(`unknown change of a column: ${change}`)
}

const tableChanges = [
  [/^ADD COLUMN +(.+)$/, (table, line) => addLine(table, line)],
  [/^ADD (CONSTRAINT .+)$/, (table, line) => addLine(table, line)],
  [/^MODIFY (\w+ .+)$/, (table, line) => addLine(table, line)],
  [/^DROP COLUMN (\w+)$/, (table, name) => void table.columns.delete(name)],
  [/^DROP (?:CONSTRAINT|FOREIGN KEY) (\w+)$/, (table, name) => void table.foreignKeys.delete(name)],
  [/^ALTER COLUMN (\w+) (.+)$/, (table, name, change) => changeColumn(table, name, change)],
]

function alterTable(tables, name, actions) {
  const [, renamed] = /^RENAME TO (\w+)$/.exec(actions) ?? []
  if (renamed) {
    tables.set(renamed, tables.get(name))
    return void tables.delete(name)
  }
  for (const action of actions.split(/,\s*\n\s*/)) {
    const known = tableChanges.find(([pattern]) => pattern.test(action))
    if (!known) throw new Error(`unknown change of a table: ${action}`)
    known[1](tables.get(name), ...known[0].exec(action).slice(1))
  }
}

function createTable(tables, name, body) {
  const table = { columns: new Map(), primaryKey: [], indexes: new Map(), foreignKeys: new Map() }
  for (const line of body.split('\n')) if (line.trim()) addLine(table, line.trim().replace(/,$/, ''))
  tables.set(name, table)
}

const statementKinds = [
  [/^(?:PRAGMA|INSERT|UPDATE|DELETE|CREATE SCHEMA)\b/, () => {}],
  [/^CREATE TABLE (\w+) \(\n([\s\S]*)\n\)[^)]*$/, createTable],
  [/^CREATE ((?:UNIQUE )?INDEX \w+) ON (\w+)(\(.+\))$/, (tables, index, table, columns) => addLine(tables.get(table), index + columns)],
  [/^DROP INDEX (\w+)/, (tables, index) => tables.forEach((table) => void table.indexes.delete(index))],
  [/^DROP TABLE (\w+)$/, (tables, name) => void tables.delete(name)],
  [/^ALTER TABLE (\w+) ([\s\S]+)$/, alterTable],
]

/** The tables that scripts lead to, applied in order to an empty database. */
export function readTables(...scripts) {
  const tables = new Map()
  for (const statement of scripts.flatMap(statementsOf)) {
    const known = statementKinds.find(([pattern]) => pattern.test(statement))
    if (!known) throw new Error(`unknown statement: ${statement.slice(0, 120)}`)
    known[1](tables, ...known[0].exec(statement).slice(1))
  }
  return tables
}

const sorted = (map, of = (value) => value) => Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, of(value)]))

/** The same for tables that differ in nothing but the order of their parts. */
export const canonical = (tables) =>
  sorted(tables, ({ columns, primaryKey, indexes, foreignKeys }) => ({
    columns: sorted(columns),
    primaryKey,
    indexes: sorted(indexes),
    foreignKeys: sorted(foreignKeys),
  }))
