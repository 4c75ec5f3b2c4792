import type { AuthContext } from '../../context.ts'
import { countHit } from '../limits/count-hit.ts'
import { warnOfLost } from './lost-secrets.ts'
import { resealAll } from './reseal.ts'
import { type CleanupReport, sweep } from './sweep.ts'

/** Deletes what has expired, and moves what is encrypted to the first secret, on a schedule that all processes share. */
export interface Cleanup {
  /** Deletes now; null where another process is at it. */
  readonly run: (auth: AuthContext) => Promise<CleanupReport | null>
  /** `everySeconds`: null where the app runs it itself. Looks once whether a secret was dropped too soon. */
  readonly start: (auth: AuthContext, everySeconds: number | null) => void
  /** Resolves once the batch under way has ended. */
  readonly stop: () => Promise<void>
}

// Two counters of auth_rate_limits, each with one place: taking it is one conditional write, so one of any number of processes gets it.
const RUNNING = 'cleanup:running'
const DUE = 'cleanup:due'
/** A process that dies in the middle keeps the others waiting no longer than this; each batch renews it. */
const LEASE_MS = 60_000
/** Beside the first requests, not before them. */
const LOOK_AFTER_MS = 5000

export function createCleanup(): Cleanup {
  let timer: NodeJS.Timeout | undefined
  let lookTimer: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let running: Promise<CleanupReport | null> | undefined
  let isStopped = false

  const run: Cleanup['run'] = (auth) => {
    running ??= runOnce(auth.process.base(), () => isStopped).finally(() => {
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
      const look = () => {
        looking = warnOfLost(auth).catch((err: unknown) => auth.log.warn({ err }, 'rows that no secret opens could not be counted'))
      }
      lookTimer = setTimeout(look, LOOK_AFTER_MS).unref()
      if (everySeconds === null) return
      const warn = (err: unknown) => auth.log.warn({ err }, 'what has expired could not be deleted')
      timer = setInterval(() => void tick(auth, everySeconds).catch(warn), everySeconds * 1000).unref()
    },
    stop: async () => {
      isStopped = true
      clearInterval(timer)
      clearTimeout(lookTimer)
      await Promise.allSettled([running, looking])
    },
  }
}

const claim = async (auth: AuthContext, key: string, windowMs: number) => (await countHit(auth, key, windowMs, 1)).isWithin

async function runOnce(auth: AuthContext, isStopped: () => boolean): Promise<CleanupReport | null> {
  if (!(await claim(auth, RUNNING, LEASE_MS))) return null
  const beat = async () => {
    if (isStopped()) return false
    const expiresAt = new Date(auth.now().getTime() + LEASE_MS)
    await auth.db.authRateLimit.updateMany({ where: { key: RUNNING }, data: { expiresAt } })
    return true
  }
  try {
    const report = await sweep(auth, beat)
    await resealAll(auth, beat)
    return report
  } finally {
    await auth.db.authRateLimit.deleteMany({ where: { key: RUNNING } })
  }
}
