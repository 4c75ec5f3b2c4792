import type { AuthContext } from '../../context.ts'
import { invalidField } from '../../errors.ts'
import { provedAddress } from '../accounts/reach.ts'
import type { UserRow } from '../accounts/tables.ts'
import { sendCode } from '../messages/send-code.ts'
import { MFA_CODE } from './check-factor.ts'
import { confirmedFactors } from './factors.ts'
import { refuseShown, type ShownKind } from './shown-already.ts'

export interface Challenge {
  type: 'email' | 'sms' | 'passkey'
  /** The sign-in or session that it is for. */
  binding: string
  /** What that sign-in has shown already. */
  shown?: readonly ShownKind[]
}

/**
 * Sends a code for an email or SMS factor, or gives the options of a passkey ceremony. Throws VALIDATION_FAILED where the user has no such
 * factor, or the sign-in has shown it already.
 */
export async function challenge(auth: AuthContext, user: UserRow, { type, binding, shown = [] }: Challenge): Promise<object | null> {
  if (type === 'passkey') {
    const how = { mustVerifyUser: shown.includes('passkey') }
    for (const factor of auth.process.secondFactors) if (await factor.isAvailable(auth, user)) return factor.challenge(auth, user, binding, how)
    throw notSetUp()
  }
  refuseShown(shown, type)
  const to = provedAddress(user, type)
  const factors = await confirmedFactors(auth, user.id)
  if (!to || !factors.some((factor) => factor.type === type)) throw notSetUp()
  await sendCode(auth, { purpose: MFA_CODE, kind: 'mfa_code', to, target: binding, user, form: 'code', data: { type }, event: 'mfa.code_requested' })
  return null
}

const notSetUp = () => invalidField('type', 'is not set up for this account')
