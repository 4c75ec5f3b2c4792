import type { Router } from 'express'
import { keepContext } from './auth-contexts.ts'
import { createRouter, routeProblems, routeTable } from './auth-router.ts'
import { type AuthContext, bind, type ProcessState, retriesOf, transaction } from './context.ts'
import { builtInVerifiers } from './crypto/legacy-hashes.ts'
import { createPasswordHasher } from './crypto/password-hash.ts'
import { deriveSubkeys } from './crypto/subkeys.ts'
import { type Database, providerOf } from './database.ts'
import { createEvents, type Events } from './events.ts'
import { createKeyCache } from './features/api-keys/key-cache.ts'
import { createFeed } from './features/changes/feed.ts'
import { createCleanup } from './features/cleanup/cleanup.ts'
import { createSigningKeys } from './features/keys/signing-keys.ts'
import { createCounters } from './features/limits/counters.ts'
import { messageKinds } from './features/messages/kinds.ts'
import { createOutbox } from './features/messages/outbox.ts'
import { createKnownRoles } from './features/rbac/known-roles.ts'
import { createRoleMapCache } from './features/rbac/role-map.ts'
import { createTokenCache } from './features/sessions/token-cache.ts'
import { features } from './features.ts'
import { asGuard, type Guard } from './guards/as-guard.ts'
import * as guards from './guards/guards.ts'
import { currentAuth } from './guards/request-context.ts'
import { requireTenant, type TenantRequirement } from './guards/require-tenant.ts'
import * as requirements from './guards/requirements.ts'
import * as stepUp from './guards/step-up.ts'
import { cookieNames } from './http/cookies.ts'
import type { Route } from './http/route.ts'
import { sameOrigin } from './http/same-origin.ts'
import { hasReturning } from './insert-rows.ts'
import { isPlainAway } from './is-plain-away.ts'
import { problemsOfNamed } from './named-functions.ts'
import { type AuthOptions, parseOptions, type ResolvedOptions } from './options.ts'
import { ownOrigins } from './own-origins.ts'
import { isMissingParent } from './prisma-errors.ts'
import { type AuthServices, bindServices } from './services.ts'
import type { RequestAuth } from './shapes.ts'
import { countingEvents, createTelemetry } from './telemetry.ts'

/** Services bound to a transaction that the app opened. */
export interface TransactionServices extends AuthServices {
  /** Tells of the commit: sends the events that waited for it. Audit rows and change-feed rows are in the transaction and need no call. */
  committed: () => void
}

export interface Auth extends AuthServices {
  /** Mount it: `app.use('/auth', auth.router())`. */
  router: () => Router
  requireAuth: () => Guard
  optionalAuth: () => Guard
  requireGuest: () => Guard
  requireRole: (...wanted: readonly string[] | readonly [requirements.RoleRequirement]) => Guard
  requirePermission: (wanted: string | requirements.PermissionRequirement) => Guard
  requireStepUp: (requirement?: stepUp.StepUpRequirement) => Guard
  requireVerifiedEmail: () => Guard
  requireMfa: () => Guard
  requireTenant: (requirement?: TenantRequirement) => Guard
  sameOrigin: () => Guard
  /**
   * Who the running request is from, anywhere below a guard of this instance. Throws a TypeError where the option `context` is false; what it does where
   * that is left out: docs/decisions/011.
   */
  context: () => RequestAuth | undefined
  on: Events['on']
  /** The same services in a transaction that the app opened on its own client. */
  // biome-ignore lint/suspicious/noExplicitAny: any generated client's transaction
  with: (tx: any) => TransactionServices
  /** Opens a transaction itself and sends the events after its commit. */
  // biome-ignore lint/suspicious/noExplicitAny: any generated client's transaction
  transaction: <T>(work: (auth: AuthServices, tx: any) => Promise<T>) => Promise<T>
  /** Ends timers; nothing keeps the process alive after it. Resolves when what is under way has ended. */
  close: () => Promise<void>
}

