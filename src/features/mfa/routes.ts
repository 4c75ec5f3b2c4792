import * as z from 'zod'
import { invalidField } from '../../errors.ts'
import { proofOf } from '../../http/ceremony.ts'
import { setCookie } from '../../http/cookies.ts'
import { type Answer, type Call, type Route, route } from '../../http/route.ts'
import { idParams, shapes, tenantFields, text, time, tokenText } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import { answerSignIn } from '../../http/sign-in-answer.ts'
import { readPending } from '../codes/pending-sign-in.ts'
import { whoAsks } from './asking-routes.ts'
import { challenge } from './challenge.ts'
import { challengeEnrolment, enrolmentRoutes, verifyEnrolment } from './enrolment-routes.ts'
import { recoveryCodesLeft } from './recovery-codes.ts'
import { regenerateRecoveryCodes, removeFactor, renameFactor } from './remove-factor.ts'
import { shownBy } from './shown-already.ts'
import { statusOf } from './status.ts'
import { verifyFactor } from './verify-factor.ts'

const factor = shape(() =>
  z.strictObject({
    id: z.string(),
    type: z.enum(['totp', 'email', 'sms']),
    label: z.string().nullable(),
    confirmedAt: time.nullable(),
    lastUsedAt: time.nullable(),
  }),
)
const status = shape(() =>
  z
    .strictObject({
      enabled: z.boolean(),
      required: z.boolean(),
      methods: z.array(z.string()),
      factors: z.array(factor()),
      recoveryCodesLeft: z.int(),
      preferred: z.enum(['totp', 'email', 'sms']).nullable(),
    })
    .meta({ id: 'MfaStatus' }),
)
const verifyBody = z.strictObject({
  mfaToken: tokenText,
  code: text(64).optional(),
  recoveryCode: text(64).optional(),
  passkey: z.looseObject({}).optional(),
  ceremonyToken: text(512).optional(),
  trustDevice: z.boolean().optional(),
  ...tenantFields,
})
const verified = shape(() => z.union([shapes.signIn(), shapes.signInOnDevice(), shapes.signInEnrolled()]))
const changed = ['session.revoked', 'mfa.disabled']
const credentialErrors = ['UNAUTHENTICATED', 'TOKEN_INVALID', 'TOKEN_EXPIRED', 'SESSION_REVOKED', 'MFA_TOKEN_INVALID'] as const

