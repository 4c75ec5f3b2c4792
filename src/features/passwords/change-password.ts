import { type AuthContext, transaction } from '../../context.ts'
import { AuthError, invalidField } from '../../errors.ts'
import type { SignInStep } from '../../feature.ts'
import { findUserById } from '../accounts/find-user.ts'
import { lockUser } from '../accounts/lock-user.ts'
import { keepPending, readPending, spendPending } from '../codes/pending-sign-in.ts'
import { verifyOwnPassword } from './confirm-password.ts'
import { wordsOfUser } from './context-words.ts'
import { hashNewPassword } from './hash-new-password.ts'
import { replacePassword } from './replace-password.ts'

interface Change {
  currentPassword?: string
  newPassword: string
}

/**
 * Changes the password of someone who is signed in; other sessions end unless `revokeOthers` is false. An account without a password gets
 * its first, after a recent sign-in or confirmation, which is the caller's to check. Throws INVALID_CREDENTIALS, TOO_MANY_ATTEMPTS, PASSWORD_TOO_WEAK,
 * PASSWORD_REUSED, VALIDATION_FAILED without the present one, SESSION_REVOKED, BUSY.
 */
export async function changePassword(auth: AuthContext, who: { userId: string; sessionId: string }, change: Change & { revokeOthers?: boolean }) {
  const user = await findUserById(auth, who.userId)
  if (!user) throw new AuthError('SESSION_REVOKED')
  if (user.passwordHash !== null) {
    if (change.currentPassword === undefined) throw invalidField('currentPassword', 'is needed')
    await verifyOwnPassword(auth, user, change.currentPassword)
  }
  const passwordHash = await hashNewPassword(auth, change.newPassword, await wordsOfUser(auth, user), user)
  // After a change that was faster the current password is another.
  const overtaken = 'INVALID_CREDENTIALS'
  const how = { event: 'password.changed', keepSession: who.sessionId, endSessions: change.revokeOthers ?? true, overtaken } as const
  await transaction(auth, (auth) => replacePassword(auth, user, passwordHash, how))
}

/** The change that a sign-in waited for. Its token is spent with it. Throws LINK_INVALID and what `changePassword` throws. */
export async function changeRequiredPassword(auth: AuthContext, passwordToken: string, { currentPassword, newPassword }: Change) {
  const pending = await readPending(auth, 'password', passwordToken)
  const { user, amr } = pending.proved
  if (currentPassword !== undefined) await verifyOwnPassword(auth, user, currentPassword)
  else if (!amr.includes('pwd')) throw invalidField('currentPassword', 'is needed')
  const passwordHash = await hashNewPassword(auth, newPassword, await wordsOfUser(auth, user), user)
  await transaction(auth, async (auth) => {
    await lockUser(auth, user.id)
    await spendPending(auth, pending)
    await replacePassword(auth, user, passwordHash, { event: 'password.changed' })
  })
}

/** A password that must be changed (`mustChangePassword`) is changed before there is a session. */
export const passwordChangeStep: SignInStep = {
  name: 'password_change',
  run: async (auth, proved) => {
    if (!proved.user.mustChangePassword || proved.user.passwordHash === null) return null
    const { token, expiresIn } = await keepPending(auth, 'password', proved)
    return { answer: { status: 'password_change_required', passwordToken: token, expiresIn } }
  },
}