/** Checks the options, once, and gives what is bound to them. Throws a TypeError that lists every mistake. */
export function createAuth(options: AuthOptions): Auth {
  const routes = routeTable()
  const resolved = parseOptions(options, (resolved) => problemsOf(resolved, routes))
  const events = createEvents(resolved.on, resolved.logger)
  const auth = createContext(resolved, events)
  auth.process.feed.start(auth)
  auth.process.cleanup.start(auth, resolved.cleanup ? resolved.cleanup.every : null)
  if (resolved.mailer || resolved.sms) auth.process.outbox.start(auth)
  warnOfLinks(resolved)
  warnOfCookies(resolved)
  const instance: Auth = {
    ...bindServices(auth),
    router: () => createRouter(auth, routes),
    requireAuth: () => guards.requireAuth(auth),
    optionalAuth: () => guards.optionalAuth(auth),
    requireGuest: () => guards.requireGuest(auth),
    requireRole: (...wanted) => requirements.requireRole(auth, ...wanted),
    requirePermission: (wanted) => requirements.requirePermission(auth, wanted),
    requireStepUp: (requirement) => stepUp.requireStepUp(auth, requirement),
    requireVerifiedEmail: () => stepUp.requireVerifiedEmail(auth),
    requireMfa: () => stepUp.requireMfa(auth),
    requireTenant: (requirement) => requireTenant(auth, requirement),
    sameOrigin: () => asGuard(sameOrigin(auth)),
    context: () => currentAuth(auth),
    on: events.on,
    with: (tx: Database) => {
      const { bound, commit } = bind(auth)
      return { ...bindServices({ ...bound, db: tx }), committed: commit }
    },
    transaction: async (work) => {
      await auth.process.keys.current(auth) // read or made outside, so that no rollback takes it away
      // A key that the app's own rows have taken is the app's to hear of at once.
      return transaction(auth, (auth) => work(bindServices(auth), auth.db), retriesOf(isMissingParent))
    },
    close: () => close(auth),
  }
  keepContext(instance, auth)
  return instance
}

/** What no option shows by itself. Routes are the same for all options: what is off answers so. */
const problemsOf = (options: ResolvedOptions, routes: readonly Route[]) => [
  ...features.flatMap((feature) => feature.problems?.(options) ?? []),
  ...problemsOfNamed(options.messages.templates, messageKinds, 'message kind').map((problem) => `messages.templates: ${problem}`),
  ...routeProblems(options, routes),
]

async function close(auth: AuthContext) {
  await auth.process.feed.stop()
  await auth.process.apiKeys.settle()
  await Promise.all([auth.process.outbox.stop(), auth.process.cleanup.stop()])
}

function warnOfLinks({ mailer, pages, appUrl, baseUrl, logger }: ResolvedOptions) {
  if (!mailer || (pages === 'app' ? appUrl : baseUrl) !== undefined) return
  const what = pages === 'app' ? 'appUrl' : "baseUrl, the public URL of the router, such as 'https://api.example.com/auth'"
  logger.warn({}, `messages cannot hold links: set ${what}`)
}

function warnOfCookies({ baseUrl, cookies, transport, logger }: ResolvedOptions) {
  if (!transport.allow.includes('cookie') || !cookies.secure || baseUrl === undefined || !isPlainAway(baseUrl)) return
  logger.warn({}, `browsers drop Secure cookies from ${baseUrl}, which is plain http: serve it over https, or set cookies: { secure: false } for development`)
}

function processState(options: ResolvedOptions, base: () => AuthContext): ProcessState {
  const { prisma, now, random, password, tokens, feed } = options
  const legacy = password.verifyLegacy.map((verifier) => (typeof verifier === 'string' ? builtInVerifiers[verifier] : verifier))
  return {
    base,
    hasReturning: hasReturning(prisma),
    isolation: providerOf(prisma) === 'mysql' ? { isolationLevel: 'ReadCommitted' } : {},
    passwords: createPasswordHasher({ ...password, peppers: password.pepper, legacy, random }),
    keys: createSigningKeys(),
    feed: createFeed({ pollEvery: feed.pollEvery, tokenSeconds: tokens.accessTtl, now }),
    tokens: createTokenCache(),
    outbox: createOutbox(),
    telemetry: createTelemetry(),
    cleanup: createCleanup(),
    roles: createRoleMapCache(),
    knownRoles: createKnownRoles(),
    apiKeys: createKeyCache(),
    counters: createCounters(),
    cookieNames: cookieNames(options),
    ownOrigins: ownOrigins(options),
    signInSteps: features.flatMap(({ signInStep }) => signInStep ?? []),
    secondFactors: features.flatMap(({ secondFactor }) => secondFactor ?? []),
    confirmations: features.flatMap(({ confirmation }) => confirmation ?? []),
  }
}

function createContext(options: ResolvedOptions, { emit }: Events): AuthContext {
  const { now, random, logger: log } = options
  const state = processState(options, () => auth)
  const auth: AuthContext = {
    options,
    db: options.prisma,
    now,
    random,
    log,
    emit: countingEvents(emit, state.telemetry),
    subkeys: deriveSubkeys(options.secret),
    process: state,
    services: bindServices,
    inTransaction: false,
    realm: '',
    afterCommit: (work) => work(),
  }
  state.feed.subscribe(({ kind, subjectId }) => {
    state.apiKeys.forget(kind, subjectId)
    state.knownRoles.forget(kind, subjectId)
    if (kind === 'roles' || kind === 'permissions') state.roles.forget()
    if (kind === 'keys') state.keys.reload(auth, 'changed').catch((err: unknown) => log.warn({ err }, 'the signing keys could not be read'))
  })
  return auth
}
