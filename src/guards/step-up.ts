import type { AuthContext } from '../context.ts'
import type { Duration } from '../durations.ts'
import { AuthError } from '../errors.ts'
import type { ConfirmMethod } from '../feature.ts'
import { findUserById } from '../features/accounts/find-user.ts'
import { hasSecondFactor } from '../features/accounts/second-factors.ts'
import { methodsFor } from '../features/confirmation/confirm-methods.ts'
import { requireRecent } from '../features/confirmation/recent.ts'
import { showsTwo } from '../features/sessions/present-session.ts'
import type { RequestAuth } from '../shapes.ts'
import type { Guard } from './as-guard.ts'
import { stepUpSeconds } from './guard-arguments.ts'
import { askingGuard } from './guards.ts'

export interface StepUpRequirement {
  /** Seconds, or '5m'. Left out: `stepUp.maxAge`. */
  maxAge?: Duration
  /** Any of these must have been used for it. */
  methods?: readonly ConfirmMethod[]
}

/** Lets in who signed in or confirmed (`POST /confirm`) within `maxAge`, in this session; otherwise STEP_UP_REQUIRED with the `methods` they could use. */
export function requireStepUp(auth: AuthContext, { maxAge, methods }: StepUpRequirement = {}): Guard {
  const seconds = stepUpSeconds(maxAge) ?? auth.options.stepUp.maxAge
  return askingGuard(auth, (who) => requireRecent(auth, who, { maxAge: seconds, ...(methods && { methods }) }))
}

/** Requests that carry one token share one object, made anew when the user changes. */
const proved = new WeakSet<RequestAuth>()

/** Lets in who has confirmed their email address; otherwise EMAIL_NOT_VERIFIED. One query for each token, none once it is confirmed. */
export function requireVerifiedEmail(auth: AuthContext): Guard {
  const ask = async (who: RequestAuth) => {
    const user = await findUserById(auth, who.user.id)
    if (!user) throw new AuthError('SESSION_REVOKED')
    if (user.email === null || user.emailVerifiedAt === null) throw new AuthError('EMAIL_NOT_VERIFIED')
    proved.add(who)
  }
  return askingGuard(auth, (who) => (proved.has(who) ? undefined : ask(who)))
}

/**
 * Lets in whose session proved two factors. Who has none set up gets MFA_ENROLLMENT_REQUIRED, who has but signed in without (on a trusted
 * device) STEP_UP_REQUIRED: `POST /confirm` with a factor raises the session.
 */
export function requireMfa(auth: AuthContext): Guard {
  const ask = async (who: RequestAuth) => {
    const session = who.session ? await auth.db.authSession.findUnique({ where: { id: who.session.id } }) : null
    if (session && session.revokedAt === null && showsTwo(session)) return
    const user = await findUserById(auth, who.user.id)
    if (!user || !(await hasSecondFactor(auth, user))) throw new AuthError('MFA_ENROLLMENT_REQUIRED')
    throw new AuthError('STEP_UP_REQUIRED', { methods: await methodsFor(auth, user) })
  }
  return askingGuard(auth, (who) => (who.session?.amr.includes('mfa') ? undefined : ask(who)))
}
