import { type AuthContext, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { findUserById } from '../accounts/find-user.ts'
import { wordsOfUser } from './context-words.ts'
import { hashNewPassword } from './hash-new-password.ts'
import { replacePassword } from './replace-password.ts'

/** Gives a user another password; sessions, trusted devices and outstanding codes end, and the owner is told. Throws NOT_FOUND, PASSWORD_TOO_WEAK, PASSWORD_REUSED, BUSY, CONFLICT where another change came first. */
export async function setPassword(auth: AuthContext, userId: string, password: string) {
  const user = await findUserById(auth, userId)
  if (!user) throw new AuthError('NOT_FOUND')
  const passwordHash = await hashNewPassword(auth, password, await wordsOfUser(auth, user), user)
  await transaction(auth, (auth) => replacePassword(auth, user, passwordHash, { event: 'password.changed', overtaken: 'CONFLICT' }))
}
