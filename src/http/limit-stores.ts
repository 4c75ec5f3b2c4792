import type { ClientRateLimitInfo, Store } from 'express-rate-limit'
import type { Backend } from '../backend.ts'
import type { AuthContext } from '../context.ts'
import { countHit } from '../features/limits/count-hit.ts'
import { createCounters } from '../features/limits/counters.ts'

/** Counts in this process, by the context's clock. */
export function memoryStore(now: () => Date, windowMs: number): Store {
  const counters = createCounters()
  return {
    localKeys: true,
    increment: (key) => {
      const { count, resetAt } = counters.count(key, windowMs, now())
      return { totalHits: count, resetTime: resetAt }
    },
    decrement: (key) => {
      const known = counters.counted(key, now())
      if (known && known.count > 0) known.count--
    },
    resetKey: counters.delete,
  }
}

/** Counts in the table auth_rate_limits for all processes. Where the database fails, this process counts alone: never unlimited (F-04). */
export function databaseStore(auth: AuthContext, windowMs: number, max: number): Store {
  const fallback = memoryStore(auth.now, windowMs)
  const increment = async (key: string): Promise<ClientRateLimitInfo> => {
    try {
      const { isWithin, isFirstBeyond, expiresAt } = await countHit(auth, key, windowMs, max)
      // How many exactly is not told, nor asked: only whether it is too many, and which is the first of those.
      return { totalHits: isWithin ? max : isFirstBeyond ? max + 1 : max + 2, resetTime: expiresAt }
    } catch (err) {
      auth.log.warn({ err }, 'a limit could not be counted in the database and is counted in this process')
      return fallback.increment(key)
    }
  }
  return {
    localKeys: false,
    increment,
    decrement: async (key) => {
      await auth.db.authRateLimit.updateMany({ where: { key }, data: { count: { decrement: 1 } } })
    },
    resetKey: async (key) => {
      await auth.db.authRateLimit.deleteMany({ where: { key } })
    },
  }
}

/** Counts in the backend for all processes. Where that fails, this process counts alone: never unlimited (F-04). */
export function backendStore(auth: AuthContext, windowMs: number, backend: Backend): Store {
  const fallback = memoryStore(auth.now, windowMs)
  let saidAt = Number.NEGATIVE_INFINITY
  const say = (err: unknown) => {
    if (performance.now() - saidAt < 10_000) return
    saidAt = performance.now()
    auth.log.warn({ err }, 'the backend does not count; limits are counted in this process')
  }
  return {
    localKeys: false,
    increment: async (key) => {
      try {
        const { hits, msLeft } = await backend.count(key, windowMs)
        return { totalHits: hits, resetTime: new Date(auth.now().getTime() + msLeft) }
      } catch (err) {
        say(err)
        return fallback.increment(key)
      }
    },
    decrement: (key) => backend.uncount(key).catch(say),
    resetKey: (key) => backend.uncount(key, true).catch(say),
  }
}
