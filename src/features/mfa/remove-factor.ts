import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { endTrust } from '../accounts/attachments.ts'
import { findUserById } from '../accounts/find-user.ts'
import { lockUser } from '../accounts/lock-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { notifyOwner } from '../messages/queue-message.ts'
import { holdAccount } from '../sessions/hold-account.ts'
import { revokeAllSessions } from '../sessions/revoke-sessions.ts'
import { confirmedFactors, type MfaFactor, presentFactor } from './factors.ts'
import { makeRecoveryCodes } from './recovery-codes.ts'
import { isRequired } from './require-second-factor.ts'

/**
 * Removes a factor; with the last one second factors are off. Other sessions and trusted devices end, the owner is told. Throws NOT_FOUND;
 * MFA_REQUIRED where policy asks for one.
 */
export async function removeFactor(
  auth: AuthContext,
  userId: string,
  factorId: string,
  { keepSession, force = false }: { keepSession?: string; force?: boolean } = {},
) {
  const user = await findUserById(auth, userId)
  if (!user) throw new AuthError('NOT_FOUND')
  await transaction(auth, async (auth) => {
    await holdAccount(auth, userId) // so that two removals do not both count on the other factor
    const factors = await confirmedFactors(auth, userId)
    const factor = factors.find(({ id }) => id === factorId)
    const isLast = factor !== undefined && factors.length === 1
    if (isLast && !force && isRequired(auth, user)) throw new AuthError('MFA_REQUIRED')
    const { count } = await auth.db.authMfaFactor.deleteMany({ where: { id: factorId, userId } })
    if (count === 0) throw new AuthError('NOT_FOUND')
    if (!factor) return // begun and never confirmed: it counted for nothing
    if (isLast) await turnOff(auth, user)
    await noteRemoval(auth, user, { id: factor.id, type: factor.type }, keepSession)
  })
}

/** Takes all second factors off an account, for someone who has lost them: every session ends. Without any, nothing is done. Throws NOT_FOUND. */
export async function resetFactors(auth: AuthContext, userId: string) {
  const user = await findUserById(auth, userId)
  if (!user) throw new AuthError('NOT_FOUND')
  await transaction(auth, async (auth) => {
    await lockUser(auth, userId)
    const { count } = await auth.db.authMfaFactor.deleteMany({ where: { userId } })
    if (count === 0) return
    await turnOff(auth, user)
    await noteRemoval(auth, user, { id: 'all', type: 'all' })
  })
}

async function turnOff(auth: AuthContext, { id: userId }: UserRow) {
  const { count } = await auth.db.authUser.updateMany({ where: { id: userId, mfaEnabled: true }, data: { mfaEnabled: false, updatedAt: auth.now() } })
  await auth.db.authRecoveryCode.deleteMany({ where: { userId } })
  if (count === 0) return
  await recordAudit(auth, { event: 'mfa.disabled', userId })
  emit(auth, 'mfa.disabled', { userId })
}

async function noteRemoval(auth: AuthContext, user: UserRow, { id, type }: { id: string; type: string }, keepSession?: string) {
  await revokeAllSessions(auth, user.id, { reason: 'mfa_changed', except: keepSession })
  await endTrust(auth, user.id)
  await recordChanges(auth, 'user.roles', [user.id])
  await recordAudit(auth, { event: 'mfa.factor_removed', userId: user.id, data: { factorId: id, type } })
  await notifyOwner(auth, user, 'mfa_changed', [`Removed: ${type}`])
  emit(auth, 'mfa.factor_removed', { userId: user.id, factorId: id, type })
}

/** A new set of recovery codes; those before are gone, no device is trusted any longer, the owner is told. Throws NOT_FOUND; MFA_ENROLLMENT_REQUIRED without second factors. */
export async function regenerateRecoveryCodes(auth: AuthContext, userId: string): Promise<string[]> {
  const user = await findUserById(auth, userId)
  if (!user) throw new AuthError('NOT_FOUND')
  if (!user.mfaEnabled) throw new AuthError('MFA_ENROLLMENT_REQUIRED')
  return transaction(auth, async (auth) => {
    await holdAccount(auth, userId)
    const codes = await makeRecoveryCodes(auth, userId)
    await endTrust(auth, userId) // whoever needs new ones may have lost the device as well
    await recordAudit(auth, { event: 'mfa.recovery_codes_generated', userId, data: { count: codes.length } })
    await notifyOwner(auth, user, 'mfa_changed', ['New recovery codes were made; those before no longer work.'])
    emit(auth, 'mfa.recovery_codes_generated', { userId, count: codes.length })
    return codes
  })
}

/** Names a factor; nothing changes where no label is given. Throws NOT_FOUND. */
export async function renameFactor(auth: AuthContext, userId: string, factorId: string, label: string | null | undefined): Promise<MfaFactor> {
  return transaction(auth, async (auth) => {
    if (label !== undefined) await auth.db.authMfaFactor.updateMany({ where: { id: factorId, userId }, data: { label } })
    const [factor] = await auth.db.authMfaFactor.findMany({ where: { id: factorId, userId }, orderBy: { createdAt: 'asc' } })
    if (!factor || factor.id !== factorId) throw new AuthError('NOT_FOUND')
    await recordAudit(auth, { event: 'mfa.factor_renamed', userId, data: { factorId } })
    return presentFactor(factor)
  })
}
