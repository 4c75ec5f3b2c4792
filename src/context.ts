import type { Request } from 'express'
import type { PasswordHasher } from './crypto/password-hash.ts'
import type { Subkeys } from './crypto/subkeys.ts'
import type { Database } from './database.ts'
import type { Emit } from './events.ts'
import type { Confirmation, SecondFactor, SignInStep } from './feature.ts'
import type { KeyCache } from './features/api-keys/key-cache.ts'
import type { Feed } from './features/changes/feed.ts'
import type { Cleanup } from './features/cleanup/cleanup.ts'
import type { SigningKeys } from './features/keys/signing-keys.ts'
import type { Counters } from './features/limits/counters.ts'
import type { Outbox } from './features/messages/outbox.ts'
import type { KnownRoles } from './features/rbac/known-roles.ts'
import type { RoleMapCache } from './features/rbac/role-map.ts'
import type { TokenCache } from './features/sessions/token-cache.ts'
import type { CookieNames } from './http/cookies.ts'
import type { Logger } from './logger.ts'
import type { ResolvedOptions } from './options.ts'
import type { OwnOrigins } from './own-origins.ts'
import { isOvertaken, isUniqueViolation, isWriteConflict } from './prisma-errors.ts'
import type { AuthServices } from './services.ts'
import type { Telemetry } from './telemetry.ts'

/** Where a call came from, for audit rows, events and hooks. */
export interface RequestInfo {
  ip: string | null
  userAgent: string | null
  requestId: string | null
  /** Who did it; null before sign-in. */
  actorId?: string | null
  /** Those of the actor's platform roles that count in this request. */
  platformRoles?: readonly string[]
  sessionId?: string | null
  /** What stands for a device that the person trusts. */
  deviceToken?: string
  /** In cookie transport: the refresh token whose cookie a sign-in overwrites. */
  refreshToken?: string
  /** Characters of an access token that still fit in its cookie; where it goes into none, any that can be verified do. */
  longestToken?: number
  req?: Request
}

/** What this process keeps in memory, for all requests. */
export interface ProcessState {
  /** For work that no request waits for: without a request and a transaction, and without those of whoever set it off. */
  readonly base: () => AuthContext
  readonly passwords: PasswordHasher
  /** The database gives back what it inserts. */
  readonly hasReturning: boolean
  /** READ COMMITTED, where the database would give a transaction anything else: MySQL does (docs/decisions/012). */
  readonly isolation: { readonly isolationLevel?: 'ReadCommitted' }
  readonly keys: SigningKeys
  readonly feed: Feed
  readonly tokens: TokenCache
  readonly outbox: Outbox
  readonly telemetry: Telemetry
  readonly cleanup: Cleanup
  readonly roles: RoleMapCache
  readonly knownRoles: KnownRoles
  readonly apiKeys: KeyCache
  /** Of what API keys do here. */
  readonly counters: Counters
  readonly cookieNames: CookieNames
  readonly ownOrigins: OwnOrigins
  /** What the features add to every sign-in, in the order of features.ts. */
  readonly signInSteps: readonly SignInStep[]
  readonly confirmations: readonly Confirmation[]
  readonly secondFactors: readonly SecondFactor[]
}

/** What every function needs; createAuth makes one and passes it first. */
export interface AuthContext {
  readonly options: ResolvedOptions
  /** The app's client, or the transaction in progress. */
  readonly db: Database
  readonly now: () => Date
  readonly random: (bytes: number) => Uint8Array
  /** Sends an event; within a transaction, after its commit. */
  readonly emit: Emit
  readonly log: Logger
  readonly subkeys: Subkeys
  readonly process: ProcessState
  readonly services: (auth: AuthContext) => AuthServices
  readonly request?: RequestInfo
  readonly inTransaction: boolean
  /** Whose accounts are meant: those of this tenant, in isolated mode; otherwise ''. */
  readonly realm: string
  /** Runs now, or after the commit of the transaction in progress. */
  readonly afterCommit: (work: () => void) => void
}

// Waiting longer for a connection than two seconds helps nobody (F-03); a hook may take five of the ten.
const limits = { maxWait: 2000, timeout: 10_000 }
const MOST_TRIES = 4

/** How many more tries an error is worth. */
type Retries = (error: unknown) => number
/** A write conflict is tried again, at most three times (F-16); what `isWorthOne` tells of, once. */
export const retriesOf =
  (isWorthOne: (error: unknown) => boolean): Retries =>
  (error) =>
    isWriteConflict(error) ? MOST_TRIES - 1 : isWorthOne(error) ? 1 : 0
// What another request has just overtaken: the second reading sees what is there now.
const usual = retriesOf(isOvertaken)
const racing: Retries = (error) => (isUniqueViolation(error) ? MOST_TRIES - 1 : usual(error))

/**
 * Runs `work` in one transaction, joining the current one. Events and in-process effects wait for the commit and are dropped by a
 * rollback. `retries`: where another count than the usual is right.
 */
export async function transaction<T>(outer: AuthContext, work: (auth: AuthContext) => Promise<T>, retries = usual): Promise<T> {
  if (outer.inTransaction) return work(outer)
  for (let attempt = 1; ; attempt++) {
    try {
      return await transactOnce(outer, work)
    } catch (error) {
      if (attempt > retries(error)) throw error
      const jitter = (outer.random(1)[0] ?? 0) / 255
      await new Promise((resolve) => setTimeout(resolve, attempt * 10 + jitter * 30))
    }
  }
}

/**
 * The same, and up to three times again where another request has just made the row that `work` was about to make: the next reading finds it. In the
 * app's own transaction there is no second try.
 */
export const racingTransaction = <T>(outer: AuthContext, work: (auth: AuthContext) => Promise<T>): Promise<T> => transaction(outer, work, racing)

async function transactOnce<T>(outer: AuthContext, work: (auth: AuthContext) => Promise<T>): Promise<T> {
  const { bound, commit } = bind(outer)
  const result: T = await outer.options.prisma.$transaction((db: Database) => work({ ...bound, db }), { ...limits, ...outer.process.isolation })
  commit()
  return result
}

/** For a session whose tokens go into no cookies of this request's answer. */
export function apartFromCookies(auth: AuthContext): AuthContext {
  const { refreshToken: _refresh, longestToken: _longest, ...request } = auth.request ?? {}
  return auth.request ? { ...auth, request: request as RequestInfo } : auth
}

/** A context whose events and after-commit work are held until `commit()`. */
export function bind(outer: AuthContext): { bound: AuthContext; commit: () => void } {
  const pending: (() => void)[] = []
  const bound: AuthContext = {
    ...outer,
    inTransaction: true,
    emit: (name, event) => void pending.push(() => outer.emit(name, event)),
    afterCommit: (work) => void pending.push(work),
  }
  const commit = () => {
    for (const run of pending.splice(0)) run()
  }
  return { bound, commit }
}
