import { type AuthContext, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { findUserById, isElsewhere } from '../accounts/find-user.ts'
import { lockUser } from '../accounts/lock-user.ts'
import { isSuspended } from '../accounts/present-user.ts'
import { proveAddress } from '../accounts/prove-address.ts'
import { checkToken } from '../codes/check-code.ts'
import { spendCode } from '../codes/spend-code.ts'
import { wordsOfUser } from './context-words.ts'
import { hashNewPassword } from './hash-new-password.ts'
import { replacePassword } from './replace-password.ts'
import { RESET } from './request-reset.ts'

/**
 * Sets a new password by the link or token that was sent. It signs nobody in, and leaves second factors as they are. Throws
 * LINK_INVALID; PASSWORD_TOO_WEAK or PASSWORD_REUSED, which leave the token good; BUSY.
 */
export function resetPassword(auth: AuthContext, token: string, newPassword: string): Promise<void> {
  return auth.process.passwords.admit(async () => {
    const row = await checkToken(auth, { purpose: RESET, token })
    const user = row.userId === null ? null : await findUserById(auth, row.userId)
    if (!user || isElsewhere(auth, user) || isSuspended(user, auth.now())) throw new AuthError('LINK_INVALID')
    const passwordHash = await hashNewPassword(auth, newPassword, await wordsOfUser(auth, user), user)
    await transaction(auth, async (auth) => {
      await lockUser(auth, user.id)
      await spendCode(auth, row, 'token')
      const proved = await proveAddress(auth, user, row.data as { email: string })
      await replacePassword(auth, proved, passwordHash, { event: 'password.reset' })
    })
  })
}
