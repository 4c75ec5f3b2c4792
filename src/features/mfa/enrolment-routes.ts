import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type Answer, type Call, type Route, route } from '../../http/route.ts'
import { shapes, text } from '../../http/schemas.ts'
import { answerSignIn } from '../../http/sign-in-answer.ts'
import type { ResolvedOptions } from '../../options.ts'
import { completeSignIn, type SignInAnswer } from '../../sign-in.ts'
import { spendPending } from '../codes/pending-sign-in.ts'
import { type Asking, whoAsks } from './asking-routes.ts'
import { confirmFactor, type EnrolledFactor, startMessageFactor, startTotp } from './enrol-factor.ts'

const tokenField = { mfaToken: text(256).optional() }
const credentialErrors = ['UNAUTHENTICATED', 'TOKEN_INVALID', 'TOKEN_EXPIRED', 'SESSION_REVOKED', 'MFA_TOKEN_INVALID', 'STEP_UP_REQUIRED', 'FORBIDDEN'] as const
const confirmBody = z.strictObject({ ...tokenField, code: text(32) })
const factorParams = z.strictObject({ id: text(64) })
const enrolled = z.strictObject({ recoveryCodes: z.array(z.string()).optional() })
const byTotp = ({ mfa }: ResolvedOptions) => mfa.totp
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
    continuesSession: true,
    enabled: byTotp,
    body: z.strictObject({ ...tokenField, label: text(80).optional() }),
    answers: { 200: z.strictObject({ id: z.string(), secret: z.string(), otpauthUrl: z.string(), qrCode: z.string() }) },
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
      continuesSession: true,
      enabled: type === 'email' ? byEmail : bySms,
      body: z.strictObject(tokenField),
      answers: { 200: z.strictObject({ id: z.string() }) },
      errors: credentialErrors,
      limit,
      audit: ['mfa.factor_started', 'mfa.code_requested'],
      handler: async (call) => {
        const { auth, user } = await whoAsks(call.auth, call.req, call.body.mfaToken, enrolling)
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
      continuesSession: true,
      params: factorParams,
      body: confirmBody,
      answers: { 200: z.union([enrolled, shapes.signedInEnrolled, shapes.signIn]) },
      errors: [...credentialErrors, 'NOT_FOUND', 'CODE_INVALID', 'TOO_MANY_ATTEMPTS', 'ACCOUNT_SUSPENDED'],
      limit,
      audit: ['mfa.factor_added', 'mfa.enabled', 'mfa.failed', 'session.revoked', 'login.succeeded'],
      handler: confirm,
    }),
  ),
]

async function confirm({ auth: outer, req, body, params }: Call<z.output<typeof confirmBody>, unknown, { id: string }>): Promise<Answer> {
  const asking = await whoAsks(outer, req, body.mfaToken, enrolling)
  const { auth, user, sessionId } = asking
  await auth.process.keys.current(auth) // read or made outside the transaction
  const what = { factorId: params.id, code: body.code, ...(sessionId !== undefined && { keepSession: sessionId }) }
  const done = await confirmFactor(auth, user, what, async (auth, factor) => ({ factor, answer: await goOn(auth, asking, factor) }))
  const { recoveryCodes } = done.factor
  if (!done.answer) return { status: 200, body: { ...(recoveryCodes && { recoveryCodes }) } }
  const shown = answerSignIn(done.answer, { remember: asking.pending?.proved.remember ?? true })
  return done.answer.status === 'signed_in' && recoveryCodes ? { ...shown, body: { ...done.answer, recoveryCodes } } : shown
}

/** A sign-in that waited for its first factor goes on with two proved. */
async function goOn(auth: AuthContext, { pending, sessionId }: Asking, { amr, recoveryCodes }: EnrolledFactor): Promise<SignInAnswer | null> {
  if (!pending) {
    if (sessionId !== undefined) await raiseSession(auth, sessionId, amr)
    return null
  }
  // Another such sign-in has just set up the first factor: this one has to show it instead.
  if (!recoveryCodes) throw new AuthError('MFA_TOKEN_INVALID')
  await spendPending(auth, pending)
  const { user, settled = [], ...proved } = pending.proved
  const all = [...new Set([...proved.amr, ...amr, 'mfa'])]
  return completeSignIn(auth, { ...proved, user: { ...user, mfaEnabled: true }, amr: all, settled: [...settled, 'mfa'] })
}

/** The session that set a factor up has proved it. */
async function raiseSession(auth: AuthContext, id: string, amr: readonly string[]) {
  const session = await auth.db.authSession.findUnique({ where: { id } })
  if (!session) return
  const all = [...new Set([...session.amr.split(' '), ...amr, 'mfa'])].join(' ')
  const { count } = await auth.db.authSession.updateMany({ where: { id: session.id, revokedAt: null }, data: { amr: all } })
  if (count === 0) throw new AuthError('SESSION_REVOKED')
}
