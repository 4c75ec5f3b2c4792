import * as z from 'zod'
import { isPlainText, isStorableJson, isStorableText } from '../text.ts'
import { shape } from './shape.ts'

const texts = new Map<number, z.ZodString>()

/** One line of text that every database keeps; at most `max` UTF-16 units. Schemas never change, so there is one for each length. */
export function text(max: number): z.ZodString {
  const known = texts.get(max)
  if (known) return known
  const made = z.string().min(1).max(max).refine(isPlainText, 'holds characters that are not allowed')
  texts.set(max, made)
  return made
}

/** A token of ours, or one of another kind that someone tries in its place: a JWT is longer than any of them. */
export const tokenText = text(4096)

/** A password as it is typed; the policy judges it. NUL and halves of characters are nobody's typing, and hashes read them differently. */
export const password = z.string().min(1).max(1024).refine(isStorableText, 'holds characters that are not allowed')

/** JSON of the app's own. */
export const jsonObject = z.record(z.string(), z.json()).refine((value) => isStorableJson(value), 'holds text that cannot be stored, or is nested too deep')

/** Which tenant's account is meant, or which tenant to sign in to: an id or a slug. */
export const tenantFields = { tenant: text(64).optional() }

/** A tenant that someone makes at sign-up, as its owner. */
export const newTenantField = { newTenant: z.strictObject({ name: text(120), slug: text(63).optional() }).optional() }

export const idParams = z.strictObject({ id: text(64) })

/** Which page of a list. */
export const paging = z.strictObject({ cursor: text(200).optional(), limit: z.coerce.number().int().min(1).max(200).optional() })
export const pageQuery = ({ cursor, limit }: z.output<typeof paging>) => ({ ...(cursor !== undefined && { cursor }), ...(limit !== undefined && { limit }) })

/** A time in an answer: ISO 8601, UTC. */
export const time = z.iso.datetime()

const user = shape(() =>
  z
    .strictObject({
      id: z.string(),
      email: z.string().nullable(),
      emailVerified: z.boolean(),
      phone: z.string().nullable(),
      phoneVerified: z.boolean(),
      username: z.string().nullable(),
      mfaEnabled: z.boolean(),
      metadata: z.record(z.string(), z.json()),
      createdAt: time,
    })
    .meta({ id: 'User' }),
)

const session = shape(() =>
  z
    .strictObject({
      id: z.string(),
      tenantId: z.string().nullable(),
      expiresAt: time,
      authenticatedAt: time,
      amr: z.array(z.string()),
      data: z.record(z.string(), z.json()),
    })
    .meta({ id: 'Session' }),
)

const tokens = () => ({
  accessToken: z.string().optional(),
  tokenType: z.literal('Bearer').optional(),
  expiresIn: z.int(),
  refreshToken: z.string().optional(),
})
const signedIn = shape(() => z.strictObject({ status: z.literal('signed_in'), user: user(), session: session(), ...tokens() }).meta({ id: 'SessionAnswer' }))

const tenantSelection = shape(() =>
  z
    .strictObject({
      status: z.literal('tenant_selection_required'),
      tenantToken: z.string(),
      expiresIn: z.int(),
      tenants: z.array(z.strictObject({ id: z.string(), slug: z.string(), name: z.string() })),
    })
    .meta({ id: 'TenantSelectionRequiredAnswer' }),
)
const passwordChange = shape(() =>
  z.strictObject({ status: z.literal('password_change_required'), passwordToken: z.string(), expiresIn: z.int() }).meta({ id: 'PasswordChangeRequiredAnswer' }),
)
const mfaRequired = shape(() => {
  const factor = z.strictObject({ type: z.enum(['totp', 'email', 'sms', 'passkey', 'recovery_code']), hint: z.string().optional() })
  return z
    .strictObject({ status: z.literal('mfa_required'), mfaToken: z.string(), expiresIn: z.int(), factors: z.array(factor) })
    .meta({ id: 'MfaRequiredAnswer' })
})
const enrolmentRequired = shape(() =>
  z
    .strictObject({ status: z.literal('mfa_enrollment_required'), mfaToken: z.string(), expiresIn: z.int(), methods: z.array(z.string()) })
    .meta({ id: 'MfaEnrollmentRequiredAnswer' }),
)

/** What a sign-in can answer once its second factor is shown, with what that brings: it comes whatever the sign-in waits for next. */
const afterFactor = <Extra extends z.ZodRawShape>(name: string, more: Extra) =>
  z.union([
    signedIn()
      .extend(more)
      .meta({ id: `${name}SessionAnswer` }),
    tenantSelection()
      .extend(more)
      .meta({ id: `${name}TenantSelectionRequiredAnswer` }),
    passwordChange()
      .extend(more)
      .meta({ id: `${name}PasswordChangeRequiredAnswer` }),
  ])

/** Shapes of answers, for the OpenAPI document. In cookie transport the tokens are not in the body. */
export const shapes = {
  user,
  session,
  signedIn,
  signInOnDevice: shape(() => afterFactor('TrustedDevice', { trustedDeviceToken: z.string() })),
  signInEnrolled: shape(() => afterFactor('Enrolled', { recoveryCodes: z.array(z.string()) })),
  /** What any way to sign in can answer. */
  signIn: shape(() => z.union([signedIn(), mfaRequired(), enrolmentRequired(), tenantSelection(), passwordChange()])),
  verificationRequired: shape(() => z.strictObject({ status: z.literal('verification_required') }).meta({ id: 'VerificationRequiredAnswer' })),
  refreshed: shape(() => z.strictObject({ status: z.literal('signed_in'), session: session(), ...tokens() }).meta({ id: 'RefreshAnswer' })),
  signedUp: shape(() => z.strictObject({ status: z.literal('signed_up'), user: user() }).meta({ id: 'SignedUpAnswer' })),
}

/** The account that a body names by an address, for limits: as it was given, but for case and blanks around it. */
export const addressNamed = ({ email, phone }: { email?: string; phone?: string }) => (email ?? phone)?.trim().toLowerCase()
