import { isId } from './crypto/ids.ts'
import { invalidField } from './errors.ts'

export interface Page<Row> {
  data: Row[]
  /** Pass it as `cursor` for the next page; null at the end. */
  nextCursor: string | null
}

const MOST = 200

/** One page of rows that are ordered by id, the newest first. Throws VALIDATION_FAILED for a cursor that is not one of ours. */
export async function pageOf<Row extends { id: string }>(
  { cursor, limit = 50 }: { cursor?: string; limit?: number },
  read: (after: string | undefined, take: number) => Promise<Row[]>,
): Promise<Page<Row>> {
  const after = cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString()
  if (after !== undefined && !isId(after)) throw invalidField('cursor', 'is not a cursor of this list')
  const size = Math.min(Math.max(1, Math.trunc(limit)), MOST)
  const rows = await read(after, size + 1)
  const data = rows.slice(0, size)
  const last = data.at(-1)
  return { data, nextCursor: rows.length > size && last ? Buffer.from(last.id).toString('base64url') : null }
}
