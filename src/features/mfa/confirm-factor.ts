import { transaction } from '../../context.ts'
import type { Confirmation, ConfirmMethod } from '../../feature.ts'
import { checkFactor } from './check-factor.ts'
import { offeredFactors } from './require-second-factor.ts'

/** With second factors on, one of them confirms (`/confirm`), or a passkey; the password alone does not. */
export const factorConfirmation: Confirmation = {
  methods: async (auth, user) => (user.mfaEnabled ? (await offeredFactors(auth, user)).map(({ type }): ConfirmMethod => type) : []),
  check: async (auth, user, proof) => {
    const isOurs = proof.code !== undefined || proof.recoveryCode !== undefined
    if (!user.mfaEnabled || !isOurs) return null
    const checked = await checkFactor(auth, user, auth.request?.sessionId ?? '', proof)
    await transaction(auth, (auth) => checked.spend(auth))
    return [...checked.amr, 'mfa']
  },
}
