import type { AuthOptions } from '../options.ts'
import { error, type Finding, messageOf, ok, warning } from './finding.ts'
import type { Io } from './io.ts'
import { modelsFor } from './package-files.ts'
import { blocksOf, membersOf } from './schema-text.ts'

interface Raw {
  $queryRawUnsafe: (sql: string) => Promise<unknown[]>
}
const SKEW_MS = 5000

/** Whether the database answers, has all tables, compares exactly and keeps the time. */
export async function databaseFindings(io: Io, { prisma }: AuthOptions): Promise<Finding[]> {
  const raw = prisma as unknown as Raw
  const began = performance.now()
  try {
    await raw.$queryRawUnsafe('SELECT 1')
  } catch (reason) {
    return [error(`the database cannot be reached: ${messageOf(reason)}`, 'Look at DATABASE_URL and whether the server runs.')]
  }
  const took = Math.round(performance.now() - began)
  return [ok(`the database answers (${took} ms)`), ...(await tableFindings(io, raw)), ...(await collationFindings(raw)), ...(await clockFindings(io, raw))]
}

/** Asks for each column of each table. */
async function tableFindings(io: Io, raw: Raw): Promise<Finding[]> {
  const holds = (sql: string) =>
    raw.$queryRawUnsafe(sql).then(
      () => true,
      () => false,
    )
  // MySQL and SQLite take backticks, PostgreSQL the standard's quotes.
  const quote = (await holds('SELECT 1 AS `x`')) ? '`' : '"'
  const quoted = (name: string) => `${quote}${name}${quote}`
  const missing: string[] = []
  for (const [table, columns] of tablesOf(modelsFor(io.root, 'sqlite').split('\n'))) {
    const has = (list: readonly string[]) => holds(`SELECT ${list.join(', ')} FROM ${quoted(table)} WHERE 1 = 0`)
    if (await has(columns.map(quoted))) continue
    if (!(await has(['1']))) missing.push(table)
    else for (const column of columns) if (!(await has([quoted(column)]))) missing.push(`${table}.${column}`)
  }
  if (missing.length === 0) return [ok('the database has all tables and columns')]
  return [error(`the database lacks ${missing.join(', ')}`, 'Run `npx prisma migrate deploy`.')]
}

/** Names in the database. */
function tablesOf(lines: readonly string[]): [string, string[]][] {
  const blocks = blocksOf(lines)
  const models = new Set(blocks.map(({ name }) => name))
  const named = (attributes: readonly string[], kind: string) => attributes.flatMap((one) => new RegExp(`^${kind}\\("(.+)"\\)$`).exec(one)?.[1] ?? [])[0]
  return blocks.map((block) => {
    const members = membersOf(lines, block)
    const columns = members.filter(({ name, type }) => !name.startsWith('@@') && !models.has(type.replace(/[?[\]]/g, '')))
    const table = members.flatMap(({ attributes }) => named(attributes, '@@map') ?? [])[0] ?? block.name
    return [table, columns.map(({ name, attributes }) => named(attributes, '@map') ?? name)]
  })
}

/** On MySQL ids, hashes and addresses are compared exactly only where the collation is binary. */
async function collationFindings(raw: Raw): Promise<Finding[]> {
  const ask = "SELECT TABLE_COLLATION AS collation FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'auth_users'"
  const [row] = (await raw.$queryRawUnsafe(ask).catch(() => [])) as { collation?: string }[]
  if (!row?.collation) return []
  if (row.collation.endsWith('_bin')) return [ok(`the tables compare exactly (${row.collation})`)]
  return [
    error(
      `the tables compare by ${row.collation}, which takes different texts for the same`,
      'Make them by `npx latchkey init --migrations`, or convert them to utf8mb4_bin.',
    ),
  ]
}

async function clockFindings(io: Io, raw: Raw): Promise<Finding[]> {
  const [row] = (await raw.$queryRawUnsafe('SELECT CURRENT_TIMESTAMP AS now').catch(() => [])) as { now?: unknown }[]
  const told = row?.now instanceof Date ? row.now : typeof row?.now === 'string' ? new Date(`${row.now.replace(' ', 'T').replace(/Z?$/, '')}Z`) : undefined
  if (!told || Number.isNaN(told.getTime())) return []
  // A database that tells its own zone's time is off by whole quarters of an hour.
  const off = Math.abs(told.getTime() - io.now().getTime()) % 900_000
  const skew = Math.min(off, 900_000 - off)
  return skew <= SKEW_MS
    ? [ok("this clock and the database's agree")]
    : [warning(`this clock and the database's are ${Math.round(skew / 1000)} s apart`, 'Set both by NTP: codes, tokens and locks go by them.')]
}
