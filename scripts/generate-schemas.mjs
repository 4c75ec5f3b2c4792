// Writes prisma/<dialect>/schema.prisma from prisma/auth.prisma. `--check` fails where one is stale.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const prismaDir = path.resolve(import.meta.dirname, '../prisma')
const dialects = ['sqlite', 'postgresql', 'mysql']
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

const stale = dialects.filter((dialect) => {
  const file = path.join(prismaDir, dialect, 'schema.prisma')
  const wanted = head(dialect) + models.split('\n').map(line(dialect)).join('\n')
  if (process.argv.includes('--check')) return readFileSync(file, 'utf8') !== wanted
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, wanted)
  return false
})
if (stale.length > 0) {
  console.error(`stale: ${stale.map((dialect) => `prisma/${dialect}/schema.prisma`).join(', ')}. Run node scripts/generate-schemas.mjs`)
  process.exit(1)
}
