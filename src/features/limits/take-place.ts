import type { AuthContext } from '../../context.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'

/**
 * Takes one of the `max` places of a window. Outside a transaction, which a refused insert would end. The condition decides, so that exactly `max` of any number of racing requests get one. `hits`
 * is at most `max` for those, `max + 1` for the first that is refused, and more after it.
 */
export async function takePlace(auth: AuthContext, key: string, windowMs: number, max: number): Promise<{ hits: number; expiresAt: Date | undefined }> {
  if ((await take(auth, key, max)) || (await begin(auth, key, windowMs)) || (await take(auth, key, max))) return { hits: max, expiresAt: undefined }
  const first = await auth.db.authRateLimit.updateMany({ where: { key, count: max }, data: { count: max + 1 } })
  const counter = await auth.db.authRateLimit.findUnique({ where: { key } })
  return { hits: first.count > 0 ? max + 1 : max + 2, expiresAt: counter?.expiresAt }
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
