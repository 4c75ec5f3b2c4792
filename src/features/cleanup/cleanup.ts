import type { AuthContext } from '../../context.ts'
import { takePlace } from '../limits/take-place.ts'
import { type CleanupReport, sweep } from './sweep.ts'

/** Deletes what has expired, on a schedule that all processes share. */
export interface Cleanup {
  /** Deletes now; null where another process is at it. */
  readonly run: (auth: AuthContext) => Promise<CleanupReport | null>
  readonly start: (auth: AuthContext, everySeconds: number) => void
  /** Resolves once the batch under way has ended. */
  readonly stop: () => Promise<void>
}

// Two counters of auth_rate_limits, each with one place: taking it is one conditional write, so one of any number of processes gets it.
const RUNNING = 'cleanup:running'
const DUE = 'cleanup:due'
/** A process that dies in the middle keeps the others waiting no longer than this; each batch renews it. */
const LEASE_MS = 60_000

export function createCleanup(): Cleanup {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<CleanupReport | null> | undefined
  let isStopped = false

  const run: Cleanup['run'] = (caller) => {
    const auth = { ...caller, db: caller.options.prisma, inTransaction: false, request: undefined }
    running ??= runOnce(auth, () => isStopped).finally(() => {
      running = undefined
    })
    return running
  }
  const tick = async (auth: AuthContext, everySeconds: number) => {
    // Timers drift: a window a little shorter than the interval lets the process that ran last run again.
    if (await claim(auth, DUE, everySeconds * 900)) await run(auth)
  }
  return {
    run,
    start: (auth, everySeconds) => {
      const warn = (err: unknown) => auth.log.warn({ err }, 'what has expired could not be deleted')
      timer = setInterval(() => void tick(auth, everySeconds).catch(warn), everySeconds * 1000).unref()
    },
    stop: async () => {
      isStopped = true
      clearInterval(timer)
      await Promise.allSettled([running])
    },
  }
}

const claim = async (auth: AuthContext, key: string, windowMs: number) => (await takePlace(auth, key, windowMs, 1)).hits === 1

async function runOnce(auth: AuthContext, isStopped: () => boolean): Promise<CleanupReport | null> {
  if (!(await claim(auth, RUNNING, LEASE_MS))) return null
  const beat = async () => {
    if (isStopped()) return false
    const expiresAt = new Date(auth.now().getTime() + LEASE_MS)
    await auth.db.authRateLimit.updateMany({ where: { key: RUNNING }, data: { expiresAt } })
    return true
  }
  try {
    return await sweep(auth, beat)
  } finally {
    await auth.db.authRateLimit.deleteMany({ where: { key: RUNNING } })
  }
}
