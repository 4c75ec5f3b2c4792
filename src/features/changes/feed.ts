import type { AuthContext } from '../../context.ts'
import { createCursor } from './cursor.ts'
import { type Change, createRevocations, type Revocations } from './revocations.ts'
import type { ChangeRow } from './tables.ts'

/** What this process knows of changes, its own at once and those of others as they are read. */
export interface Feed {
  readonly revocations: Revocations
  /** True once what happened before this process began has been read. */
  readonly isReady: () => boolean
  /** Reads the past once; throws what the database threw. */
  readonly ready: (auth: AuthContext) => Promise<void>
  /** Reads what is new, now. */
  readonly poll: (auth: AuthContext) => Promise<void>
  /** A change of this process, once it is committed. */
  readonly apply: (change: Change) => void
  readonly start: (auth: AuthContext) => void
  readonly stop: () => Promise<void>
  /** Every change up to `after` was read, and `known` of those beyond it, this process's own among them. */
  readonly standing: () => { after: number; known: number }
  /** When it was last read without an error. */
  readonly lastRead: () => Date | null
  /** `listener` hears of each change as it is applied. */
  readonly subscribe: (listener: (change: Pick<ChangeRow, 'kind' | 'subjectId'>) => void) => void
}

const PAGE = 1000
// Tokens may be accepted this much after a change was written by a process whose clock is behind.
const SKEW_SECONDS = 120

/** `tokenSeconds`: the life of an access token, beyond which a change matters to nobody. */
export function createFeed({ pollEvery, tokenSeconds, now }: { pollEvery: number; tokenSeconds: number; now: () => Date }): Feed {
  const revocations = createRevocations(tokenSeconds + SKEW_SECONDS, now)
  const listeners: ((change: Pick<ChangeRow, 'kind' | 'subjectId'>) => void)[] = []
  const cursor = createCursor()
  let loading: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let readAt: Date | null = null
  const listening = new AbortController()

  // Changes of this process that it has applied and not yet read.
  const own = new Map<string, number>()
  const nameOf = ({ kind, subjectId }: Pick<ChangeRow, 'kind' | 'subjectId'>) => `${kind} ${subjectId}`

  const hear = (change: Pick<ChangeRow, 'kind' | 'subjectId'>) => {
    revocations.apply(change)
    for (const listener of listeners) listener(change)
  }
  const apply: Feed['apply'] = (change) => {
    own.set(nameOf(change), (own.get(nameOf(change)) ?? 0) + 1)
    hear(change)
  }
  /** False for what was applied when it was written. */
  const isForeign = (row: ChangeRow) => {
    const left = own.get(nameOf(row)) ?? 0
    if (left > 1) own.set(nameOf(row), left - 1)
    else own.delete(nameOf(row))
    return left === 0
  }
  const loadPast = async (auth: AuthContext) => {
    const horizon = new Date(now().getTime() - (tokenSeconds + SKEW_SECONDS) * 1000)
    const before = await auth.db.authChange.findFirst({ where: { at: { lte: horizon } }, orderBy: { seq: 'desc' } })
    cursor.begin(Number(before?.seq ?? 0))
    await readNew(auth)
  }
  const readNew = async (auth: AuthContext) => {
    let after: number | undefined = cursor.position()
    while (after !== undefined) {
      const rows: ChangeRow[] = await auth.db.authChange.findMany({ where: { seq: { gt: after } }, orderBy: { seq: 'asc' }, take: PAGE })
      for (const row of rows) if (cursor.isNew(Number(row.seq)) && isForeign(row)) hear(row)
      after = rows.length === PAGE ? Number(rows.at(-1)?.seq) : undefined
    }
    cursor.settle()
    revocations.forget()
    readAt = now()
  }
  const ready: Feed['ready'] = async (auth) => {
    loading ??= loadPast(auth)
    try {
      await loading
    } catch (error) {
      loading = undefined // the next request tries again
      throw error
    }
  }
  const poll: Feed['poll'] = async (auth) => (readAt ? readNew(auth) : ready(auth))
  /** One reading at a time; what is announced while it runs is read right after it. */
  let reading: Promise<void> | undefined
  let isStale = false
  const pollSoon = (auth: AuthContext) => {
    isStale = reading !== undefined
    reading ??= poll(auth)
      .catch((err: unknown) => auth.log.warn({ err }, 'the change feed could not be read'))
      .finally(() => {
        reading = undefined
        if (isStale) pollSoon(auth)
      })
  }
  const tick = (auth: AuthContext) => {
    timer = setTimeout(() => {
      poll(auth)
        .catch((err: unknown) => auth.log.warn({ err }, 'the change feed could not be read'))
        .finally(() => timer && tick(auth))
    }, pollEvery * 1000).unref()
  }
  return {
    revocations,
    isReady: () => readAt !== null,
    ready,
    poll,
    apply,
    start: (auth) => {
      tick(auth)
      void listen(auth, () => pollSoon(auth), listening.signal)
    },
    stop: async () => {
      clearTimeout(timer)
      timer = undefined
      listening.abort()
      await reading
    },
    standing: () => ({ after: cursor.position(), known: cursor.known() + [...own.values()].reduce((sum, count) => sum + count, 0) }),
    lastRead: () => readAt,
    subscribe: (listener) => void listeners.push(listener),
  }
}

const RETRY_MS = 5000

/** Hears of changes from the backend, where there is one; tries again until it can. */
async function listen(auth: AuthContext, listener: () => void, signal: AbortSignal) {
  while (!signal.aborted) {
    try {
      return await auth.options.backend?.listen(listener, signal)
    } catch (err) {
      if (signal.aborted) return
      auth.log.warn({ err }, 'the backend cannot be listened to; the change feed is polled')
      await new Promise<void>((resolve) => void setTimeout(resolve, RETRY_MS).unref())
    }
  }
}
