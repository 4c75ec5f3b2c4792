import type { Request, RequestHandler } from 'express'
import type { AuthContext } from '../context.ts'
import { type Duration, parseDuration } from '../durations.ts'
import { AuthError } from '../errors.ts'
import type { ConfirmMethod } from '../feature.ts'
import { findUserById } from '../features/accounts/find-user.ts'
import { methodsFor } from '../features/confirmation/confirm-methods.ts'
import { requireRecent } from '../features/confirmation/recent.ts'
import { withDeadline } from '../in-time.ts'
import type { RequestAuth } from '../shapes.ts'
import { fail, requireAuth } from './guards.ts'

export interface StepUpRequirement {
  /** Seconds, or '5m'. Left out: `stepUp.maxAge`. */
  maxAge?: Duration
  /** Any of these must have been used for it. */
  methods?: readonly ConfirmMethod[]
}

/** A guard that asks the database: first `requireAuth()`, then `check`, which refuses by throwing. */
export function askingGuard(auth: AuthContext, check: (who: RequestAuth, req: Request) => Promise<void>): RequestHandler {
  const signedIn = requireAuth(auth)
  return function latchkeyAskingGuard(req, res, next) {
    signedIn(req, res, (error?: unknown) => {
      if (error !== undefined) return next(error)
      if (!req.auth) return fail(auth, res, next, new AuthError('UNAUTHENTICATED'))
      withDeadline(check(req.auth, req)).then(
        () => next(),
        (reason) => fail(auth, res, next, reason),
      )
    })
  }
}

/** Lets in who signed in or confirmed (`POST /confirm`) within `maxAge`, in this session; otherwise STEP_UP_REQUIRED with the `methods` they could use. */
export function requireStepUp(auth: AuthContext, { maxAge, methods }: StepUpRequirement = {}): RequestHandler {
  const seconds = maxAge === undefined ? auth.options.stepUp.maxAge : parseDuration(maxAge)
  if (seconds === undefined) throw new TypeError("latchkey: requireStepUp({ maxAge }) takes seconds or a duration such as '5m'")
  return askingGuard(auth, (who) => requireRecent(auth, who, { maxAge: seconds, ...(methods && { methods }) }))
}

/** Requests that carry one token share one object, made anew when the user changes. */
const proved = new WeakSet<RequestAuth>()

/** Lets in who has confirmed their email address; otherwise EMAIL_NOT_VERIFIED. One query for each token, none once it is confirmed. */
export function requireVerifiedEmail(auth: AuthContext): RequestHandler {
  return askingGuard(auth, async (who) => {
    if (proved.has(who)) return
    const user = await findUserById(auth, who.user.id)
    if (!user) throw new AuthError('SESSION_REVOKED')
    if (user.email === null || user.emailVerifiedAt === null) throw new AuthError('EMAIL_NOT_VERIFIED')
    proved.add(who)
  })
}

/**
 * Lets in whose session proved two factors. Who has none set up gets MFA_ENROLLMENT_REQUIRED, who has but signed in without (on a trusted
 * device) STEP_UP_REQUIRED: `POST /confirm` with a factor raises the session.
 */
export function requireMfa(auth: AuthContext): RequestHandler {
  return askingGuard(auth, async (who) => {
    if (who.session?.amr.includes('mfa')) return
    const session = who.session ? await auth.db.authSession.findUnique({ where: { id: who.session.id } }) : null
    if (session && session.revokedAt === null && session.amr.split(' ').includes('mfa')) return
    const user = await findUserById(auth, who.user.id)
    if (!user?.mfaEnabled) throw new AuthError('MFA_ENROLLMENT_REQUIRED')
    throw new AuthError('STEP_UP_REQUIRED', { methods: await methodsFor(auth, user) })
  })
}
