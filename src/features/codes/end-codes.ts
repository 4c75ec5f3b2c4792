import type { AuthContext } from '../../context.ts'
import type { UserRow } from '../accounts/tables.ts'
import { liveKeyOf } from './issue-code.ts'
import { addressTarget } from './target.ts'

/** Removes a user's outstanding codes, tokens and unfinished sign-ins: all of them, or those of the purposes named. */
export async function endCodes(auth: AuthContext, userId: string, { purposes }: { purposes?: readonly string[] } = {}) {
  await auth.db.authOtp.deleteMany({ where: { userId, consumedAt: null, ...(purposes && { purpose: { in: [...purposes] } }) } })
}

/** What was sent to an address by the address alone, perhaps before there was an account, and signs in all the same. */
const BY_ADDRESS = ['login_code', 'magic_link', 'signup']

/** All of `endCodes`, and what was sent to the user's addresses before they had an account. */
export async function endAllCodes(auth: AuthContext, { id, realm, email, phone }: Pick<UserRow, 'id' | 'realm' | 'email' | 'phone'>) {
  await endCodes(auth, id)
  const targets = [email, phone].flatMap((address) => (address === null ? [] : addressTarget({ ...auth, realm }, address)))
  const live = targets.flatMap((target) => BY_ADDRESS.map((purpose) => liveKeyOf({ purpose, target })))
  if (live.length > 0) await auth.db.authOtp.deleteMany({ where: { liveKey: { in: live } } })
}
