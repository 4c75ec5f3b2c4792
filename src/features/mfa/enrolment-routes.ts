import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { AuthError, invalidField } from '../../errors.ts'
import { type Answer, type Call, type Route, route } from '../../http/route.ts'
import { idParams, shapes, text, tokenText } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import { answerSignIn } from '../../http/sign-in-answer.ts'
import type { ResolvedOptions } from '../../options.ts'
import { completeSignIn, type SignInAnswer } from '../../sign-in.ts'
import { type PendingSignIn, spendPending } from '../codes/pending-sign-in.ts'
import { amrOf } from '../sessions/present-session.ts'
import { type Asking, askingBy, whoAsks } from './asking-routes.ts'
import { withTry } from './attempts.ts'
import { confirmFactor, type EnrolledFactor, resumeMessageFactor, startMessageFactor, startTotp } from './enrol-factor.ts'
import { begunFactors } from './factors.ts'
import { addedMethods, refuseShown, shownBy } from './shown-already.ts'

const tokenField = { mfaToken: tokenText.optional() }
const credentialErrors = ['UNAUTHENTICATED', 'TOKEN_INVALID', 'TOKEN_EXPIRED', 'SESSION_REVOKED', 'MFA_TOKEN_INVALID', 'STEP_UP_REQUIRED', 'FORBIDDEN'] as const
const confirmBody = z.strictObject({ ...tokenField, code: text(32) })
const enrolled = shape(() => z.strictObject({ recoveryCodes: z.array(z.string()).optional() }))
const byTotp = ({ mfa }: ResolvedOptions) => mfa.totp !== false
const byEmail = ({ mfa, mailer }: ResolvedOptions) => mfa.email && mailer !== undefined
const bySms = ({ mfa, sms }: ResolvedOptions) => mfa.sms && sms !== undefined
const limit = { ip: { max: 60, per: 900 } }
const enrolling = { pending: ['mfa_enrollment'], recent: true } as const

/** Setting factors up: signed in and confirmed, or by the token of a sign-in that must set one up first. */
export const enrolmentRoutes = (): Route[] => [
  route({
    method: 'POST',
    path: '/mfa/totp',
    summary: 'Begin an authenticator app; it counts once confirmed',
    access: 'public',
    continuesSession: 'access',
    enabled: byTotp,
    body: z.strictObject({ ...tokenField, label: text(80).optional() }),
    answers: { 200: () => z.strictObject({ id: z.string(), secret: z.string(), otpauthUrl: z.string(), qrCode: z.string() }) },
    errors: credentialErrors,
    limit,
    audit: ['mfa.factor_started'],
    handler: async (call) => {
      const { auth, user } = await whoAsks(call.auth, call.req, call.body.mfaToken, enrolling)
      return { status: 200, body: await startTotp(auth, user, call.body.label ?? null) }
    },
  }),
  ...(['email', 'sms'] as const).map((type) =>
    route({
      method: 'POST',
      path: `/mfa/${type}`,
      summary: `Begin a factor of codes by ${type === 'email' ? 'email' : 'SMS'}, to the confirmed ${type === 'email' ? 'address' : 'number'}`,
      access: 'public',
      continuesSession: 'access',
      enabled: type === 'email' ? byEmail : bySms,
      body: z.strictObject(tokenField),
      answers: { 200: () => z.strictObject({ id: z.string() }) },
      errors: credentialErrors,
      limit,
      audit: ['mfa.factor_started', 'mfa.code_requested'],
      handler: async (call) => {
        const { auth, user, pending } = await whoAsks(call.auth, call.req, call.body.mfaToken, enrolling)
        if (pending) refuseShown(shownBy(pending.proved), type)
        return { status: 200, body: await startMessageFactor(auth, user, type) }
      },
    }),
  ),
  ...['/mfa/totp/:id/confirm', '/mfa/factors/:id/confirm'].map((path) =>
    route({
      method: 'POST',
      path,
      summary: 'Confirm a factor by a code of it; the first brings recovery codes',
      access: 'public',
      continuesSession: 'access',
      params: idParams,
      body: confirmBody,
      answers: { 200: () => z.union([enrolled(), shapes.signInEnrolled()]) },
      errors: [...credentialErrors, 'NOT_FOUND', 'CODE_INVALID', 'TOO_MANY_ATTEMPTS', 'ACCOUNT_SUSPENDED'],
      limit,
      audit: ['mfa.factor_added', 'mfa.enabled', 'mfa.failed', 'session.revoked', 'login.succeeded'],
      handler: confirm,
    }),
  ),
]

