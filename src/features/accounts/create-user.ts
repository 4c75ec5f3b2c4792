import type { AuthContext } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { AuthError, type AuthErrorCode } from '../../errors.ts'
import { runHook, type UserInput } from '../../hooks.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import { canonicalIdentifiers } from './canonical-identifiers.ts'
import { findUser } from './find-user.ts'
import type { Identifiers } from './identifiers.ts'
import { presentUser } from './present-user.ts'
import type { NewUser, UserRow } from './tables.ts'

export interface CreateUserInput extends UserInput {
  passwordHash?: string
}

/**
 * Writes a user in the transaction in progress, running the app's hooks; audit row and event are the caller's. Throws EMAIL_TAKEN,
 * PHONE_TAKEN or USERNAME_TAKEN: the database's unique indexes decide.
 */
export async function createUser(auth: AuthContext, input: CreateUserInput): Promise<UserRow> {
  const { passwordHash, ...fields } = input
  const chosen = (await runHook(auth, 'user.beforeCreate', fields)) ?? fields
  const identifiers = await canonicalIdentifiers(chosen)
  const row = userRow(auth, chosen, identifiers, passwordHash)
  await insert(auth, row, identifiers)
  const user = fullRow(row)
  await runHook(auth, 'user.afterCreate', presentUser(user))
  return user
}

function userRow(auth: AuthContext, chosen: UserInput, identifiers: Identifiers, passwordHash: string | undefined): NewUser {
  const now = auth.now()
  return {
    id: newId(now, auth.random),
    ...identifiers,
    ...(chosen.emailVerified && identifiers.email !== undefined && { emailVerifiedAt: now }),
    ...(chosen.phoneVerified && identifiers.phone !== undefined && { phoneVerifiedAt: now }),
    ...(chosen.metadata && { metadata: chosen.metadata }),
    ...(chosen.locale && { locale: chosen.locale }),
    ...(passwordHash !== undefined && { passwordHash, passwordChangedAt: now }),
    createdAt: now,
    updatedAt: now,
  }
}

async function insert(auth: AuthContext, row: NewUser, identifiers: Identifiers) {
  try {
    await auth.db.authUser.createMany({ data: [row] })
  } catch (cause) {
    if (isUniqueViolation(cause)) throw new AuthError(await takenCode(auth, identifiers), { cause })
    throw cause
  }
}

/** Which of the identifiers is taken: read again, outside the transaction that the refusal has ended. */
export async function takenCode(auth: AuthContext, { email, phone, username }: Identifiers): Promise<AuthErrorCode> {
  const outside = { ...auth, db: auth.options.prisma }
  const given = [email !== undefined && { email }, phone !== undefined && { phone }, username !== undefined && { username }].filter((one) => one !== false)
  if (given.length > 1) {
    if (email !== undefined && (await findUser(outside, { email }))) return 'EMAIL_TAKEN'
    if (phone !== undefined && (await findUser(outside, { phone }))) return 'PHONE_TAKEN'
  }
  if (given.length > 1 || username !== undefined) return 'USERNAME_TAKEN'
  return email === undefined ? 'PHONE_TAKEN' : 'EMAIL_TAKEN'
}

/** The row as the database has it, without reading it again: what was left out is null or the column's default. */
function fullRow(row: NewUser): UserRow {
  return {
    realm: '',
    email: null,
    emailVerifiedAt: null,
    phone: null,
    phoneVerifiedAt: null,
    username: null,
    passwordHash: null,
    passwordChangedAt: null,
    mustChangePassword: false,
    mfaEnabled: false,
    status: 'active',
    suspendedUntil: null,
    suspendedReason: null,
    failedLogins: 0,
    failedSince: null,
    lockedUntil: null,
    lastLoginAt: null,
    locale: null,
    metadata: null,
    ...row,
  }
}
