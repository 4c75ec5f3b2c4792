import { type AuthContext, transaction } from '../../context.ts'
import { AuthError, type AuthErrorCode } from '../../errors.ts'
import { findUser } from './find-user.ts'
import type { Identifiers } from './identifiers.ts'

const codes = { email: 'EMAIL_TAKEN', phone: 'PHONE_TAKEN', username: 'USERNAME_TAKEN' } as const
const names = ['email', 'phone', 'username'] as const
const attempted = new WeakMap<AuthError, { identifiers: Identifiers; realm: string }>()

/** The refusal of a unique index: the code of the first identifier, until `naming` has found out which one it was. */
export function taken(realm: string, identifiers: Identifiers, cause: unknown): AuthError {
  const first = names.find((name) => identifiers[name] !== undefined) ?? 'email'
  const error = new AuthError(codes[first], { cause })
  attempted.set(error, { identifiers, realm })
  return error
}

/**
 * Runs `work` in a transaction and, where an identifier was taken, reads again which one. Only once the transaction is over: a refused
 * write ends it on PostgreSQL, and SQLite has no second connection. In a transaction of the app's the first identifier is named.
 */
export async function transactionNaming<T>(auth: AuthContext, work: (auth: AuthContext) => Promise<T>): Promise<T> {
  try {
    return await transaction(auth, work)
  } catch (error) {
    const attempt = error instanceof AuthError ? attempted.get(error) : undefined
    if (!attempt || auth.inTransaction) throw error
    throw new AuthError(await whichIsTaken({ ...auth, realm: attempt.realm }, attempt.identifiers), { cause: error })
  }
}

// The email comes last: where nobody is to learn whether an address is known, a phone number or username that is taken is told beside any.
const asked = ['phone', 'username', 'email'] as const

async function whichIsTaken(auth: AuthContext, identifiers: Identifiers): Promise<AuthErrorCode> {
  const given = asked.filter((name) => identifiers[name] !== undefined)
  for (const name of given.slice(0, -1)) {
    if (await findUser(auth, { [name]: identifiers[name] })) return codes[name]
  }
  return codes[given.at(-1) ?? 'email']
}
