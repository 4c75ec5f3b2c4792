import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { UserInput } from '../../hooks.ts'
import type { UserRecord } from '../../shapes.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import { createUser } from '../accounts/create-user.ts'
import { presentRecord } from '../accounts/present-user.ts'
import { transactionNaming } from '../accounts/taken.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { hashNewPassword } from './hash-new-password.ts'

export interface NewUserInput extends UserInput {
  password?: string
  /** A hash made elsewhere: argon2 in PHC form, or one that `password.verifyLegacy` knows. */
  passwordHash?: string
}

/** Makes a user without signing it up or in. Throws as createUser and hashNewPassword do. */
export async function provisionUser(auth: AuthContext, { password, passwordHash: given, ...input }: NewUserInput): Promise<UserRecord> {
  const identifiers = Object.values(await canonicalIdentifiers(input))
  if (identifiers.length === 0) throw new AuthError('VALIDATION_FAILED', { detail: 'A user needs an email, a phone or a username.' })
  const passwordHash = password === undefined ? given : await hashNewPassword(auth, password, identifiers)
  return transactionNaming(auth, async (auth) => {
    const row = await createUser(auth, { ...input, ...(passwordHash !== undefined && { passwordHash }) })
    await recordAudit(auth, { event: 'user.created', userId: row.id })
    auth.emit('user.created', { at: auth.now(), userId: row.id })
    return presentRecord(row, auth.now())
  })
}
