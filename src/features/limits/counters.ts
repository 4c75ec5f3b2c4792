/** How often something came in the window that runs. */
export interface Counter {
  count: number
  resetAt: Date
}

/** What this process counts by itself. */
export interface Counters {
  /** Counts one more; the first begins a window of `windowMs`. */
  readonly count: (what: string, windowMs: number, now: Date) => Counter
  /** The counter of the window that runs, where one does. */
  readonly counted: (what: string, now: Date) => Counter | undefined
  readonly delete: (what: string) => void
}

/** Bounded (F-21); the one that began first makes room. */
export function createCounters(capacity = 50_000): Counters {
  const counters = new Map<string, Counter>()
  const counted: Counters['counted'] = (what, now) => {
    const known = counters.get(what)
    return known && known.resetAt > now ? known : undefined
  }
  const count: Counters['count'] = (what, windowMs, now) => {
    const known = counted(what, now)
    if (known) {
      known.count++
      return known
    }
    counters.delete(what)
    const oldest = counters.size >= capacity ? counters.keys().next().value : undefined
    if (oldest !== undefined) counters.delete(oldest)
    const fresh = { count: 1, resetAt: new Date(now.getTime() + windowMs) }
    counters.set(what, fresh)
    return fresh
  }
  return { count, counted, delete: (what) => void counters.delete(what) }
}
