// F-04: what Redis adds to a request is at most a tenth of a second, and once, not for each request while it is away.
const PATIENCE_MS = 90
const REST_MS = 1000

/** Bounds each call in time; after one that failed, those of the next second are refused without trying. */
export function breaker(clock: () => number = () => performance.now()): <Value>(work: () => Promise<Value>) => Promise<Value> {
  let openUntil = Number.NEGATIVE_INFINITY
  return async (work) => {
    if (clock() < openUntil) throw new Error('Redis did not answer a moment ago')
    let timer: NodeJS.Timeout | undefined
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`Redis did not answer within ${PATIENCE_MS} ms`)), PATIENCE_MS)
    })
    try {
      return await Promise.race([work(), tooLate])
    } catch (error) {
      openUntil = clock() + REST_MS
      throw error
    } finally {
      clearTimeout(timer)
    }
  }
}
