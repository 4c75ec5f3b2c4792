import { AuthError } from '../errors.ts'

/** Runs at most `maxConcurrent` jobs at once; the next `maxQueue` wait, at most `longestWait` ms; the rest are refused before any work. */
export interface WorkQueue {
  /** `waited`: ms until its turn came. */
  readonly run: <T>(job: (waited: number) => Promise<T>) => Promise<T>
}

const busy = () => new AuthError('BUSY', { retryAfter: 1 })

export function createWorkQueue(maxConcurrent: number, maxQueue: number, longestWait = 2000): WorkQueue {
  const waiting: { start: () => void; since: number; refuse: () => void }[] = []
  let running = 0

  const turn = () =>
    new Promise<void>((resolve, reject) => {
      if (waiting.length >= maxQueue) return reject(busy())
      waiting.push({ start: resolve, since: performance.now(), refuse: () => reject(busy()) })
    })
  // The slot is handed on rather than freed, so that nobody slips in before those who wait. Who waited too long is refused one in each turn of
  // the event loop: hundreds of refusals at once would keep every other request waiting.
  const handOn = () => {
    const next = waiting.shift()
    if (!next) running--
    else if (performance.now() - next.since <= longestWait) next.start()
    else {
      next.refuse()
      setImmediate(handOn)
    }
  }
  return {
    run: async (job) => {
      const came = performance.now()
      if (running >= maxConcurrent) await turn()
      else running++
      try {
        return await job(performance.now() - came)
      } finally {
        handOn()
      }
    },
  }
}
