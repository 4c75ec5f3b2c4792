import type { AuthContext } from '../../context.ts'
import { decrypt, encrypt, keyIdOf } from '../../crypto/encryption.ts'
import { factorContext } from '../../crypto/sealed-contexts.ts'
import type { Address } from '../accounts/identifiers.ts'
import type { UserRow } from '../accounts/tables.ts'
import { canSend } from '../messages/queue-message.ts'
import type { FactorRow } from './tables.ts'

export type FactorType = 'totp' | 'email' | 'sms'

/** What people see of a factor. */
export interface MfaFactor {
  id: string
  type: FactorType
  label: string | null
  confirmedAt: Date | null
  lastUsedAt: Date | null
}

export const sealSecret = (auth: AuthContext, id: string, secret: string) => encrypt(auth.subkeys, secret, factorContext(id), auth.random)
export const openSecret = (auth: AuthContext, { id, secret }: Pick<FactorRow, 'id' | 'secret'>) =>
  secret === null ? null : decrypt(auth.subkeys, secret, factorContext(id))

/** The secret under the present key, where another sealed it (F-07); undefined where nothing is to be done. */
export function resealed(auth: AuthContext, factor: Pick<FactorRow, 'id' | 'secret'>): string | undefined {
  if (factor.secret === null || keyIdOf(factor.secret) === auth.subkeys.current.id) return undefined
  const secret = openSecret(auth, factor)
  return secret === null ? undefined : sealSecret(auth, factor.id, secret)
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

/** Where the codes of an email or SMS factor go: an address that is proved. */
export function contactOf(user: UserRow, type: string): Address | null {
  if (type === 'email' && user.email !== null && user.emailVerifiedAt !== null) return { email: user.email }
  if (type === 'sms' && user.phone !== null && user.phoneVerifiedAt !== null) return { phone: user.phone }
  return null
}

/** Enough to tell which address or number a code went to. */
export function hintOf(user: UserRow, type: string): string | undefined {
  if (type === 'email' && user.email !== null) return user.email.replace(/^(.).*(@.*)$/, '$1…$2')
  return type === 'sms' && user.phone !== null ? `…${user.phone.slice(-2)}` : undefined
}

/** The kind last used comes first; it is the one to offer. */
export const byPreference = (factors: readonly FactorRow[]) => [...factors].sort((a, b) => (b.lastUsedAt?.getTime() ?? 0) - (a.lastUsedAt?.getTime() ?? 0))
