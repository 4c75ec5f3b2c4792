import { AsyncLocalStorage } from 'node:async_hooks'
import type { Logger } from '../logger.ts'
import type { RequestAuth } from '../shapes.ts'

// Up to Node 22 an AsyncLocalStorage in use slows every promise and stream of the process: some 15 µs for each request, an eighth of what a bare
// Express route takes. An app that has not asked for the context in this many requests does not pay for it (docs/decisions/005).
const TRIAL = 1000

const store = new AsyncLocalStorage<RequestAuth>()
let isWanted = false
let trial = TRIAL

/** Runs the rest of a request so that `currentAuth` finds who it is from. */
export function runAs(who: RequestAuth, next: () => void) {
  if (isWanted || trial > 1) {
    trial--
    return store.run(who, next)
  }
  if (trial === 1) {
    trial = 0
    store.disable()
  }
  next()
}

/** Who the running request is from; undefined outside a request or where nobody is signed in. One call is enough to keep it on. */
export function currentAuth(log: Logger): RequestAuth | undefined {
  if (!isWanted && trial <= 0) log.warn({}, 'auth.context() is on from the next request; call it once at start-up to have it from the first')
  isWanted = true
  return store.getStore()
}
