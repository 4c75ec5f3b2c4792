import type { AuthContext } from '../../context.ts'
import { type AuditQuery, type AuditRecord, queryAudit } from './query-audit.ts'

export type AuditExport = Omit<AuditQuery, 'cursor' | 'limit'> & {
  /** 'jsonl' where it is left out: one JSON object on each line. 'csv' is RFC 4180 with a header. */
  format?: 'jsonl' | 'csv'
}

const PAGE = 200
const columns = [
  'id',
  'at',
  'event',
  'outcome',
  'actorId',
  'userId',
  'tenantId',
  'sessionId',
  'ip',
  'userAgent',
  'requestId',
  'data',
] as const satisfies readonly (keyof AuditRecord)[]

/** Audit rows as text, the newest first, one page in memory at a time: `for await (const text of …) stream.write(text)`. */
export async function* exportAudit(auth: AuthContext, { format = 'jsonl', ...query }: AuditExport = {}): AsyncGenerator<string, void, undefined> {
  if (format === 'csv') yield `${columns.join(',')}\r\n`
  let cursor: string | null | undefined
  do {
    const page = await queryAudit(auth, { ...query, limit: PAGE, ...(cursor && { cursor }) })
    const text = page.data.map(format === 'csv' ? csvLine : jsonLine).join('')
    if (text) yield text
    cursor = page.nextCursor
  } while (cursor)
}

const jsonLine = (row: AuditRecord) => `${JSON.stringify(row)}\n`
const csvLine = (row: AuditRecord) => `${columns.map((column) => cell(textOf(row[column]))).join(',')}\r\n`

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'string' ? value : JSON.stringify(value)
}

// R-182: a spreadsheet would run a cell that begins like a formula; the apostrophe makes it text.
const startsFormula = /^[=+\-@\t\r\n\0]/
const cell = (text: string) => `"${(startsFormula.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
