import type { AuthContext } from '../../context.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'

export interface Hit {
  isWithin: boolean
  /** Of those that one window refuses: the one to tell of. */
  isFirstBeyond: boolean
  /** The end of the window, of a hit beyond it. */
  expiresAt?: Date
}

/**
 * Counts a hit in a window of `max`. Outside a transaction, which a refused insert would end. The condition decides, so that exactly `max` of any
 * number of racing requests are within it.
 */
export async function countHit(auth: AuthContext, key: string, windowMs: number, max: number): Promise<Hit> {
  if ((await take(auth, key, max)) || (await begin(auth, key, windowMs)) || (await take(auth, key, max))) return { isWithin: true, isFirstBeyond: false }
  const first = await auth.db.authRateLimit.updateMany({ where: { key, count: max }, data: { count: max + 1 } })
  const counter = await auth.db.authRateLimit.findUnique({ where: { key } })
  return { isWithin: false, isFirstBeyond: first.count > 0, ...(counter && { expiresAt: counter.expiresAt }) }
}

async function take(auth: AuthContext, key: string, max: number) {
  const { count } = await auth.db.authRateLimit.updateMany({
    where: { key, expiresAt: { gt: auth.now() }, count: { lt: max } },
    data: { count: { increment: 1 } },
  })
  return count > 0
}

/** False where a window runs already, or another request has just begun one. */
async function begin(auth: AuthContext, key: string, windowMs: number) {
  const expiresAt = new Date(auth.now().getTime() + windowMs)
  const { count } = await auth.db.authRateLimit.updateMany({ where: { key, expiresAt: { lte: auth.now() } }, data: { count: 1, expiresAt } })
  if (count > 0) return true
  try {
    await auth.db.authRateLimit.createMany({ data: [{ key, count: 1, expiresAt }] })
    return true
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    return false
  }
}
