import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { findUserById } from '../accounts/find-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { byPreference, type FactorType, type MfaFactor, offeredTypes, presentFactor } from './factors.ts'
import { recoveryCodesLeft } from './recovery-codes.ts'
import { isRequired } from './require-second-factor.ts'

export interface MfaStatus {
  enabled: boolean
  /** Policy asks this user for a second factor. */
  required: boolean
  /** Kinds that can be set up. */
  methods: FactorType[]
  factors: MfaFactor[]
  recoveryCodesLeft: number
  /** The kind used last. */
  preferred: FactorType | null
}

/** A user's second factors, with those that are not confirmed yet. Throws NOT_FOUND. */
export async function mfaStatus(auth: AuthContext, userId: string): Promise<MfaStatus> {
  const user = await findUserById(auth, userId)
  if (!user) throw new AuthError('NOT_FOUND')
  return statusOf(auth, user)
}

export async function statusOf(auth: AuthContext, user: UserRow): Promise<MfaStatus> {
  const rows = await auth.db.authMfaFactor.findMany({ where: { userId: user.id }, orderBy: { createdAt: 'asc' } })
  const [preferred] = byPreference(rows.filter(({ confirmedAt }) => confirmedAt !== null))
  return {
    enabled: user.mfaEnabled,
    required: isRequired(auth, user),
    methods: offeredTypes(auth),
    factors: rows.map(presentFactor),
    recoveryCodesLeft: (await recoveryCodesLeft(auth, user.id)).left,
    preferred: (preferred?.type as FactorType | undefined) ?? null,
  }
}
