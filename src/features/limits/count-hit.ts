import type { AuthContext } from '../../context.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import type { CounterRow } from './tables.ts'

/**
 * Counts one more under `key` by conditional writes, beginning a window of `windowMs` where none runs. Outside a transaction, which a
 * refused insert would end. Gives the counter, or null where another process has just removed it.
 */
export async function countHit(auth: AuthContext, key: string, windowMs: number): Promise<CounterRow | null> {
  const now = auth.now()
  const { count } = await auth.db.authRateLimit.updateMany({ where: { key, expiresAt: { gt: now } }, data: { count: { increment: 1 } } })
  if (count === 0) await begin(auth, key, new Date(now.getTime() + windowMs))
  return auth.db.authRateLimit.findUnique({ where: { key } })
}

async function begin(auth: AuthContext, key: string, expiresAt: Date) {
  const { count } = await auth.db.authRateLimit.updateMany({ where: { key, expiresAt: { lte: auth.now() } }, data: { count: 1, expiresAt } })
  if (count > 0) return
  try {
    await auth.db.authRateLimit.createMany({ data: [{ key, count: 1, expiresAt }] })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error // another request began the window: this one joins it
    await auth.db.authRateLimit.updateMany({ where: { key }, data: { count: { increment: 1 } } })
  }
}
