import type { Request } from 'express'
import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { actingAs, identifyPerson } from '../../guards/identify.ts'
import { findUserById } from '../accounts/find-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { type PendingSignIn, type PendingStep, readPending } from '../codes/pending-sign-in.ts'
import { requireRecent } from '../confirmation/recent.ts'

export interface Asking {
  /** With whoever asks as the actor of what is written. */
  auth: AuthContext
  user: UserRow
  /** The sign-in or session that codes are bound to. */
  binding: string
  sessionId?: string
  pending?: PendingSignIn
}

const bearer = /^Bearer +(lkp_[\w-]+)$/i

/**
 * Who asks on a route that takes an mfaToken: someone who is signed in, or, by an mfaToken in the body (or as bearer, where there is none), someone whose
 * sign-in waits for a step of `pending`. `recent`: who is signed in must have confirmed. Throws MFA_TOKEN_INVALID, UNAUTHENTICATED and the like.
 */
export async function whoAsks(
  auth: AuthContext,
  req: Request,
  mfaToken: string | undefined,
  { pending: steps, recent = false }: { pending: readonly PendingStep[]; recent?: boolean },
): Promise<Asking> {
  const token = mfaToken ?? bearer.exec(req.headers.authorization ?? '')?.[1]
  if (token !== undefined) return askingBy(auth, await readPending(auth, steps, token))
  const who = await identifyPerson(auth, req)
  if (recent) await requireRecent(auth, who, { maxAge: auth.options.stepUp.maxAge })
  const user = await findUserById(auth, who.user.id)
  if (!user) throw new AuthError('SESSION_REVOKED')
  const { id: sessionId } = who.session
  return { auth: actingAs(auth, who), user, binding: sessionId, sessionId }
}

/** Someone whose sign-in waits. Throws MFA_TOKEN_INVALID: what may set up the first factor may do nothing once there is one. */
export function askingBy(auth: AuthContext, pending: PendingSignIn): Asking & { pending: PendingSignIn } {
  const { user } = pending.proved
  if (pending.step === 'mfa_enrollment' && user.mfaEnabled) throw new AuthError('MFA_TOKEN_INVALID')
  return { auth: actingAs(auth, { user, session: null, platformRoles: [] }), user, binding: pending.id, pending }
}
