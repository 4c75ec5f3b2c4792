import { timingSafeEqual } from 'node:crypto'

/** RFC 6238, 5.2. */
export const USUAL_PERIOD = 30
const shape = /^\d{6}$/

// Loaded at the first use, so that importing the package stays quick.
const load = () => import('otplib')

export interface Totp {
  /** Base32. */
  secret: string
  /** Seconds of a time step. */
  period: number
}

/** A new secret of so many bytes, in base32. */
export async function newTotpSecret(random: (bytes: number) => Uint8Array, bytes: number): Promise<string> {
  const { ScureBase32Plugin } = await load()
  return new ScureBase32Plugin().encode(random(bytes))
}

export const totpStep = (now: Date, period: number) => Math.floor(now.getTime() / 1000 / period)

/**
 * The time step whose code this is (RFC 6238, 5.2), later than `after` and within `window` steps of now; null where it is none. Steps are
 * tried from the oldest on, so that a code is taken for the step it was made in.
 */
export async function matchTotp(
  { secret, period }: Totp,
  code: string,
  { now, window, after }: { now: Date; window: number; after: number | null },
): Promise<number | null> {
  const typed = code.replace(/\s/g, '')
  if (!shape.test(typed)) return null
  const { generateSync } = await load()
  let found: number | null = null
  const present = totpStep(now, period)
  for (let step = present - window; step <= present + window; step++) {
    const expected = generateSync({ secret, epoch: step * period, period, digits: 6 })
    const isSame = timingSafeEqual(Buffer.from(expected), Buffer.from(typed))
    if (isSame && found === null && (after === null || step > after)) found = step
  }
  return found
}

/** What an authenticator app scans: the otpauth URL, and the same as an SVG. */
export async function totpEnrolment({
  secret,
  period,
  issuer,
  label,
}: Totp & { issuer: string; label: string }): Promise<{ otpauthUrl: string; qrCode: string }> {
  const [{ generateURI }, { default: qr }] = await Promise.all([load(), import('qrcode')])
  const otpauthUrl = generateURI({ issuer, label, secret, period })
  const qrCode = await qr.toString(otpauthUrl, { type: 'svg', margin: 2, errorCorrectionLevel: 'M' })
  return { otpauthUrl, qrCode }
}
