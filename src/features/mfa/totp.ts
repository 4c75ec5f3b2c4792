import { timingSafeEqual } from 'node:crypto'

const STEP_SECONDS = 30
const SECRET_BYTES = 20
const shape = /^\d{6}$/

// Loaded at the first use, so that importing the package stays quick.
const load = () => import('otplib')

/** A new secret, 160 bits in base32 (RFC 4226, section 4, R6). */
export async function newTotpSecret(random: (bytes: number) => Uint8Array): Promise<string> {
  const { ScureBase32Plugin } = await load()
  return new ScureBase32Plugin().encode(random(SECRET_BYTES))
}

export const totpStep = (now: Date) => Math.floor(now.getTime() / 1000 / STEP_SECONDS)

/**
 * The time step whose code this is (RFC 6238, 5.2), later than `after` and within `window` steps of now; null where it is none. Steps are
 * tried from the oldest on, so that a code is taken for the step it was made in.
 */
export async function matchTotp(
  secret: string,
  code: string,
  { now, window, after }: { now: Date; window: number; after: number | null },
): Promise<number | null> {
  const typed = code.replace(/\s/g, '')
  if (!shape.test(typed)) return null
  const { generateSync } = await load()
  let found: number | null = null
  for (let step = totpStep(now) - window; step <= totpStep(now) + window; step++) {
    const expected = generateSync({ secret, epoch: step * STEP_SECONDS, period: STEP_SECONDS, digits: 6 })
    const isSame = timingSafeEqual(Buffer.from(expected), Buffer.from(typed))
    if (isSame && found === null && (after === null || step > after)) found = step
  }
  return found
}

/** What an authenticator app scans: the otpauth URL, and the same as an SVG. */
export async function totpEnrolment({
  secret,
  issuer,
  label,
}: {
  secret: string
  issuer: string
  label: string
}): Promise<{ otpauthUrl: string; qrCode: string }> {
  const [{ generateURI }, { default: qr }] = await Promise.all([load(), import('qrcode')])
  const otpauthUrl = generateURI({ issuer, label, secret })
  const qrCode = await qr.toString(otpauthUrl, { type: 'svg', margin: 2, errorCorrectionLevel: 'M' })
  return { otpauthUrl, qrCode }
}
