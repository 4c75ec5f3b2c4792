import type { AuthContext } from '../../context.ts'
import type { UserRow } from './tables.ts'

/** Whether an account is asked for a second factor: it has one set up, or a passkey that `passkeys.secondFactor` makes one of. */
export async function hasSecondFactor(auth: AuthContext, user: UserRow): Promise<boolean> {
  if (user.mfaEnabled) return true
  for (const factor of auth.process.secondFactors) if (await factor.isAsked(auth, user)) return true
  return false
}
