import type { Request, RequestHandler, Response } from 'express'
import type { Store } from 'express-rate-limit'
import type { AuthContext } from '../context.ts'
import { hmacHex } from '../crypto/hashing.ts'
import { secondsUntil } from '../durations.ts'
import { emit } from '../emit.ts'
import { AuthError } from '../errors.ts'
import { recordAudit } from '../features/audit/record-audit.ts'
import { backendStore, databaseStore, memoryStore } from './limit-stores.ts'
import { networkOf, rateLimiting } from './network.ts'
import { requestInfo } from './request-info.ts'
import { type Limit, type Route, routeName } from './route.ts'

/** What one address may do on a route that says nothing else. */
const usual: Limit = { max: 300, per: 60 }

export interface RouteLimits {
  ip: RequestHandler
  /** Counts for one account; throws TOO_MANY_REQUESTS. */
  account: (req: Request, res: Response, body: unknown) => Promise<void>
}

const none: RouteLimits = { ip: (_req, _res, next) => next(), account: async () => {} }

/** The limits of one route. Counting is express-rate-limit's; equivalent spellings of a path are one route, so they share a bucket. */
export function routeLimits(auth: AuthContext, route: Route): RouteLimits {
  const { limits } = auth.options
  if (!limits.enabled) return none
  const name = routeName(route)
  const ipLimit = limits.routes[name] ?? route.limit?.ip ?? usual
  const ip = limiter(auth, name, 'ip', ipLimit, networkOf)
  const account = route.limit?.account
  if (!account) return { ...none, ip }
  const keys = new WeakMap<Request, string>()
  const check = limiter(auth, name, 'account', account, (req) => keys.get(req) ?? '')
  return {
    ip,
    account: async (req, res, body) => {
      const whose = account.of(body)
      if (whose === undefined) return
      keys.set(req, hmacHex(auth.subkeys.current.key('identifier'), whose).slice(0, 40))
      await new Promise<void>((resolve, reject) => void check(req, res, (error?: unknown) => (error ? reject(error) : resolve())))
    },
  }
}

type KeyOf = (req: Request) => string | Promise<string>

/** Made with the first request that it counts. */
function limiter(...what: Parameters<typeof makeLimiter>): RequestHandler {
  let made: Promise<RequestHandler> | undefined
  return function latchkeyLimit(req, res, next) {
    made ??= makeLimiter(...what)
    made.then((handler) => handler(req, res, next), next)
  }
}

async function makeLimiter(auth: AuthContext, name: string, by: 'ip' | 'account', { max, per }: Limit, keyOf: KeyOf): Promise<RequestHandler> {
  const { rateLimit } = await rateLimiting()
  const refuse = (req: Request, next: (error: unknown) => void) => {
    const { used = 0, resetTime } = (req as Request & { rateLimit?: { used: number; resetTime?: Date } }).rateLimit ?? {}
    next(new AuthError('TOO_MANY_REQUESTS', { retryAfter: secondsUntil(resetTime ?? auth.now(), auth.now()) }))
    if (used === max + 1) void report(auth, req, name, by)
  }
  return rateLimit({
    windowMs: per * 1000,
    limit: max,
    store: sharedStore(auth, { max, per }) ?? memoryStore(auth.now, per * 1000),
    keyGenerator: async (req) => `${name} ${by} ${await keyOf(req)}`,
    handler: (req, _res, next) => refuse(req, next),
    standardHeaders: false,
    legacyHeaders: false,
    validate: false,
  })
}

/** Counts for all processes; undefined where each counts alone. */
export function sharedStore(auth: AuthContext, { max, per }: Limit): Store | undefined {
  const { limits, backend } = auth.options
  const isBackend = backend !== undefined && (limits.store ?? 'backend') === 'backend'
  if (isBackend) return backendStore(auth, per * 1000, backend)
  return limits.store === 'database' ? databaseStore(auth, per * 1000, max) : undefined
}

/** Once for each window, so that a flood of refusals does not become a flood of rows. */
async function report(auth: AuthContext, req: Request, route: string, by: 'ip' | 'account') {
  const asked = { ...auth, request: requestInfo(auth, req) }
  emit(asked, 'limit.exceeded', { route, by })
  try {
    await recordAudit(asked, { event: 'limit.exceeded', outcome: 'denied', data: { route, by } })
  } catch (err) {
    auth.log.warn({ err }, 'a limit was exceeded and the audit row could not be written')
  }
}
