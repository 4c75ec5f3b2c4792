import type { AuthContext } from '../../context.ts'
import { addSeconds } from '../../durations.ts'
import { AuthError } from '../../errors.ts'
import type { ConfirmMethod } from '../../feature.ts'
import type { RequestAuth } from '../../shapes.ts'
import { findUserById } from '../accounts/find-user.ts'
import { hasSecondFactor } from '../accounts/second-factors.ts'
import type { UserRow } from '../accounts/tables.ts'
import { amrOf, showsTwo } from '../sessions/present-session.ts'
import type { SessionRow } from '../sessions/tables.ts'
import { methodsFor } from './confirm-methods.ts'

export interface StepUp {
  /** Seconds. */
  maxAge: number
  /** Any of these must have been used; any at all where left out. */
  methods?: readonly ConfirmMethod[]
}

const methodsOfAmr: Record<ConfirmMethod, readonly string[]> = {
  password: ['pwd'],
  totp: ['otp'],
  email: ['otp'],
  sms: ['sms'],
  passkey: ['webauthn'],
  recovery_code: ['rcv'],
}

const shows = (amr: readonly string[], methods: readonly ConfirmMethod[] | undefined) =>
  methods === undefined || methods.some((method) => methodsOfAmr[method].some((name) => amr.includes(name)))
const isWithin = (auth: AuthContext, at: Date | null, maxAge: number) => at !== null && at > addSeconds(auth.now(), -maxAge)

/** With second factors on, a sign-in that showed only one (on a trusted device, say) confirms nothing sensitive. */
const isFullSignIn = async (auth: AuthContext, user: UserRow, session: Pick<SessionRow, 'amr'>) => showsTwo(session) || !(await hasSecondFactor(auth, user))

/** Until when the session counts as confirmed; null where it does not. */
export async function confirmedUntil(
  auth: AuthContext,
  user: UserRow,
  session: Pick<SessionRow, 'authenticatedAt' | 'confirmedAt' | 'amr'>,
  maxAge: number,
): Promise<Date | null> {
  const { authenticatedAt, confirmedAt } = session
  const signedInAt = (await isFullSignIn(auth, user, session)) ? authenticatedAt : null
  const latest = signedInAt === null || (confirmedAt !== null && confirmedAt > signedInAt) ? confirmedAt : signedInAt
  return latest !== null && isWithin(auth, latest, maxAge) ? addSeconds(latest, maxAge) : null
}

/** Users without second factors. Requests that carry one token share one object, made anew when the user's factors change. */
const withoutFactors = new WeakSet<RequestAuth>()

/**
 * Throws STEP_UP_REQUIRED, with the `methods` this person could use, unless they signed in or confirmed within `maxAge` in this very
 * session. A recent sign-in with two factors costs no query, one of a user without second factors one for each token.
 */
export async function requireRecent(auth: AuthContext, who: RequestAuth, { maxAge, methods }: StepUp) {
  const { session } = who
  const isRecent = session !== null && isWithin(auth, session.authenticatedAt, maxAge) && shows(session.amr, methods)
  if (isRecent && (session.amr.includes('mfa') || withoutFactors.has(who))) return
  const user = session ? await findUserById(auth, who.user.id) : null
  if (isRecent && user && !(await hasSecondFactor(auth, user))) return void withoutFactors.add(who)
  const row = session ? await auth.db.authSession.findUnique({ where: { id: session.id } }) : null
  // The token may be older than the factor that its session has proved since.
  if (isRecent && user && row?.revokedAt === null && showsTwo(row)) return
  if (row && row.revokedAt === null && isWithin(auth, row.confirmedAt, maxAge) && shows(amrOf(row.confirmedAmr), methods)) return
  const possible = user ? await methodsFor(auth, user) : []
  throw new AuthError('STEP_UP_REQUIRED', { methods: methods ? possible.filter((method) => methods.includes(method)) : possible })
}
