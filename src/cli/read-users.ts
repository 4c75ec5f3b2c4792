import { NumberedLine } from '../features/import/numbered-line.ts'
import { csvRecords } from './csv-records.ts'
import { CliError } from './io.ts'
import { linesOf } from './lines-of.ts'

/** The users of a file, one after the other, each with the line it begins on; an Error in the place of one that cannot be read. Blank lines are none. */
export async function* readUsers(file: string): AsyncGenerator<NumberedLine> {
  if (file.endsWith('.csv')) return yield* fromCsv(file)
  let line = 0
  for await (const text of linesOf(file)) {
    line++
    if (text.trim() !== '') yield new NumberedLine(line, fromJson(text))
  }
}

function fromJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return new Error('is no JSON')
  }
}

/** The first record names the columns; empty cells count as left out. */
async function* fromCsv(file: string): AsyncGenerator<NumberedLine> {
  let names: string[] | undefined
  for await (const { line, ...record } of csvRecords(linesOf(file))) {
    if (names) yield new NumberedLine(line, record.fault === undefined ? fromCells(names, record.cells) : new Error(record.fault))
    else if (record.fault === undefined) names = record.cells.map((name) => name.trim())
    else throw new CliError(`line ${line}, which names the columns, ${record.fault}`)
  }
}

/** `roles` are parted by semicolons; `tenant` and `tenantRoles` are one membership, `provider` and `providerUserId` one identity; `metadata` is JSON. */
function fromCells(names: readonly string[], cells: readonly string[]): unknown {
  if (cells.length !== names.length) return new Error(`has ${cells.length} cells, and the first line ${names.length}`)
  const row = Object.fromEntries(names.flatMap((name, i) => (cells[i] === '' || cells[i] === undefined ? [] : [[name, cells[i]]])))
  const { roles, tenant, tenantRoles, provider, providerUserId, metadata, ...rest } = row
  const list = (text: string) =>
    text
      .split(';')
      .map((one) => one.trim())
      .filter(Boolean)
  const parsed = metadata === undefined ? undefined : fromJson(metadata)
  if (parsed instanceof Error) return new Error('metadata is no JSON')
  return {
    ...rest,
    ...(roles !== undefined && { roles: list(roles) }),
    ...(tenant !== undefined && { memberships: [{ tenant, ...(tenantRoles !== undefined && { roles: list(tenantRoles) }) }] }),
    ...(provider !== undefined && { identities: [{ provider, providerUserId }] }),
    ...(parsed !== undefined && { metadata: parsed }),
  }
}
