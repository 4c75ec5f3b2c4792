import { transaction } from '../../context.ts'
import type { Confirmation, ConfirmMethod } from '../../feature.ts'
import { amrOf } from '../sessions/present-session.ts'
import { checkFactor } from './check-factor.ts'
import { isRecoveryText } from './recovery-codes.ts'
import { offeredFactors } from './require-second-factor.ts'
import { addedMethods } from './shown-already.ts'

/** With second factors on, one of them confirms (`/confirm`), or a passkey; the password alone does not. */
export const factorConfirmation: Confirmation = {
  methods: async (auth, user) => (user.mfaEnabled ? (await offeredFactors(auth, user)).map(({ type }): ConfirmMethod => type) : []),
  check: async (auth, user, given) => {
    // One field is enough for whatever a person types.
    const { code, ...others } = given
    const proof = code !== undefined && isRecoveryText(code) ? { ...others, recoveryCode: code } : given
    const isOurs = proof.code !== undefined || proof.recoveryCode !== undefined
    if (!user.mfaEnabled || !isOurs) return null
    const sessionId = auth.request?.sessionId ?? ''
    const checked = await checkFactor(auth, user, { binding: sessionId }, proof)
    await transaction(auth, (auth) => checked.spend(auth))
    const session = await auth.db.authSession.findUnique({ where: { id: sessionId } })
    return addedMethods(amrOf(session?.amr), checked.method, checked.amr)
  },
}
