import { AuthError } from './errors.ts'

/** What `work` gives, or `late()` thrown after `ms`; what comes after that is dropped. `isBackground`: the process may end while it waits. */
export async function inTime<T>(work: Promise<T>, ms: number, late: () => Error, { isBackground = false } = {}): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), ms)
    if (isBackground) timer.unref()
  })
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

// F-02: a database that accepts and never answers must not hold a request longer than this.
const DEADLINE_MS = 9000

/** For what a request waits for: UNAVAILABLE where it takes too long. */
export const withDeadline = <T>(work: Promise<T>) =>
  inTime(work, DEADLINE_MS, () => new AuthError('UNAVAILABLE', { cause: new Error(`no answer within ${DEADLINE_MS} ms`) }))
