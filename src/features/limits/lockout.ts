import type { AuthContext } from '../../context.ts'
import { hmacHex } from '../../crypto/hashing.ts'
import { addSeconds, secondsUntil } from '../../durations.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { inTime } from '../../in-time.ts'
import { findUser } from '../accounts/find-user.ts'
import type { Identifiers } from '../accounts/identifiers.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { isTrustedDevice } from '../trusted-devices/trust-device.ts'
import { countHit } from './count-hit.ts'
import type { CounterRow } from './tables.ts'

/** The attempts on one account in this process. */
interface Gate {
  /** Under way, their outcome not written yet. */
  admitted: number
  /** Waiting to be admitted, one after the other. */
  queued: number
  tail: Promise<void>
  /** Wakes the first in the queue when one under way has ended. */
  wake: () => void
}
const gates = new WeakMap<object, Map<string, Gate>>()
const nothing = () => {}

const keyOf = (auth: AuthContext, { email, phone, username }: Identifiers) =>
  `login:${hmacHex(auth.subkeys.current.key('identifier'), `${auth.realm}${email ?? phone ?? username ?? ''}`).slice(0, 40)}`

/**
 * Reads the account and runs one attempt to sign in to it. Throws TOO_MANY_ATTEMPTS, before any work, while it is locked, unless the
 * request comes from a device that its owner trusts; an address that no account has is locked just the same (R-030, R-031). An attempt under way may fail, so it takes one of those that are left: a burst
 * waits for its outcome and cannot outrun the counter of this process. `patience`: ms it may wait for that and for a connection; then BUSY.
 */
export async function withAttempt<T>(
  auth: AuthContext,
  identifiers: Identifiers,
  attempt: (user: UserRow | null, counter: CounterRow | null) => Promise<T>,
  patience: number,
): Promise<T> {
  if (!auth.options.lockout.enabled) return attempt(await findUser(auth, identifiers), null)
  const key = keyOf(auth, identifiers)
  const gate = gateOf(auth, key)
  const until = performance.now() + patience
  if (gate.queued > auth.options.password.maxQueue) throw busy()
  try {
    const { user, counter } = await inTurn(gate, until, () => admit(auth, identifiers, gate, until))
    return await attempt(user, counter).finally(() => {
      gate.admitted--
      gate.wake()
    })
  } finally {
    if (gate.admitted === 0 && gate.queued === 0) gates.get(auth.process)?.delete(key)
  }
}

function gateOf(auth: AuthContext, key: string): Gate {
  const all = gates.get(auth.process) ?? new Map<string, Gate>()
  gates.set(auth.process, all)
  const gate = all.get(key) ?? { admitted: 0, queued: 0, tail: Promise.resolve(), wake: nothing }
  all.set(key, gate)
  return gate
}

// Behind a slow database a line would grow past anyone's patience.
const LONGEST_WAIT_MS = 1000
// Where every connection is taken, a driver may wait for one without end (F-03).
const LONGEST_READ_MS = 1500
const atMost = (ms: number, until: number) => Math.max(1, Math.min(ms, until - performance.now()))
const busy = () => new AuthError('BUSY', { retryAfter: 1 })

/** One after the other. Throws BUSY for who has waited too long; the turn passes on to the next all the same. */
async function inTurn<T>(gate: Gate, until: number, work: () => Promise<T>): Promise<T> {
  const before = gate.tail
  let done = nothing
  gate.queued++
  gate.tail = new Promise((resolve) => {
    done = resolve
  })
  try {
    await inTime(before, atMost(LONGEST_WAIT_MS, until), busy)
    return await work()
  } finally {
    gate.queued--
    void before.then(done)
  }
}

async function admit(auth: AuthContext, identifiers: Identifiers, gate: Gate, until: number): Promise<{ user: UserRow | null; counter: CounterRow | null }> {
  for (;;) {
    // Counted before the row is read: whoever ends in between is counted twice, never not at all.
    const underWay = gate.admitted
    const user = await inTime(findUser(auth, identifiers), atMost(LONGEST_READ_MS, until), busy)
    const counter = user ? null : await unknownCounter(auth, identifiers)
    const { failed, lockedUntil } = user ? stateOf(auth, user) : stateOfUnknown(auth, counter)
    if (lockedUntil && lockedUntil > auth.now()) {
      if (!(await passesLock(auth, user))) throw tooMany(auth, lockedUntil)
      gate.admitted++
      return { user, counter }
    }
    if (failed + underWay < auth.options.lockout.maxAttempts) {
      gate.admitted++
      return { user, counter }
    }
    if (underWay === 0) throw tooMany(auth, addSeconds(auth.now(), 1))
    if (gate.admitted === underWay) await new Promise<void>((resolve) => (gate.wake = resolve))
  }
}

