import type { AuthContext } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError, invalidField } from '../../errors.ts'
import type { UserInput } from '../../hooks.ts'
import type { UserRecord } from '../../shapes.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import { type CreateUserInput, createUser } from '../accounts/create-user.ts'
import { hashProblem } from '../accounts/hash-problem.ts'
import { presentRecord } from '../accounts/present-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { transactionNaming } from '../accounts/taken.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { addMember } from '../tenants/manage-members.ts'
import { hashNewPassword } from './hash-new-password.ts'

export interface NewUserInput extends UserInput {
  password?: string
  /** A hash made elsewhere, in the place of `password`: argon2 in PHC form, or one that `password.verifyLegacy` knows. */
  passwordHash?: string
  /** Makes the user a member of this tenant, with its default roles; in isolated mode the account belongs to it. */
  tenantId?: string
}

/** Makes a user without signing it up or in. Throws as createUser, addMember and hashNewPassword do. */
export async function provisionUser(auth: AuthContext, { password, passwordHash: given, tenantId, ...input }: NewUserInput): Promise<UserRecord> {
  const identifiers = Object.values(await canonicalIdentifiers(input))
  if (identifiers.length === 0) throw new AuthError('VALIDATION_FAILED', { detail: 'A user needs an email, a phone or a username.' })
  if (given !== undefined) refuseHash(password === undefined ? hashProblem(auth, given) : 'is given beside password: give one of them')
  const passwordHash = given ?? (await readyPassword(auth, password, identifiers))
  const there = auth.options.tenants.mode === 'isolated' ? { ...auth, realm: tenantId ?? '' } : auth
  return transactionNaming(there, async (auth) => {
    const row = await createAccount(auth, { ...input, ...(passwordHash !== undefined && { passwordHash }) })
    if (tenantId !== undefined) await addMember(auth, { userId: row.id, tenantId })
    return presentRecord(row, auth.now())
  })
}

function refuseHash(message: string | undefined) {
  if (message !== undefined) throw invalidField('passwordHash', message)
}

/** The hash of a new password, where there is one. Outside the transaction. */
export const readyPassword = async (auth: AuthContext, password: string | undefined, identifiers: readonly string[]) =>
  password === undefined ? undefined : hashNewPassword(auth, password, identifiers)

/** The row of a user that the app makes, with its audit row and event, in the transaction in progress. */
export async function createAccount(auth: AuthContext, input: CreateUserInput): Promise<UserRow> {
  const row = await createUser(auth, input)
  await recordAudit(auth, { event: 'user.created', userId: row.id })
  emit(auth, 'user.created', { userId: row.id })
  return row
}
