import type { AuthContext } from '../../context.ts'
import { emit } from '../../emit.ts'
import type { SignInStep } from '../../feature.ts'
import type { PendingAnswer } from '../../sign-in.ts'
import { presentUser } from '../accounts/present-user.ts'
import { provedAddress } from '../accounts/reach.ts'
import { hasSecondFactor } from '../accounts/second-factors.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { keepPending } from '../codes/pending-sign-in.ts'
import { isTrustedDevice } from '../trusted-devices/trust-device.ts'
import { byPreference, confirmedFactors, hintOf, offeredTypes } from './factors.ts'
import { recoveryCodesLeft } from './recovery-codes.ts'
import { type ShownKind, shownBy } from './shown-already.ts'

type Offered = Extract<PendingAnswer, { status: 'mfa_required' }>['factors'][number]

/** Whether policy asks this user for a second factor. */
export function isRequired({ options }: AuthContext, user: UserRow): boolean {
  const { required } = options.mfa
  return typeof required === 'function' ? required(presentUser(user)) : required === 'all'
}

/**
 * Every way to sign in comes by here. Who has factors is asked for one, unless two were proved already, the provider is trusted for
 * it, or the device is; who has none and must have one sets it up first.
 */
export const secondFactorStep: SignInStep = {
  name: 'mfa',
  run: async (auth, proved) => {
    const { user, amr, provider } = proved
    if (amr.includes('mfa') || (provider !== undefined && auth.options.mfa.trustProviders.includes(provider))) return null
    if (await hasSecondFactor(auth, user)) {
      if (await isTrustedDevice(auth, user.id)) return null
      const factors = await offeredFactors(auth, user, shownBy(proved))
      const { token, expiresIn } = await keepPending(auth, 'mfa', proved)
      const methods = factors.map(({ type }) => type)
      await recordAudit(auth, { event: 'mfa.challenged', userId: user.id, data: { methods, after: [...amr] } })
      emit(auth, 'mfa.challenged', { userId: user.id, methods })
      return { answer: { status: 'mfa_required', mfaToken: token, expiresIn, factors } }
    }
    if (!isRequired(auth, user)) return null
    const { token, expiresIn } = await keepPending(auth, 'mfa_enrollment', proved)
    await recordAudit(auth, { event: 'mfa.enrollment_required', userId: user.id })
    return { answer: { status: 'mfa_enrollment_required', mfaToken: token, expiresIn, methods: offeredTypes(auth).filter((type) => type !== proved.channel) } }
  },
}

/**
 * What a user can be asked for, the kind used last first, but for what was `shown` already. Passkeys alone are asked for again: one that
 * verifies its user is two factors.
 */
export async function offeredFactors(auth: AuthContext, user: UserRow, shown: readonly ShownKind[] = []): Promise<Offered[]> {
  const factors = byPreference(await confirmedFactors(auth, user.id))
  const types = [...new Set(factors.map(({ type }) => type as 'totp' | 'email' | 'sms'))]
  const possible = types.filter((type) => type === 'totp' || (provedAddress(user, type) && !shown.includes(type)))
  const offered: Offered[] = possible.map((type) => {
    const hint = hintOf(user, type)
    return { type, ...(hint !== undefined && { hint }) }
  })
  const isFresh = !shown.includes('passkey') || offered.length === 0
  for (const factor of auth.process.secondFactors) if (isFresh && (await factor.isAvailable(auth, user))) offered.push({ type: factor.type })
  if ((await recoveryCodesLeft(auth, user.id)).left > 0) offered.push({ type: 'recovery_code' })
  return offered
}
