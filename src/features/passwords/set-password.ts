import { type AuthContext, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { findUserById } from '../accounts/find-user.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { revokeAllSessions } from '../sessions/revoke-sessions.ts'
import { hashNewPassword } from './hash-new-password.ts'

/** Gives a user another password and ends all sessions. Throws NOT_FOUND, PASSWORD_TOO_WEAK, BUSY. */
export async function setPassword(auth: AuthContext, userId: string, password: string) {
  const user = await findUserById(auth, userId)
  if (!user) throw new AuthError('NOT_FOUND')
  const identifiers = [user.email, user.phone, user.username].filter((one) => one !== null)
  const passwordHash = await hashNewPassword(auth, password, identifiers)
  await transaction(auth, async (auth) => {
    const now = auth.now()
    const { count } = await auth.db.authUser.updateMany({
      where: { id: userId },
      data: { passwordHash, passwordChangedAt: now, mustChangePassword: false, failedLogins: 0, failedSince: null, lockedUntil: null, updatedAt: now },
    })
    if (count === 0) throw new AuthError('NOT_FOUND')
    await revokeAllSessions(auth, userId, { reason: 'password_changed' })
    await recordAudit(auth, { event: 'password.changed', userId })
    auth.emit('password.changed', { at: now, userId })
  })
}
