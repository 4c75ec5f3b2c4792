import type { AuthContext } from '../../context.ts'
import { decrypt, encrypt, keyIdOf } from '../../crypto/encryption.ts'
import { factorContext } from '../../crypto/sealed-contexts.ts'
import type { UserRow } from '../accounts/tables.ts'
import { canSend } from '../messages/queue-message.ts'
import type { FactorRow } from './tables.ts'
import { type Totp, USUAL_PERIOD } from './totp.ts'

export type FactorType = 'totp' | 'email' | 'sms'

/** What people see of a factor. */
export interface MfaFactor {
  id: string
  type: FactorType
  label: string | null
  confirmedAt: Date | null
  lastUsedAt: Date | null
}

/** `<base32>`, or `<base32>?period=60` where it is not the usual one: an app goes on with what it was set up with. */
const PERIOD = '?period='

export function sealSecret(auth: AuthContext, id: string, { secret, period }: Totp): string {
  const text = period === USUAL_PERIOD ? secret : `${secret}${PERIOD}${period}`
  return encrypt(auth.subkeys, text, factorContext(id), auth.random)
}
export function openSecret(auth: AuthContext, { id, secret: sealed }: Pick<FactorRow, 'id' | 'secret'>): Totp | null {
  const text = sealed === null ? null : decrypt(auth.subkeys, sealed, factorContext(id))
  if (text === null) return null
  const [secret = '', period = USUAL_PERIOD] = text.split(PERIOD)
  return { secret, period: Number(period) }
}

/** The secret under the present key, where another sealed it (F-07); undefined where nothing is to be done. */
export function resealed(auth: AuthContext, factor: Pick<FactorRow, 'id' | 'secret'>): string | undefined {
  if (factor.secret === null || keyIdOf(factor.secret) === auth.subkeys.current.id) return undefined
  const totp = openSecret(auth, factor)
  return totp === null ? undefined : sealSecret(auth, factor.id, totp)
}

/** The factors that count; those not confirmed yet prove nothing. */
export const confirmedFactors = (auth: AuthContext, userId: string) =>
  auth.db.authMfaFactor.findMany({ where: { userId, confirmedAt: { not: null } }, orderBy: { createdAt: 'asc' } })

/** Those that were begun and are not confirmed, the one begun last at the end. */
export const begunFactors = (auth: AuthContext, userId: string) =>
  auth.db.authMfaFactor.findMany({ where: { userId, confirmedAt: null }, orderBy: { createdAt: 'asc' } })

export const presentFactor = ({ id, type, label, confirmedAt, lastUsedAt }: FactorRow): MfaFactor => ({
  id,
  type: type as FactorType,
  label,
  confirmedAt,
  lastUsedAt,
})

/** Kinds of factors that can be set up here. */
export function offeredTypes(auth: AuthContext): FactorType[] {
  const { totp, email, sms } = auth.options.mfa
  return [
    ...(totp ? (['totp'] as const) : []),
    ...(email && canSend(auth, 'email') ? (['email'] as const) : []),
    ...(sms && canSend(auth, 'sms') ? (['sms'] as const) : []),
  ]
}

/** Enough to tell which address or number a code went to. */
export function hintOf(user: UserRow, type: string): string | undefined {
  if (type === 'email' && user.email !== null) return user.email.replace(/^(.).*(@.*)$/, '$1…$2')
  return type === 'sms' && user.phone !== null ? `…${user.phone.slice(-2)}` : undefined
}

/** The kind last used comes first; it is the one to offer. */
export const byPreference = (factors: readonly FactorRow[]) => [...factors].sort((a, b) => (b.lastUsedAt?.getTime() ?? 0) - (a.lastUsedAt?.getTime() ?? 0))
