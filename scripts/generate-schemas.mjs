// Writes prisma/<dialect>/schema.prisma from prisma/auth.prisma. `--check` fails where one is stale.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const prismaDir = path.resolve(import.meta.dirname, '../prisma')
export const dialects = ['sqlite', 'postgresql', 'mysql']
const models = readFileSync(path.join(prismaDir, 'auth.prisma'), 'utf8')

const head = (dialect) => `// Made from ../auth.prisma by scripts/generate-schemas.mjs.

generator client {
  provider        = "prisma-client"
  output          = "../../generated/${dialect}"
  previewFeatures = ["strictUndefinedChecks"]
}

datasource db {
  provider = "${dialect}"
}

`

/** A trailing `/// @mysql @db.Text` adds a native type there, `/// @mysql,postgresql BigInt` puts another type in the place of the neutral one. */
const line = (dialect) => (text) => {
  const [, field, where, type] = /^(.*?) *\/\/\/ @([a-z,]+) (\S+)$/.exec(text) ?? []
  if (!where) return text
  if (!where.split(',').includes(dialect)) return field
  return type.startsWith('@') ? `${field} ${type}` : field.replace(/^( *\w+ +)\w+/, `$1${type}`)
}

/** Columns in line, as `prisma format` has them. */
function align(text) {
  const field = /^ {2}(\w+) +(\S+)(?: +(.*))?$/
  const inGroups = text.split(/\n(?=\n|model |\}|generator |datasource )/).map((group) => {
    const rows = group.split('\n').map((one) => field.exec(one) ?? one)
    const width = (column) => Math.max(0, ...rows.map((row) => (Array.isArray(row) ? row[column].length : 0)))
    const [name, type] = [width(1), width(2)]
    return rows.map((row) => (Array.isArray(row) ? `  ${row[1].padEnd(name)} ${row[2].padEnd(type)} ${row[3] ?? ''}`.trimEnd() : row)).join('\n')
  })
  return inGroups.join('\n')
}

/** The schema of one dialect, whole. */
export const schemaOf = (dialect) => head(dialect) + align(models.split('\n').map(line(dialect)).join('\n'))

const fileOf = (dialect) => path.join(prismaDir, dialect, 'schema.prisma')
export const staleSchemas = () => dialects.filter((dialect) => !existsSync(fileOf(dialect)) || readFileSync(fileOf(dialect), 'utf8') !== schemaOf(dialect))

function main() {
  if (process.argv.includes('--check')) {
    const stale = staleSchemas().map((dialect) => `prisma/${dialect}/schema.prisma`)
    if (stale.length > 0) console.error(`stale: ${stale.join(', ')}. Run node scripts/generate-schemas.mjs`)
    process.exitCode = stale.length > 0 ? 1 : 0
    return
  }
  for (const dialect of staleSchemas()) {
    mkdirSync(path.dirname(fileOf(dialect)), { recursive: true })
    writeFileSync(fileOf(dialect), schemaOf(dialect))
  }
}
if (process.argv[1] === import.meta.filename) main()
