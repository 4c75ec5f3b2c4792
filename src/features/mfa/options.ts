import * as z from 'zod'
import { lasting } from '../../durations.ts'
import type { User } from '../../shapes.ts'

const totp = z.strictObject({
  /** Seconds that a code lasts, of apps set up from now on: each goes on with what it was set up with. Some apps know 30 alone. */
  period: lasting('30s').refine((seconds) => seconds >= 15 && seconds <= 120, 'from 15 to 120 seconds'),
  /** Of new secrets. RFC 4226, section 4, R6: at least 16 bytes, better 20. */
  secretBytes: z.int().min(16).max(64).default(20),
})

export const mfaOptions = z
  .strictObject({
    /** Authenticator apps (RFC 6238): false, true, or how their codes are made. */
    totp: z
      .union([z.literal(false), z.literal(true).transform(() => totp.parse({})), totp], { error: 'must be true, false or { period, secretBytes }' })
      .prefault(true),
    /** Codes to the confirmed email address, as a second factor. */
    email: z.boolean().default(false),
    /** Codes to the confirmed phone number. */
    sms: z.boolean().default(false),
    /** Who must have a second factor: nobody, everyone, or whom the function picks. */
    required: z
      .union([z.literal(false), z.literal('all'), z.custom<(user: User) => boolean>((value) => typeof value === 'function')], {
        error: "must be false, 'all' or a function",
      })
      .default(false),
    /** Devices that a person trusts skip the second factor, never the first; false switches them off. */
    trustedDevices: z.union([z.literal(false), z.strictObject({ ttl: lasting('30d') })], { error: "must be false or { ttl: '30d' }" }).prefault({}),
    /** How many recovery codes there are. */
    recoveryCodes: z.int().min(4).max(20).default(10),
    /** What authenticator apps show. Left out: the name of the app. */
    issuer: z.string().min(1).max(80).optional(),
    /** Steps of `totp.period` to either side that are accepted. */
    window: z.int().min(0).max(2).default(1),
    /** Ids of providers whose sign-ins need no second factor of ours. */
    trustProviders: z.array(z.string()).default([]),
  })
  .refine((mfa) => mfa.required === false || mfa.totp || mfa.email || mfa.sms, { path: ['required'], message: 'needs one of totp, email and sms' })
  .prefault({})

interface Policy {
  mfa: { required: unknown; totp: unknown; email: boolean; sms: boolean }
  mailer?: unknown
  sms?: unknown
  magicLink: { enabled: boolean }
  passwordless: { email: boolean; sms: boolean }
}

/** Whoever must have a second factor could set none up, and would never get in. What all of `mfa` lacks is refused above. */
export function mfaProblems({ mfa, mailer, sms, magicLink, passwordless }: Policy): string[] {
  const [email, phone] = [mfa.email && mailer !== undefined, mfa.sms && sms !== undefined]
  if (mfa.required === false || mfa.totp) return []
  if (!email && !phone) return ['mfa.required: nobody could set a factor up: mfa.totp, mfa.email with a mailer, or mfa.sms with an sms sender']
  // What proved the first factor is no second one.
  const byEmail = magicLink.enabled || passwordless.email
  const [leftByEmail, leftBySms] = [phone, email]
  if ((byEmail && !leftByEmail) || (passwordless.sms && !leftBySms))
    return ['mfa.required: who signs in by magicLink or passwordless could set no other factor up: add mfa.totp, or the other of mfa.email and mfa.sms']
  return []
}
