import type { AuthContext } from '../../context.ts'
import { decrypt, encrypt, startOf } from '../../crypto/encryption.ts'
import { factorContext, identityContext } from '../../crypto/sealed-contexts.ts'
import type { SealedDatabase } from './tables.ts'

interface Sealed {
  id: string
  value: string | null
}

/** A column whose values are encrypted for as long as their rows live. */
interface SealedColumn {
  contextOf: (id: string) => string
  /** Rows that another secret sealed than the first, in the order of their ids. */
  read: (after: string) => Promise<Sealed[]>
  /** Unless it was changed in the meantime. */
  write: (row: Sealed, value: string) => Promise<unknown>
}

const BATCH = 500

/**
 * While there is more than one secret: puts secrets of authenticator apps and providers' tokens under the first, so that the others can go (F-07).
 * What no secret opens is left. `beat` runs before each batch and ends the work with false.
 */
export async function resealAll(auth: AuthContext, beat: () => Promise<boolean>) {
  if (auth.subkeys.all.length < 2) return
  for (const column of columnsOf(auth.db, startOf(auth.subkeys.current))) await resealColumn(auth, column, beat)
}

function columnsOf({ authMfaFactor, authIdentity }: SealedDatabase, present: string): SealedColumn[] {
  const page = { orderBy: { id: 'asc' }, take: BATCH } as const
  return [
    {
      contextOf: factorContext,
      read: async (after) => {
        const where = { id: { gt: after }, secret: { not: null }, NOT: [{ secret: { startsWith: present } }] }
        return (await authMfaFactor.findMany({ where, select: { id: true, secret: true }, ...page })).map(({ id, secret }) => ({ id, value: secret }))
      },
      write: ({ id, value }, secret) => authMfaFactor.updateMany({ where: { id, secret: value }, data: { secret } }),
    },
    {
      contextOf: identityContext,
      read: async (after) => {
        const where = { id: { gt: after }, tokens: { not: null }, NOT: [{ tokens: { startsWith: present } }] }
        return (await authIdentity.findMany({ where, select: { id: true, tokens: true }, ...page })).map(({ id, tokens }) => ({ id, value: tokens }))
      },
      write: ({ id, value }, tokens) => authIdentity.updateMany({ where: { id, tokens: value }, data: { tokens } }),
    },
  ]
}

async function resealColumn(auth: AuthContext, { contextOf, read, write }: SealedColumn, beat: () => Promise<boolean>) {
  let after = ''
  while (await beat()) {
    const rows = await read(after)
    for (const row of rows) {
      const text = row.value === null ? null : decrypt(auth.subkeys, row.value, contextOf(row.id))
      if (text !== null) await write(row, encrypt(auth.subkeys, text, contextOf(row.id), auth.random))
    }
    if (rows.length < BATCH) return
    after = rows.at(-1)?.id ?? after
  }
}
