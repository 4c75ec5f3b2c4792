// Writes tables as SQL in Prisma's conventions for each dialect. It is for MySQL, which the engine compiled to WebAssembly does not know;
// the other two are here because a test holds them to the engine's own text, which shows that the conventions are read rightly.

// From PostgreSQL's types, the richest of the three.
const types = {
  postgresql: { TEXT: 'TEXT', 'TIMESTAMP(3)': 'TIMESTAMP(3)', JSONB: 'JSONB', BYTEA: 'BYTEA', BOOLEAN: 'BOOLEAN', INTEGER: 'INTEGER', BIGINT: 'BIGINT' },
  sqlite: { TEXT: 'TEXT', 'TIMESTAMP(3)': 'DATETIME', JSONB: 'JSONB', BYTEA: 'BLOB', BOOLEAN: 'BOOLEAN', INTEGER: 'INTEGER', BIGINT: 'BIGINT' },
  mysql: { TEXT: 'VARCHAR(191)', 'TIMESTAMP(3)': 'DATETIME(3)', JSONB: 'JSON', BYTEA: 'LONGBLOB', BOOLEAN: 'BOOLEAN', INTEGER: 'INTEGER', BIGINT: 'BIGINT' },
}
// Exact comparison of ids, hashes, addresses and names, which MySQL's usual collations do not give.
const tails = { postgresql: ');', sqlite: ');', mysql: ') DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;' }

export const quoted = (dialect, name) => (dialect === 'mysql' ? `\`${name}\`` : `"${name}"`)
const list = (dialect, columns) => `(${columns.map((one) => quoted(dialect, one)).join(', ')})`

/** `{ table: { column: 'TEXT' | 'VARCHAR(n)' } }` for the columns of a schema that name a native type. */
export function nativeTypes(schema) {
  const found = {}
  for (const [, body] of schema.matchAll(/\nmodel \w+ \{\n([\s\S]*?)\n\}/g)) {
    const table = /@@map\("(\w+)"\)/.exec(body)[1]
    for (const [line, field] of body.matchAll(/^ +(\w+) .*@db\.\w+.*$/gm)) {
      const column = /@map\("(\w+)"\)/.exec(line)?.[1] ?? field
      found[table] ??= {}
      found[table][column] = /@db\.(\w+(?:\(\d+\))?)/.exec(line)[1].toUpperCase()
    }
  }
  return found
}

/** Tables read from PostgreSQL's script with the types of another dialect; `natives` as `nativeTypes` gives them. */
export function translate(tables, dialect, natives = {}) {
  const typeOf = (table, name, { type, auto }) => {
    if (dialect === 'sqlite' && auto) return 'INTEGER'
    const found = natives[table]?.[name] ?? types[dialect][type]
    if (!found) throw new Error(`no ${dialect} type for ${type} (${table}.${name})`)
    return found
  }
  const columnsOf = (table, { columns }) => new Map([...columns].map(([name, column]) => [name, { ...column, type: typeOf(table, name, column) }]))
  return new Map([...tables].map(([name, table]) => [name, { ...table, columns: columnsOf(name, table) }]))
}

export function columnText(dialect, name, column, isKey = false) {
  const auto = { postgresql: '', sqlite: ' AUTOINCREMENT', mysql: ' AUTO_INCREMENT' }[dialect]
  const type = dialect === 'postgresql' && column.auto ? { INTEGER: 'SERIAL', BIGINT: 'BIGSERIAL' }[column.type] : column.type
  const nullable = column.notNull ? ' NOT NULL' : dialect === 'mysql' ? ' NULL' : ''
  const key = dialect === 'sqlite' && isKey ? ' PRIMARY KEY' : ''
  return `${quoted(dialect, name)} ${type}${nullable}${key}${column.auto ? auto : ''}${column.default === null ? '' : ` DEFAULT ${column.default}`}`
}

export function foreignKeyText(dialect, name, { columns, table, references, actions }) {
  const space = dialect === 'sqlite' ? ' ' : ''
  return `CONSTRAINT ${quoted(dialect, name)} FOREIGN KEY ${list(dialect, columns)} REFERENCES ${quoted(dialect, table)}${space}${list(dialect, references)} ${actions}`
}

const indexText = (dialect, name, { unique, columns }) => `${unique ? 'UNIQUE ' : ''}INDEX ${quoted(dialect, name)}${list(dialect, columns)}`

/** The lines after the columns, each dialect in its own manner. */
function constraintLines(dialect, name, table) {
  const key = `PRIMARY KEY ${list(dialect, table.primaryKey)}`
  if (dialect === 'postgresql') return ['', `CONSTRAINT ${quoted(dialect, `${name}_pkey`)} ${key.replaceAll(', ', ',')}`]
  if (dialect === 'mysql') return ['', ...[...table.indexes].map(([one, index]) => indexText(dialect, one, index)), key]
  const keys = [...table.foreignKeys].map(([one, foreign]) => foreignKeyText(dialect, one, foreign))
  return table.primaryKey.length > 1 ? ['', key, ...keys] : keys
}

export function tableText(dialect, name, table) {
  const isKey = (column) => table.primaryKey.length === 1 && table.primaryKey[0] === column
  const lines = [...[...table.columns].map(([one, column]) => columnText(dialect, one, column, isKey(one))), ...constraintLines(dialect, name, table)]
  const body = lines.map((line, index) => (line === '' ? '' : `    ${line}${index === lines.length - 1 ? '' : ','}`)).join('\n')
  return `-- CreateTable\nCREATE TABLE ${quoted(dialect, name)} (\n${body}\n${tails[dialect]}\n`
}

export function createIndexText(dialect, table, name, { unique, columns }) {
  return `-- CreateIndex\nCREATE ${unique ? 'UNIQUE ' : ''}INDEX ${quoted(dialect, name)} ON ${quoted(dialect, table)}${list(dialect, columns)};\n`
}

export const addForeignKeyText = (dialect, table, name, key) =>
  `-- AddForeignKey\nALTER TABLE ${quoted(dialect, table)} ADD ${foreignKeyText(dialect, name, key)};\n`

/** The whole script from an empty database. */
export function render(dialect, tables) {
  const each = (part, text) => [...tables].flatMap(([table, parts]) => [...parts[part]].map(([name, one]) => text(dialect, table, name, one)))
  const head = dialect === 'postgresql' ? ['-- CreateSchema\nCREATE SCHEMA IF NOT EXISTS "public";\n'] : []
  return [
    ...head,
    ...[...tables].map(([name, table]) => tableText(dialect, name, table)),
    ...(dialect === 'mysql' ? [] : each('indexes', createIndexText)),
    ...(dialect === 'sqlite' ? [] : each('foreignKeys', addForeignKeyText)),
  ].join('\n')
}
