import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { endAllCodes } from '../codes/end-codes.ts'
import { revokeAllSessions } from '../sessions/revoke-sessions.ts'
import { endTrust } from './attachments.ts'
import { findUserById } from './find-user.ts'
import type { UserPatch } from './tables.ts'

/** Ends all sessions at once, and what was sent or is under way, and refuses sign-ins, until `until` where it is given. Throws NOT_FOUND. */
export async function suspendUser(auth: AuthContext, id: string, { until = null, reason = null }: { until?: Date | null; reason?: string | null } = {}) {
  await transaction(auth, async (auth) => {
    // The row is locked first, so that a sign-in under way either ends before (and its session is found) or is refused.
    await patchUser(auth, id, { status: 'suspended', suspendedUntil: until, suspendedReason: reason })
    await revokeAllSessions(auth, id, { reason: 'user_suspended' })
    await endTrust(auth, id)
    const user = await findUserById(auth, id)
    if (user) await endAllCodes(auth, user)
    await recordChanges(auth, 'user.roles', [id]) // API keys have no session to end
    await recordAudit(auth, { event: 'user.suspended', userId: id, data: { reason, until: until?.toISOString() ?? null } })
    emit(auth, 'user.suspended', { userId: id, until, reason })
  })
}

/** Lets the user sign in again. Throws NOT_FOUND. */
export async function reactivateUser(auth: AuthContext, id: string) {
  await transaction(auth, async (auth) => {
    await patchUser(auth, id, { status: 'active', suspendedUntil: null, suspendedReason: null })
    await recordAudit(auth, { event: 'user.reactivated', userId: id })
    emit(auth, 'user.reactivated', { userId: id })
  })
}

/** Ends a lock that failed sign-ins brought. Throws NOT_FOUND. */
export async function unlockUser(auth: AuthContext, id: string) {
  await transaction(auth, async (auth) => {
    await patchUser(auth, id, { failedLogins: 0, failedSince: null, lockedUntil: null })
    await recordAudit(auth, { event: 'user.unlocked', userId: id })
    emit(auth, 'user.unlocked', { userId: id })
  })
}

async function patchUser(auth: AuthContext, id: string, data: UserPatch) {
  const { count } = await auth.db.authUser.updateMany({ where: { id }, data: { ...data, updatedAt: auth.now() } })
  if (count === 0) throw new AuthError('NOT_FOUND')
}
