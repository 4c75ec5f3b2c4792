import type { AuthContext } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { runHook, type UserInput } from '../../hooks.ts'
import { insertRows } from '../../insert-rows.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import { giveDefaultRoles } from '../rbac/default-roles.ts'
import { canonicalIdentifiers } from './canonical-identifiers.ts'
import type { Identifiers } from './identifiers.ts'
import { presentUser } from './present-user.ts'
import type { NewUser, UserRow } from './tables.ts'
import { refuseTaken, taken } from './taken.ts'

export interface CreateUserInput extends UserInput {
  passwordHash?: string
  /** It is signed in with its making. */
  signsIn?: boolean
  /** What is taken is found by looking rather than by a write that fails, so that it costs what a fresh address costs. */
  looksFirst?: boolean
  /** Its roles are the caller's to give. */
  withoutRoles?: boolean
}

/**
 * Writes a user in the transaction in progress, in the realm of the context, running the app's hooks; audit row and event are the caller's. Throws EMAIL_TAKEN,
 * PHONE_TAKEN or USERNAME_TAKEN: the database's unique indexes decide.
 */
export async function createUser(auth: AuthContext, input: CreateUserInput): Promise<UserRow> {
  const { passwordHash, signsIn = false, looksFirst = false, withoutRoles = false, ...fields } = input
  const chosen = (await runHook(auth, 'user.beforeCreate', fields)) ?? fields
  const identifiers = await canonicalIdentifiers(chosen)
  if (Object.keys(identifiers).length === 0 && hasIdentifier(fields))
    throw new TypeError('latchkey: the hook user.beforeCreate gave back no identifier: it returns the whole input, changed')
  const row = { ...userRow(auth, chosen, identifiers, passwordHash), ...(signsIn && { lastLoginAt: auth.now() }) }
  if (looksFirst) await refuseTaken(auth, identifiers)
  await insert(auth, row, identifiers)
  if (!withoutRoles) await giveDefaultRoles(auth, row.id)
  const user = fullRow(row)
  await runHook(auth, 'user.afterCreate', presentUser(user))
  return user
}

const hasIdentifier = ({ email, phone, username }: UserInput) => [email, phone, username].some((one) => one !== undefined && one !== null)

function userRow(auth: AuthContext, chosen: UserInput, identifiers: Identifiers, passwordHash: string | undefined): NewUser {
  const now = auth.now()
  return {
    id: newId(now, auth.random),
    realm: auth.realm,
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
    await insertRows(auth, auth.db.authUser, [row])
  } catch (cause) {
    if (isUniqueViolation(cause)) throw taken(auth.realm, identifiers, cause)
    throw cause
  }
}

/** The row as the database has it, without reading it again: what was left out is null or the column's default. */
export function fullRow(row: NewUser): UserRow {
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
