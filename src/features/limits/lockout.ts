import type { AuthContext } from '../../context.ts'
import { hmacHex } from '../../crypto/hashing.ts'
import { addSeconds } from '../../durations.ts'
import { AuthError } from '../../errors.ts'
import type { Identifiers } from '../accounts/identifiers.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { countHit } from './count-hit.ts'

// Attempts whose outcome is not written yet count too, so that a burst cannot outrun the counter of this process.
const inFlight = new WeakMap<object, Map<string, number>>()

const keyOf = (auth: AuthContext, { email, phone, username }: Identifiers) =>
  `login:${hmacHex(auth.subkeys.current.key('identifier'), email ?? phone ?? username ?? '').slice(0, 40)}`

/**
 * Runs one attempt to sign in. Throws TOO_MANY_ATTEMPTS, before any work, for an account that is locked or has too many attempts under
 * way; an address that no account has is locked just the same.
 */
export async function withAttempt<T>(auth: AuthContext, identifiers: Identifiers, user: UserRow | null, attempt: () => Promise<T>): Promise<T> {
  if (!auth.options.lockout.enabled) return attempt()
  const key = user?.id ?? keyOf(auth, identifiers)
  const counts = inFlight.get(auth.process) ?? new Map<string, number>()
  inFlight.set(auth.process, counts)
  const { failed, lockedUntil } = user ? stateOf(auth, user) : await stateOfUnknown(auth, key)
  if (lockedUntil && lockedUntil > auth.now()) throw tooMany(auth, lockedUntil)
  const running = counts.get(key) ?? 0
  if (failed + running >= auth.options.lockout.maxAttempts) throw tooMany(auth, addSeconds(auth.now(), 1))
  counts.set(key, running + 1)
  try {
    return await attempt()
  } finally {
    const left = (counts.get(key) ?? 1) - 1
    if (left === 0) counts.delete(key)
    else counts.set(key, left)
  }
}

const tooMany = (auth: AuthContext, until: Date) =>
  new AuthError('TOO_MANY_ATTEMPTS', { retryAfter: Math.max(1, Math.ceil((until.getTime() - auth.now().getTime()) / 1000)) })

/** Failures older than the window, or from before a lock that has ended, no longer count. */
function stateOf(auth: AuthContext, { failedLogins, failedSince, lockedUntil }: UserRow) {
  const isOver = lockedUntil !== null && lockedUntil <= auth.now()
  const isOld = failedSince === null || failedSince <= windowStart(auth)
  return { failed: isOver || isOld ? 0 : failedLogins, lockedUntil }
}

async function stateOfUnknown(auth: AuthContext, key: string) {
  const counter = await auth.db.authRateLimit.findUnique({ where: { key } })
  const failed = counter && counter.expiresAt > auth.now() ? counter.count : 0
  return { failed, lockedUntil: failed >= auth.options.lockout.maxAttempts && counter ? counter.expiresAt : null }
}

const windowStart = (auth: AuthContext) => addSeconds(auth.now(), -auth.options.lockout.window)

/** Counts a failed sign-in of an account by conditional writes, and locks it at the limit. Call within a transaction. */
export async function countFailure(auth: AuthContext, { id }: UserRow) {
  const { enabled, maxAttempts, duration } = auth.options.lockout
  if (!enabled) return
  const { count } = await auth.db.authUser.updateMany({ where: { id, failedSince: { gt: windowStart(auth) } }, data: { failedLogins: { increment: 1 } } })
  if (count === 0) await beginRun(auth, id)
  const until = addSeconds(auth.now(), duration)
  const locked = await auth.db.authUser.updateMany({
    where: { id, failedLogins: { gte: maxAttempts } },
    data: { lockedUntil: until, failedLogins: 0, failedSince: null },
  })
  if (locked.count === 0) return
  await recordAudit(auth, { event: 'user.locked', outcome: 'denied', userId: id, data: { until: until.toISOString() } })
  auth.emit('user.locked', { at: auth.now(), userId: id, until })
}

async function beginRun(auth: AuthContext, id: string) {
  const start = windowStart(auth)
  const { count } = await auth.db.authUser.updateMany({
    where: { id, OR: [{ failedSince: null }, { failedSince: { lte: start } }] },
    data: { failedLogins: 1, failedSince: auth.now(), lockedUntil: null },
  })
  // Someone else began the run in the meantime: this failure joins it.
  if (count === 0) await auth.db.authUser.updateMany({ where: { id }, data: { failedLogins: { increment: 1 } } })
}

/** The same for an address that no account has; outside a transaction. */
export async function countUnknownFailure(auth: AuthContext, identifiers: Identifiers) {
  const { enabled, maxAttempts, window, duration } = auth.options.lockout
  if (!enabled) return
  const key = keyOf(auth, identifiers)
  const counter = await countHit(auth, key, window * 1000)
  if (counter?.count === maxAttempts) await auth.db.authRateLimit.updateMany({ where: { key }, data: { expiresAt: addSeconds(auth.now(), duration) } })
}
