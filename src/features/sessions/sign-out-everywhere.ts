import { type AuthContext, transaction } from '../../context.ts'
import { endTrust } from '../accounts/attachments.ts'
import { revokeAllSessions } from './revoke-sessions.ts'

/** Ends all of a user's sessions and forgets the devices that skip the second factor. */
export async function signOutEverywhere(auth: AuthContext, userId: string) {
  await transaction(auth, async (auth) => {
    await revokeAllSessions(auth, userId, { reason: 'logout_all' })
    await endTrust(auth, userId)
  })
}
