import { AsyncLocalStorage } from 'node:async_hooks'
import type { AuthContext } from '../context.ts'
import type { RequestAuth } from '../shapes.ts'

interface Running {
  of: AuthContext['process']
  who: RequestAuth
  /** What the guard before found, which may be another instance's. */
  outer: Running | undefined
}

// Requests of a process in which nobody has asked: then the storage, which slows every promise and stream of the process, is let go (docs/decisions/011).
const TRIAL = 1000

// One for all instances.
const store = new AsyncLocalStorage<Running>()
/** Below which guard the code runs that runs right now; not known any longer once it has awaited something. */
let present: Running | undefined
let isWanted = false
let trial = TRIAL

const found = () => store.getStore() ?? present

/** Runs the rest of a request so that `currentAuth` finds who it is from. */
export function runAs({ process: of, options: { context } }: AuthContext, who: RequestAuth, next: () => void) {
  if (context === false) return next()
  const running = { of, who, outer: found() }
  if (context) isWanted = true
  if (isWanted || --trial > 0) return store.run(running, next)
  if (trial === 0) store.disable()
  runAtOnce(running, next)
}

function runAtOnce(running: Running, next: () => void) {
  const before = present
  present = running
  try {
    next()
  } finally {
    present = before
  }
}

/**
 * Who the running request is from; undefined outside a request or where nobody is signed in. Throws a TypeError where the option `context` is false.
 * One call keeps it on for the process.
 */
export function currentAuth({ process: of, options: { context }, log }: AuthContext): RequestAuth | undefined {
  if (context === false) throw new TypeError('latchkey: auth.context() is switched off: take `context: false` out of the options')
  let running = found()
  if (!isWanted && trial <= 0 && !running) {
    log.warn(
      {},
      `auth.context() was not called in the first ${TRIAL} requests and knows nothing of this one; it is on from the next, or always by context: true`,
    )
  }
  isWanted = true
  while (running && running.of !== of) running = running.outer
  return running?.who
}
