import type { AuthContext } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import type { ConfirmProof } from '../../feature.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { checkCode } from '../codes/check-code.ts'
import { liveKeyOf } from '../codes/issue-code.ts'
import { spendCode } from '../codes/spend-code.ts'
import type { OtpRow } from '../codes/tables.ts'
import { notifyOwner } from '../messages/queue-message.ts'
import { giveTriesBack, recordFailure, takeTry } from './attempts.ts'
import { confirmedFactors, openSecret, resealed } from './factors.ts'
import { isRecoveryCode, recoveryCodesLeft, useRecoveryCode } from './recovery-codes.ts'
import type { ShownKind } from './shown-already.ts'
import type { FactorRow } from './tables.ts'
import { matchTotp } from './totp.ts'

/** A second factor that was found right. `spend` uses it up, in the transaction of what it permits: one of any number of racing requests goes on. */
export interface CheckedFactor {
  method: 'totp' | 'email' | 'sms' | 'recovery_code' | 'passkey'
  amr: readonly string[]
  spend: (auth: AuthContext) => Promise<void>
}

export const MFA_CODE = 'mfa.code'
const FEW = 2

/** The sign-in or session that a factor is for: a code sent for one is no good in another. */
interface Place {
  binding: string
  /** What that sign-in has shown already. */
  shown?: readonly ShownKind[]
}

/**
 * Checks a code, recovery code or passkey of a user. Takes one of the account's tries first. Throws CODE_INVALID, also for what the sign-in
 * has shown already; TOO_MANY_ATTEMPTS.
 */
export async function checkFactor(auth: AuthContext, user: UserRow, { binding, shown = [] }: Place, proof: ConfirmProof): Promise<CheckedFactor> {
  await takeTry(auth, user.id)
  const found =
    proof.recoveryCode !== undefined
      ? await recoveryFactor(auth, user, proof.recoveryCode)
      : proof.passkey !== undefined
        ? await passkeyFactor(auth, user, { binding, shown }, proof)
        : proof.code !== undefined
          ? await codeFactor(auth, user, { binding, shown }, proof.code)
          : null
  if (found) return found
  await recordFailure(auth, user.id, proof.passkey === undefined ? 'code' : 'passkey')
  throw new AuthError('CODE_INVALID')
}

async function passkeyFactor(auth: AuthContext, user: UserRow, { binding, shown }: Required<Place>, proof: ConfirmProof): Promise<CheckedFactor | null> {
  for (const factor of auth.process.secondFactors) {
    const amr = await factor.check(auth, user, binding, proof)
    // After a passkey, one counts that is two factors by itself.
    if (amr && shown.includes('passkey') && !amr.includes('mfa')) return null
    if (amr) return { method: 'passkey', amr, spend: (auth) => giveTriesBack(auth, user.id) }
  }
  return null
}

async function recoveryFactor(auth: AuthContext, user: UserRow, code: string): Promise<CheckedFactor | null> {
  if (!(await isRecoveryCode(auth, user.id, code))) return null
  const spend = async (auth: AuthContext) => {
    if (!(await useRecoveryCode(auth, user.id, code))) throw new AuthError('CODE_INVALID')
    await giveTriesBack(auth, user.id)
    const { left } = await recoveryCodesLeft(auth, user.id)
    await recordAudit(auth, { event: 'mfa.recovery_code_used', userId: user.id, data: { left } })
    await notifyOwner(auth, user, 'recovery_code_used', [left <= FEW ? `Only ${left} left: make new ones.` : `${left} are left.`])
    emit(auth, 'mfa.recovery_code_used', { userId: user.id, left })
  }
  return { method: 'recovery_code', amr: ['rcv'], spend }
}

async function codeFactor(auth: AuthContext, user: UserRow, { binding, shown }: Required<Place>, code: string): Promise<CheckedFactor | null> {
  const factors = await confirmedFactors(auth, user.id)
  for (const factor of factors) {
    const totp = factor.type === 'totp' ? openSecret(auth, factor) : null
    const step = totp === null ? null : await matchTotp(totp, code, { now: auth.now(), window: auth.options.mfa.window, after: factor.lastUsedStep })
    if (step !== null) return totpFactor(user, factor, step)
  }
  const sent = await auth.db.authOtp.findUnique({ where: { liveKey: liveKeyOf({ purpose: MFA_CODE, target: binding }) } })
  const others = factors.filter(({ type }) => !shown.some((kind) => kind === type))
  return sent ? messageFactor(auth, user, others, binding, code) : null
}

function totpFactor(user: UserRow, factor: FactorRow, step: number): CheckedFactor {
  const { id } = factor
  const spend = async (auth: AuthContext) => {
    const secret = resealed(auth, factor)
    // The last step only grows: a code works once, whichever session it is used in (RFC 6238, 5.2; R-113).
    const { count } = await auth.db.authMfaFactor.updateMany({
      where: { id, OR: [{ lastUsedStep: null }, { lastUsedStep: { lt: step } }] },
      data: { lastUsedStep: step, lastUsedAt: auth.now(), ...(secret !== undefined && { secret }) },
    })
    if (count === 0) throw new AuthError('CODE_INVALID')
    await giveTriesBack(auth, user.id)
  }
  return { method: 'totp', amr: ['otp'], spend }
}

async function messageFactor(auth: AuthContext, user: UserRow, factors: readonly FactorRow[], binding: string, code: string): Promise<CheckedFactor | null> {
  const row = await tryCode(auth, binding, code)
  const { type } = (row?.data ?? {}) as { type?: 'email' | 'sms' }
  const factor = factors.find((one) => one.type === type)
  if (!row || !type || !factor || row.userId !== user.id) return null
  const spend = async (auth: AuthContext) => {
    await spendCode(auth, row, 'code')
    await auth.db.authMfaFactor.updateMany({ where: { id: factor.id }, data: { lastUsedAt: auth.now() } })
    await giveTriesBack(auth, user.id)
  }
  return { method: type, amr: [type === 'sms' ? 'sms' : 'otp'], spend }
}

async function tryCode(auth: AuthContext, target: string, code: string): Promise<OtpRow | null> {
  try {
    return await checkCode(auth, { purpose: MFA_CODE, target, code })
  } catch (error) {
    if (error instanceof AuthError && error.code === 'CODE_INVALID') return null
    throw error
  }
}