export const mfaRoutes = (): Route[] => [
  route({
    method: 'GET',
    path: '/mfa',
    summary: 'The second factors of this user, signed in or by the token of a sign-in that waits for one',
    access: 'public',
    continuesSession: 'access',
    answers: { 200: status },
    errors: credentialErrors,
    audit: [],
    handler: async (call) => {
      const { auth, user } = await whoAsks(call.auth, call.req, undefined, { pending: ['mfa', 'mfa_enrollment'] })
      return { status: 200, body: await statusOf(auth, user) }
    },
  }),
  ...enrolmentRoutes(),
  route({
    method: 'PATCH',
    path: '/mfa/factors/:id',
    summary: 'Name a factor',
    access: 'recent',
    params: idParams,
    body: z.strictObject({ label: text(80).nullable().optional() }),
    answers: { 200: factor },
    errors: ['NOT_FOUND'],
    audit: ['mfa.factor_renamed'],
    handler: async (call) => ({ status: 200, body: await renameFactor(call.auth, call.who.user.id, call.params.id, call.body.label) }),
  }),
  route({
    method: 'DELETE',
    path: '/mfa/factors/:id',
    summary: 'Remove a factor; with the last one second factors are off',
    access: 'recent',
    params: idParams,
    answers: { 204: null },
    errors: ['NOT_FOUND', 'MFA_REQUIRED'],
    audit: ['mfa.factor_removed', ...changed],
    handler: async ({ auth, who, params }) => {
      await removeFactor(auth, who.user.id, params.id, { keepSession: who.session.id })
      return { status: 204 }
    },
  }),
  route({
    method: 'POST',
    path: '/mfa/challenge',
    summary: 'Send a code, or begin a passkey ceremony, for a sign-in that waits or for /confirm; where a factor must be set up first, begin one',
    access: 'public',
    continuesSession: 'access',
    namesTenant: 'if given',
    body: z.strictObject({ mfaToken: tokenText.optional(), type: z.enum(['email', 'sms', 'passkey']), ...tenantFields }),
    answers: { 200: () => z.strictObject({ options: z.looseObject({}), ceremonyToken: z.string().optional() }), 202: null },
    errors: credentialErrors,
    limit: { ip: { max: 60, per: 900 } },
    audit: ['mfa.code_requested', 'mfa.factor_started'],
    handler: sendChallenge,
  }),
  route({
    method: 'POST',
    path: '/mfa/verify',
    summary: 'Finish a sign-in that waits for a second factor, or for one to be set up',
    access: 'public',
    namesTenant: 'if given',
    body: verifyBody,
    answers: { 200: verified },
    errors: ['MFA_TOKEN_INVALID', 'CODE_INVALID', 'TOO_MANY_ATTEMPTS', 'ACCOUNT_SUSPENDED', 'NOT_FOUND'],
    limit: { ip: { max: 100, per: 900 } },
    audit: [
      'mfa.verified',
      'mfa.failed',
      'mfa.recovery_code_used',
      'trusted_device.created',
      'login.succeeded',
      'mfa.factor_added',
      'mfa.enabled',
      'session.revoked',
    ],
    handler: verify,
  }),
  route({
    method: 'GET',
    path: '/mfa/recovery-codes',
    summary: 'How many recovery codes are left',
    access: 'recent',
    answers: { 200: () => z.strictObject({ left: z.int(), generatedAt: time.nullable() }) },
    audit: [],
    handler: async (call) => ({ status: 200, body: await recoveryCodesLeft(call.auth, call.who.user.id) }),
  }),
  route({
    method: 'POST',
    path: '/mfa/recovery-codes',
    summary: 'Make new recovery codes, shown this once; those before are gone',
    access: 'recent',
    answers: { 200: () => z.strictObject({ recoveryCodes: z.array(z.string()) }) },
    errors: ['MFA_ENROLLMENT_REQUIRED'],
    audit: ['mfa.recovery_codes_generated'],
    handler: async (call) => ({ status: 200, body: { recoveryCodes: await regenerateRecoveryCodes(call.auth, call.who.user.id) } }),
  }),
]

async function sendChallenge({
  auth: outer,
  body,
  req,
  res,
  transport,
}: Call<{ mfaToken?: string | undefined; type: 'email' | 'sms' | 'passkey' }>): Promise<Answer> {
  const asking = await whoAsks(outer, req, body.mfaToken, { pending: ['mfa', 'mfa_enrollment'] })
  const { auth, user, binding, pending } = asking
  if (pending?.step === 'mfa_enrollment') return challengeEnrolment(asking, body.type)
  const shown = pending ? shownBy(pending.proved) : []
  const started = (await challenge(auth, user, { type: body.type, binding, shown })) as { options: object; ceremonyToken: string } | null
  if (!started) return { status: 202 }
  if (transport !== 'cookie') return { status: 200, body: started }
  setCookie(auth, res, 'ceremony', started.ceremonyToken, 300)
  return { status: 200, body: { options: started.options } }
}

async function verify(call: Call<z.output<typeof verifyBody>>): Promise<Answer> {
  const { auth, res, transport } = call
  const { mfaToken, trustDevice = false, ...given } = call.body
  const proof = proofOf(call, given)
  if (Object.keys(proof).length === 0) throw invalidField('code', 'give a code, a recoveryCode or a passkey')
  const pending = await readPending(auth, ['mfa', 'mfa_enrollment'], mfaToken)
  if (pending.step === 'mfa_enrollment') return verifyEnrolment(auth, pending, proof.code)
  const { answer, device, remember } = await verifyFactor(auth, pending, proof, { trust: trustDevice })
  const shown = answerSignIn(answer, { remember })
  if (!device) return shown
  if (transport === 'cookie') setCookie(auth, res, 'device', device.token, remember ? device.ttl : undefined)
  else return { ...shown, body: { ...answer, trustedDeviceToken: device.token } }
  return shown
}
