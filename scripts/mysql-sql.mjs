// MySQL's DDL from the PostgreSQL DDL that Prisma's engine writes, in the form Prisma's MySQL engine gives it. The engine compiled to
// WebAssembly knows no MySQL; types that are MySQL's own (@db.Text, @db.VarChar) come from prisma/mysql/schema.prisma.
const types = {
  TEXT: 'VARCHAR(191)',
  'TIMESTAMP(3)': 'DATETIME(3)',
  JSONB: 'JSON',
  BYTEA: 'LONGBLOB',
  BOOLEAN: 'BOOLEAN',
  INTEGER: 'INTEGER',
  BIGINT: 'BIGINT',
}
// Exact comparison of ids, hashes, addresses and names, which MySQL's usual collations do not give.
const tail = ') DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;'
const quote = (text) => text.replaceAll('"', '`')

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

const statements = (sql) =>
  sql
    .split(/;\n/)
    .map((one) => one.replace(/^\s*-- \w+\n/, '').trim())
    .filter(Boolean)

function columnOf(line, natives) {
  const [, name, type, rest] = /^"(\w+)" (\w+(?:\(\d+\))?)(.*)$/.exec(line)
  if (type === 'BIGSERIAL') return `\`${name}\` BIGINT NOT NULL AUTO_INCREMENT`
  const mysql = natives[name] ?? types[type]
  if (!mysql) throw new Error(`no MySQL type for ${type} (${name})`)
  return `\`${name}\` ${mysql}${rest.includes('NOT NULL') ? rest : ` NULL${rest}`}`
}

function readTable(statement, natives) {
  const [, name, body] = /^CREATE TABLE "(\w+)" \(\n([\s\S]*)\n\)$/.exec(statement)
  const lines = body
    .split('\n')
    .map((line) => line.trim().replace(/,$/, ''))
    .filter(Boolean)
  const columns = lines.filter((line) => line.startsWith('"')).map((line) => columnOf(line, natives[name] ?? {}))
  const [, key] = /PRIMARY KEY \((.*)\)/.exec(lines.at(-1))
  return { name, columns, key: quote(key), indexes: [] }
}

/** The same tables for MySQL. `postgresql`: the engine's script from empty; `schema`: prisma/mysql/schema.prisma. */
export function mysqlSql(postgresql, schema) {
  const natives = nativeTypes(schema)
  const all = statements(postgresql)
  const tables = new Map(all.filter((one) => one.startsWith('CREATE TABLE')).map((one) => [/"(\w+)"/.exec(one)[1], readTable(one, natives)]))
  for (const one of all) {
    const [, unique = '', name, table, columns] = /^CREATE (UNIQUE )?INDEX "(\w+)" ON "(\w+)"\((.*)\)$/.exec(one) ?? []
    if (table) tables.get(table).indexes.push(`${unique}INDEX \`${name}\`(${quote(columns)})`)
  }
  const created = [...tables.values()].map(({ name, columns, key, indexes }) => {
    const lines = [...columns.map((one) => `    ${one}`), '', ...indexes.map((one) => `    ${one}`), `    PRIMARY KEY (${key})`]
    const text = lines.map((line, index) => (line === '' || index === lines.length - 1 ? line : `${line},`)).join('\n')
    return `-- CreateTable\nCREATE TABLE \`${name}\` (\n${text}\n${tail}\n`
  })
  const keys = all.filter((one) => one.startsWith('ALTER TABLE')).map((one) => `-- AddForeignKey\n${quote(one)};\n`)
  return [...created, ...keys].join('\n')
}