async function confirm({ auth: outer, req, body, params }: Call<z.output<typeof confirmBody>, unknown, { id: string }>): Promise<Answer> {
  return answerEnrolled(await whoAsks(outer, req, body.mfaToken, enrolling), params.id, body.code)
}

/** `/mfa/challenge` of a sign-in that must set a factor up: begins one, or sends its code again. */
export async function challengeEnrolment({ auth, user, pending }: Asking, type: 'email' | 'sms' | 'passkey'): Promise<Answer> {
  if (type === 'passkey') throw invalidField('type', 'cannot be set up here')
  if (pending) refuseShown(shownBy(pending.proved), type)
  await resumeMessageFactor(auth, user, type)
  return { status: 202 }
}

/** `/mfa/verify` of a sign-in that must set a factor up: confirms the one begun last. */
export async function verifyEnrolment(outer: AuthContext, pending: PendingSignIn, code: string | undefined): Promise<Answer> {
  const asking = askingBy(outer, pending)
  const { auth, user } = asking
  const begun = (await begunFactors(auth, user.id)).at(-1)
  if (!begun || code === undefined) throw invalidField('code', 'begin a factor, then give a code of it')
  return withTry(auth, pending, () => answerEnrolled(asking, begun.id, code))
}

async function answerEnrolled(asking: Asking, factorId: string, code: string): Promise<Answer> {
  const { auth, user, sessionId } = asking
  await auth.process.keys.current(auth) // read or made outside the transaction
  const what = { factorId, code, keepSession: sessionId }
  const done = await confirmFactor(auth, user, what, async (auth, factor) => ({ factor, answer: await goOn(auth, asking, factor) }))
  const { recoveryCodes } = done.factor
  if (!done.answer) return { status: 200, body: { ...(recoveryCodes && { recoveryCodes }) } }
  const shown = answerSignIn(done.answer, { remember: asking.pending?.proved.remember ?? true })
  // They are shown this once, whatever the sign-in waits for next.
  return recoveryCodes ? { ...shown, body: { ...done.answer, recoveryCodes } } : shown
}

/** A sign-in that waited for its first factor goes on with two proved. */
async function goOn(auth: AuthContext, { pending, sessionId }: Asking, { type, amr, recoveryCodes }: EnrolledFactor): Promise<SignInAnswer | null> {
  if (!pending) {
    if (sessionId !== undefined) await raiseSession(auth, sessionId, { type, amr })
    return null
  }
  // Another such sign-in has just set up the first factor: this one has to show it instead.
  if (!recoveryCodes) throw new AuthError('MFA_TOKEN_INVALID')
  refuseShown(shownBy(pending.proved), type)
  await spendPending(auth, pending)
  const { user, settled = [], ...proved } = pending.proved
  const all = [...new Set([...proved.amr, ...amr, 'mfa'])]
  return completeSignIn(auth, { ...proved, user: { ...user, mfaEnabled: true }, amr: all, settled: [...settled, 'mfa'] })
}

/** The session that set a factor up has proved it. */
async function raiseSession(auth: AuthContext, id: string, { type, amr }: Pick<EnrolledFactor, 'type' | 'amr'>) {
  const session = await auth.db.authSession.findUnique({ where: { id } })
  if (!session) return
  const before = amrOf(session.amr)
  const all = [...new Set([...before, ...addedMethods(before, type, amr)])].join(' ')
  const { count } = await auth.db.authSession.updateMany({ where: { id: session.id, revokedAt: null }, data: { amr: all } })
  if (count === 0) throw new AuthError('SESSION_REVOKED')
}
