import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** The lines of a file as objects, one after the other; an Error in the place of one that cannot be read. */
export async function* readUsers(file: string): AsyncGenerator<unknown> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })
  if (!file.endsWith('.csv')) for await (const line of lines) yield fromJson(line)
  else yield* fromCsv(lines)
}

function fromJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return new Error('is no JSON')
  }
}

/** RFC 4180: quotes around what holds commas, quotes or line breaks. The first record names the columns; empty cells count as left out. */
async function* fromCsv(lines: AsyncIterable<string>): AsyncGenerator<unknown> {
  let names: string[] | undefined
  let open = ''
  for await (const line of lines) {
    const text = open === '' ? line : `${open}\n${line}`
    if ((text.split('"').length - 1) % 2 === 1) {
      open = text // a quote is still open: the record goes on
      continue
    }
    open = ''
    if (text.trim() === '') continue
    const cells = cellsOf(text)
    if (!names) names = cells.map((name) => name.replace(/^\uFEFF/, '').trim())
    else yield cells.length === names.length ? fromCells(names, cells) : new Error(`has ${cells.length} cells, and the first line ${names.length}`)
  }
  if (open !== '') yield new Error('ends within quotes')
}

function cellsOf(record: string): string[] {
  const cells: string[] = []
  for (const [, quoted, plain] of record.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g))
    cells.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
  return cells
}

/** `roles` are parted by semicolons; `tenant` and `tenantRoles` are one membership, `provider` and `providerUserId` one identity; `metadata` is JSON. */
function fromCells(names: readonly string[], cells: readonly string[]): unknown {
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
