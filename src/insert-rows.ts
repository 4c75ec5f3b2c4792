import type { AuthContext } from './context.ts'
import { providerOf } from './database.ts'

/** The part of a Prisma delegate that writes rows. `Key`: a column that a new row is answered with; no more of it is read. */
interface Insertable<Row, Key extends string> {
  create: (args: { data: Row; select: Record<Key, true> }) => Promise<unknown>
  createMany: (args: { data: Row[] }) => Promise<{ count: number }>
}

/**
 * Inserts rows in one statement. A single row goes in by `create`, whose plan Prisma keeps; that of a `createMany` it works out anew each time, which is
 * most of what the insert costs. Where the dialect lacks RETURNING, `create` would read the row again (docs/decisions/010).
 */
export async function insertRows<Row, Key extends string = 'id'>(
  { process }: AuthContext,
  table: Insertable<Row, Key>,
  rows: readonly Row[],
  answeredWith = 'id' as Key,
) {
  const [row, ...others] = rows
  if (row === undefined) return
  if (process.hasReturning && others.length === 0) await table.create({ data: row, select: { [answeredWith]: true } as Record<Key, true> })
  else await table.createMany({ data: [...rows] })
}

const withReturning: readonly unknown[] = ['postgresql', 'postgres', 'cockroachdb', 'sqlite']

/** Whether an INSERT of this client gives rows back; one that does not say what it is is taken for one that does not. */
export const hasReturning = (prisma: object) => withReturning.includes(providerOf(prisma))
