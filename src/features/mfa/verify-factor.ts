import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import type { ConfirmProof } from '../../feature.ts'
import { completeSignIn, type SignInAnswer } from '../../sign-in.ts'
import { lockUser } from '../accounts/lock-user.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { type PendingSignIn, spendPending } from '../codes/pending-sign-in.ts'
import { type NewDevice, trustDevice } from '../trusted-devices/trust-device.ts'
import { withTry } from './attempts.ts'
import { checkFactor } from './check-factor.ts'
import { shownBy } from './shown-already.ts'

export interface VerifiedFactor {
  answer: SignInAnswer
  remember: boolean
  /** Where the person trusts this device from now on. */
  device?: NewDevice
}

/**
 * Finishes a sign-in that waited for a second factor. Throws MFA_TOKEN_INVALID; CODE_INVALID, the same for wrong, used and expired;
 * TOO_MANY_ATTEMPTS.
 */
export async function verifyFactor(
  auth: AuthContext,
  pending: PendingSignIn,
  proof: ConfirmProof,
  { trust = false }: { trust?: boolean } = {},
): Promise<VerifiedFactor> {
  const { user, amr, settled = [], remember = true } = pending.proved
  const place = { binding: pending.id, shown: shownBy(pending.proved) }
  const checked = await withTry(auth, pending, () => checkFactor(auth, user, place, proof))
  await auth.process.keys.current(auth) // read or made outside the transaction
  return transaction(auth, async (auth) => {
    await lockUser(auth, user.id)
    await spendPending(auth, pending)
    await checked.spend(auth)
    await recordAudit(auth, { event: 'mfa.verified', userId: user.id, data: { method: checked.method } })
    emit(auth, 'mfa.verified', { userId: user.id, method: checked.method })
    const device = trust && auth.options.mfa.trustedDevices ? await trustDevice(auth, user.id) : undefined
    const all = [...new Set([...amr, ...checked.amr, 'mfa'])]
    const answer = await completeSignIn(auth, { ...pending.proved, amr: all, settled: [...settled, 'mfa'] })
    return { answer, remember, ...(device && { device }) }
  })
}
