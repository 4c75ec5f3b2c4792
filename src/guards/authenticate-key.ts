import type { Request } from 'express'
import type { Store } from 'express-rate-limit'
import type { AuthContext } from '../context.ts'
import { secondsUntil } from '../durations.ts'
import { AuthError } from '../errors.ts'
import type { VerifiedKey } from '../features/api-keys/key-cache.ts'
import { grantedToKey, isUseDue, noteUse, verifyApiKey, verifyCachedKey } from '../features/api-keys/verify-api-key.ts'
import { sharedStore } from '../http/limits.ts'
import { networkOf } from '../http/network.ts'
import { requestInfo } from '../http/request-info.ts'
import type { Credential } from '../http/transport.ts'
import type { RequestAuth } from '../shapes.ts'
import { requestAuth } from './request-auth.ts'

type KeyCredential = Extract<Credential, { via: 'api-key' }>

/** Who a key stands for; without a query for one that was verified before, and without a promise where no backend counts its use. Throws API_KEY_INVALID, TOO_MANY_REQUESTS, TOO_MANY_ATTEMPTS. */
export function authenticateKey(auth: AuthContext, req: Request, { token: key, verified: cached }: KeyCredential): RequestAuth | Promise<RequestAuth> {
  const verified = verifyCachedKey(auth, key, cached)
  const known = verified && isCurrent(auth, verified) ? verified.requestAuth : undefined
  if (!verified || !known) return authenticateKeySlowly(auth, req, key)
  const admitted = admit(auth, req, verified)
  return admitted ? admitted.then(() => known) : known
}

const isCurrent = (auth: AuthContext, { ownerRoles, map }: VerifiedKey) => {
  const { resolveRoles, resolvePermissions } = auth.options.rbac
  return !resolveRoles && !resolvePermissions && (ownerRoles.length === 0 || (map !== null && map === auth.process.roles.fresh()))
}

async function authenticateKeySlowly(auth: AuthContext, req: Request, key: string): Promise<RequestAuth> {
  const verified = await orCount(auth, req, () => verifyApiKey(auth, key))
  await admit(auth, req, verified)
  const map = verified.ownerRoles.length > 0 ? await auth.process.roles.load(auth) : null
  const { roles, granted } = await grantedToKey(auth, verified)
  const { userId, tenantId } = verified
  verified.map = map
  const isNarrow = verified.permissions !== null
  verified.requestAuth = requestAuth(auth, { userId, session: null, tenantId, roles, platformRoles: [], claims: {}, via: 'api-key', granted, isNarrow })
  return verified.requestAuth
}

interface SharedCounts {
  uses: Store | undefined
  failures: Store | undefined
}
const counts = new WeakMap<object, SharedCounts>()

/** What counts for all processes; made once for each instance. The uses of keys never in the database: that would be a query for each request. */
function sharedCounts(base: AuthContext): SharedCounts {
  const known = counts.get(base.process)
  if (known) return known
  const auth = { ...base, request: undefined }
  const { limit, failures } = auth.options.apiKeys
  const inBackend = auth.options.limits.store !== 'database'
  const made = { uses: limit && inBackend ? sharedStore(auth, limit) : undefined, failures: sharedStore(auth, failures) }
  counts.set(base.process, made)
  return made
}

/** Within `apiKeys.limit`, and its use written down. */
function admit(auth: AuthContext, req: Request, verified: VerifiedKey): Promise<void> | undefined {
  const { limit } = auth.options.apiKeys
  const uses = limit && sharedCounts(auth).uses
  if (uses) return countShared(auth, req, verified, { uses, max: limit.max })
  const at = auth.now()
  if (limit) {
    const { count, resetAt } = auth.process.counters.count(verified.countedAs, limit.per * 1000, at)
    if (count > limit.max) throw tooManyRequests(resetAt, at)
  }
  noteUseBy(auth, req, verified, at)
  return undefined
}

async function countShared(auth: AuthContext, req: Request, verified: VerifiedKey, { uses, max }: { uses: Store; max: number }) {
  const { totalHits, resetTime } = await uses.increment(verified.countedAs)
  const at = auth.now()
  if (totalHits > max) throw tooManyRequests(resetTime ?? at, at)
  noteUseBy(auth, req, verified, at)
}

function noteUseBy(auth: AuthContext, req: Request, verified: VerifiedKey, at: Date) {
  if (isUseDue(verified, at)) noteUse({ ...auth, request: requestInfo(auth, req) }, verified, at)
}

const tooManyRequests = (resetAt: Date, now: Date) => new AuthError('TOO_MANY_REQUESTS', { retryAfter: secondsUntil(resetAt, now) })

/** an address that keeps coming with keys that are none has to wait. */
async function orCount<T>(auth: AuthContext, req: Request, verify: () => Promise<T>): Promise<T> {
  const { failures } = auth.options.apiKeys
  if (!auth.options.limits.enabled) return verify()
  const what = `api-key failed ${await networkOf(req)}`
  const now = auth.now()
  const known = auth.process.counters.counted(what, now)
  if (known && known.count >= failures.max) throw tooMany(known.resetAt, now)
  try {
    return await verify()
  } catch (error) {
    if (error instanceof AuthError && error.code === 'API_KEY_INVALID') await countFailure(auth, what, now)
    throw error
  }
}

/** Here, and for all processes: one that hears that others have counted enough asks no more before the window is over. Throws TOO_MANY_ATTEMPTS. */
async function countFailure(auth: AuthContext, what: string, now: Date) {
  const { max, per } = auth.options.apiKeys.failures
  const own = auth.process.counters.count(what, per * 1000, now)
  const all = await sharedCounts(auth).failures?.increment(what)
  if (!all || all.totalHits <= max) return
  own.count = max
  own.resetAt = all.resetTime ?? own.resetAt
  throw tooMany(own.resetAt, now)
}

const tooMany = (resetAt: Date, now: Date) => new AuthError('TOO_MANY_ATTEMPTS', { retryAfter: secondsUntil(resetAt, now) })
