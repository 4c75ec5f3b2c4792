import { type AuthContext, transaction } from '../../context.ts'
import { addSeconds } from '../../durations.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import { createLookups, type HashPassword, LineRefused, type Lookups, type ReadyUser, readyUser } from './import-line.ts'
import { insertUsers } from './insert-users.ts'
import type { ImportedUser } from './line-options.ts'
import { NumberedLine } from './numbered-line.ts'

export type { ImportedUser } from './line-options.ts'

export interface ImportProgress {
  /** Users looked at, from the first of the source on. */
  line: number
  imported: number
  refused: number
  /** Users that an earlier run had done. */
  skipped: number
}

export interface ImportOptions {
  /** Tells one source from another; where it was stopped, the same name goes on there. Left out: every line is looked at. */
  resume?: string
  /** Called after each batch. */
  onProgress?: (progress: ImportProgress) => void
  /**
   * Called for each line that did not go in, with its number in the file where the source tells it. A run that goes on where another was killed looks at that one's
   * last batch again, and tells of its lines again. The input is not given back: it may hold a hash.
   */
  onRefused?: (refusal: { line: number; reason: string }) => void | Promise<void>
  /** Users in one transaction; 1 to 500. */
  batch?: number
}

interface Entry {
  /** How many come up to this one. */
  place: number
  /** For the report. */
  line: number
  user: ReadyUser
}

const CHECKPOINT_SECONDS = 30 * 86_400

/**
 * Takes users in from elsewhere, with their hashes, as they come: nothing but one batch is kept in memory. How far it has come is written in the transaction of
 * each batch, so that a run that was stopped at any moment loses none and doubles none when it goes on (`resume`). Lines that are wrong or whose address is taken
 * are told of and left out; the rest goes in.
 */
export async function importUsers(
  auth: AuthContext,
  users: AsyncIterable<unknown> | Iterable<ImportedUser>,
  { resume, onProgress, onRefused, batch: wanted = 100 }: ImportOptions,
  hashPassword: HashPassword,
): Promise<ImportProgress> {
  const size = Math.min(500, Math.max(1, Math.trunc(wanted)))
  const lookups = createLookups(auth)
  const key = resume === undefined ? null : keyOf(resume)
  const done = resume === undefined ? 0 : await importedUpTo(auth, resume)
  const progress: ImportProgress = { line: 0, imported: 0, refused: 0, skipped: 0 }
  const refuse = async (line: number, reason: string) => {
    progress.refused++
    await onRefused?.({ line, reason })
  }
  let batch: Entry[] = []
  const flush = async () => {
    progress.imported += await insertBatch(auth, batch, { key, place: progress.line, refuse })
    batch = []
    onProgress?.({ ...progress })
  }
  for await (const item of users) {
    progress.line++
    if (progress.line <= done) {
      progress.skipped++
      continue
    }
    const { line, user: input } = item instanceof NumberedLine ? item : { line: progress.line, user: item }
    const user = await checked(auth, input, lookups, hashPassword)
    if (typeof user === 'string') await refuse(line, user)
    else batch.push({ place: progress.line, line, user })
    if (batch.length >= size) await flush()
  }
  await flush()
  return progress
}

const keyOf = (name: string) => `import:${name}`

/** How many users of the source of this name earlier runs have settled, from its first on. */
export async function importedUpTo(auth: AuthContext, name: string): Promise<number> {
  return (await auth.db.authRateLimit.findUnique({ where: { key: keyOf(name) } }))?.count ?? 0
}

export async function forgetImport(auth: AuthContext, name: string) {
  await auth.db.authRateLimit.deleteMany({ where: { key: keyOf(name) } })
}

/** The user, or why it is refused. */
async function checked(auth: AuthContext, input: unknown, lookups: Lookups, hashPassword: HashPassword): Promise<ReadyUser | string> {
  if (input instanceof Error) return input.message
  try {
    return await readyUser(auth, input, lookups, hashPassword)
  } catch (error) {
    if (error instanceof LineRefused) return error.message
    throw error
  }
}

interface Place {
  key: string | null
  /** The last user that this batch settles. */
  place: number
  refuse: (line: number, reason: string) => Promise<void>
}

/** All at once; where that is refused, in ten parts and these likewise, so that only those that cannot go in stay out and a few of them cost little. */
async function insertBatch(auth: AuthContext, batch: readonly Entry[], { key, place, refuse }: Place): Promise<number> {
  const insert = async (entries: readonly Entry[], upTo: number): Promise<number> => {
    try {
      await insertTogether(auth, entries, { key, place: upTo })
      return entries.length
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
    }
    const [only, second] = entries
    let imported = 0
    if (only && !second) await refuse(only.line, 'its email, phone, username or an identity of it is there already')
    else for (const part of tenths(entries)) imported += await insert(part, part.at(-1)?.place ?? upTo)
    return imported
  }
  const imported = await insert(batch, place)
  if (key !== null && imported < batch.length) await checkpoint(auth, key, place)
  return imported
}

const insertTogether = (auth: AuthContext, entries: readonly Entry[], { key, place }: { key: string | null; place: number }) =>
  transaction(auth, async (auth) => {
    const users = entries.map(({ user }) => user)
    await insertUsers(auth, users)
    if (key !== null) await checkpoint(auth, key, place)
  })

function tenths(entries: readonly Entry[]): (readonly Entry[])[] {
  const size = Math.ceil(entries.length / 10)
  return Array.from({ length: Math.ceil(entries.length / size) }, (_, i) => entries.slice(i * size, (i + 1) * size))
}

async function checkpoint(auth: AuthContext, key: string, place: number) {
  const expiresAt = addSeconds(auth.now(), CHECKPOINT_SECONDS)
  const { count } = await auth.db.authRateLimit.updateMany({ where: { key }, data: { count: place, expiresAt } })
  if (count === 0) await auth.db.authRateLimit.createMany({ data: [{ key, count: place, expiresAt }] })
}
