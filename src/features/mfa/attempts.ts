import { type AuthContext, transaction } from '../../context.ts'
import { secondsUntil } from '../../durations.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { countAttempt, type PendingSignIn } from '../codes/pending-sign-in.ts'
import { countHit } from '../limits/count-hit.ts'

const keyOf = (userId: string) => `mfa:${userId}`

/**
 * Takes one of the tries an account has for second factors (`lockout`), before anything is compared; new sign-ins bring no new ones.
 * Call outside a transaction. Throws TOO_MANY_ATTEMPTS.
 */
export async function takeTry(auth: AuthContext, userId: string) {
  const { enabled, maxAttempts, window } = auth.options.lockout
  if (!enabled) return
  const { isWithin, isFirstBeyond, expiresAt } = await countHit(auth, keyOf(userId), window * 1000, maxAttempts)
  if (isWithin) return
  if (isFirstBeyond) await recordAudit(auth, { event: 'mfa.locked', outcome: 'denied', userId })
  throw new AuthError('TOO_MANY_ATTEMPTS', { retryAfter: secondsUntil(expiresAt ?? auth.now(), auth.now()) })
}

/** Takes one of the tries of a pending sign-in for `work`; one that ended in an error of the server's own was none. */
export async function withTry<T>(auth: AuthContext, pending: PendingSignIn, work: () => Promise<T>): Promise<T> {
  await countAttempt(auth, pending)
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AuthError))
      await auth.db.authOtp.updateMany({ where: { id: pending.id, consumedAt: null }, data: { attempts: { increment: -1 } } }).catch(() => undefined)
    throw error
  }
}

/** A right code gives the tries back, in the transaction of what it permits. */
export async function giveTriesBack(auth: AuthContext, userId: string) {
  await auth.db.authRateLimit.deleteMany({ where: { key: keyOf(userId) } })
}

/** Notes a wrong code. */
export async function recordFailure(auth: AuthContext, userId: string, method: string) {
  await transaction(auth, async (auth) => {
    await recordAudit(auth, { event: 'mfa.failed', outcome: 'failure', userId, data: { method } })
    emit(auth, 'mfa.failed', { userId, method })
  })
}
