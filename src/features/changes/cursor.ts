/** Where a reader of the feed stands. */
export interface Cursor {
  readonly begin: (after: number) => void
  /** Read what lies beyond this number. */
  readonly position: () => number
  /** How many numbers beyond it were read. */
  readonly known: () => number
  /** False for a row that was read before. */
  readonly isNew: (seq: number) => boolean
  /** Call after a page: moves up to the first number that is still missing. */
  readonly settle: () => void
}

// A number is taken when a row is inserted but seen when its transaction commits, so a later number may be seen first.
// A missing one is waited for this long, well beyond the longest transaction; then its transaction was rolled back.
const PATIENCE_MS = 30_000

export function createCursor(clock: () => number = () => performance.now()): Cursor {
  let low = 0
  let high = 0
  const seen = new Set<number>()
  const missingSince = new Map<number, number>()

  const skipGap = (seq: number) => {
    const since = missingSince.get(seq)
    if (since === undefined) missingSince.set(seq, clock())
    return since !== undefined && clock() - since > PATIENCE_MS
  }
  return {
    begin: (after) => {
      low = after
      high = after
    },
    position: () => low,
    known: () => seen.size,
    isNew: (seq) => {
      if (seq <= low || seen.has(seq)) return false
      seen.add(seq)
      if (seq > high) high = seq
      return true
    },
    settle: () => {
      for (let next = low + 1; next <= high; next++) {
        if (!seen.delete(next) && !skipGap(next)) return
        missingSince.delete(next)
        low = next
      }
    },
  }
}
