import type { AuthContext } from '../../context.ts'
import type { Identifiers } from './identifiers.ts'
import type { UserKey, UserRow } from './tables.ts'

/**
 * The account of an identifier, in the realm of the context. A database with a forgiving collation may find another than the one asked for, so what it found is
 * compared exactly.
 */
export async function findUser(auth: AuthContext, identifiers: Identifiers): Promise<UserRow | null> {
  const { realm } = auth
  const where = keyOf(identifiers, realm)
  if (!where) return null
  const user = await auth.db.authUser.findUnique({ where })
  const { email, phone, username } = identifiers
  const isExact = user && user.realm === realm && (user.email === email || user.phone === phone || user.username === username)
  return isExact ? user : null
}

function keyOf({ email, phone, username }: Identifiers, realm: string): UserKey | undefined {
  if (email !== undefined) return { realm_email: { realm, email } }
  if (phone !== undefined) return { realm_phone: { realm, phone } }
  return username === undefined ? undefined : { realm_username: { realm, username } }
}

/** Whether an account is another tenant's than the one that the request names. */
export const isElsewhere = ({ realm }: AuthContext, user: UserRow) => realm !== '' && user.realm !== realm

/** Null where there is none. */
export async function findUserById(auth: AuthContext, id: string): Promise<UserRow | null> {
  const user = await auth.db.authUser.findUnique({ where: { id } })
  return user?.id === id ? user : null
}