/**
 * From a device that the owner trusts they may try on, as often as an account allows: a lock that anybody can bring about does not keep them out
 * (R-031). Asked alike for an address that no account has.
 */
async function passesLock(auth: AuthContext, user: UserRow | null): Promise<boolean> {
  const { deviceToken } = auth.request ?? {}
  if (deviceToken === undefined || !(await isTrustedDevice(auth, user?.id ?? ''))) return false
  const { maxAttempts, window } = auth.options.lockout
  const key = `login-device:${hmacHex(auth.subkeys.current.key('identifier'), deviceToken).slice(0, 40)}`
  return (await countHit(auth, key, window * 1000, maxAttempts)).isWithin
}

const tooMany = (auth: AuthContext, until: Date) => new AuthError('TOO_MANY_ATTEMPTS', { retryAfter: secondsUntil(until, auth.now()) })

/** Failures older than the window, or from before a lock that has ended, no longer count. */
function stateOf(auth: AuthContext, { failedLogins, failedSince, lockedUntil }: UserRow) {
  const isOver = lockedUntil !== null && lockedUntil <= auth.now()
  const isOld = failedSince === null || failedSince <= windowStart(auth)
  return { failed: isOver || isOld ? 0 : failedLogins, lockedUntil }
}

function stateOfUnknown(auth: AuthContext, counter: CounterRow | null) {
  const isFull = counter !== null && counter.count >= auth.options.lockout.maxAttempts
  return { failed: counter?.count ?? 0, lockedUntil: isFull ? counter.expiresAt : null }
}

/** The failures of an address that no account has, where a window of them runs. */
export async function unknownCounter(auth: AuthContext, identifiers: Identifiers): Promise<CounterRow | null> {
  const counter = await auth.db.authRateLimit.findUnique({ where: { key: keyOf(auth, identifiers) } })
  return counter && counter.expiresAt > auth.now() ? counter : null
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
  emit(auth, 'user.locked', { userId: id, until })
}

/** A failure that was under way while another process locked the account must not take the lock off again. */
async function beginRun(auth: AuthContext, id: string) {
  const start = windowStart(auth)
  const isOver = [{ failedSince: null }, { failedSince: { lte: start } }]
  const isOpen = [{ lockedUntil: null }, { lockedUntil: { lte: auth.now() } }]
  const { count } = await auth.db.authUser.updateMany({
    where: { id, AND: [{ OR: isOver }, { OR: isOpen }] },
    data: { failedLogins: 1, failedSince: auth.now(), lockedUntil: null },
  })
  // Someone else began the run in the meantime: this failure joins it.
  if (count === 0) await auth.db.authUser.updateMany({ where: { id, failedSince: { gt: start } }, data: { failedLogins: { increment: 1 } } })
}

/**
 * The same for an address that no account has. `counter`: as it was read before. Throws Prisma's P2002, ending the transaction, where
 * another request has just begun the count.
 */
export async function countUnknownFailure(auth: AuthContext, identifiers: Identifiers, counter: CounterRow | null) {
  const { enabled, maxAttempts, window, duration } = auth.options.lockout
  if (!enabled) return
  const key = keyOf(auth, identifiers)
  const now = auth.now()
  if (counter) {
    const isLast = counter.count + 1 >= maxAttempts
    await auth.db.authRateLimit.updateMany({ where: { key }, data: { count: { increment: 1 }, ...(isLast && { expiresAt: addSeconds(now, duration) }) } })
    return
  }
  const expiresAt = addSeconds(now, maxAttempts === 1 ? duration : window)
  const { count } = await auth.db.authRateLimit.updateMany({ where: { key, expiresAt: { lte: now } }, data: { count: 1, expiresAt } })
  if (count === 0) await auth.db.authRateLimit.createMany({ data: [{ key, count: 1, expiresAt }] })
}
