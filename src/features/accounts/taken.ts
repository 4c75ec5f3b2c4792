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
  const last = given.pop() ?? 'email'
  return codes[(await firstTaken(auth, identifiers, given)) ?? last]
}

/** Throws EMAIL_TAKEN, PHONE_TAKEN or USERNAME_TAKEN where looking finds one taken; the unique indexes decide all the same. */
export async function refuseTaken(auth: AuthContext, identifiers: Identifiers) {
  const name = await firstTaken(auth, identifiers, asked)
  if (name) throw new AuthError(codes[name])
}

async function firstTaken(auth: AuthContext, identifiers: Identifiers, among: readonly (keyof typeof codes)[]) {
  for (const name of among) {
    if (identifiers[name] !== undefined && (await findUser(auth, { [name]: identifiers[name] }))) return name
  }
  return undefined
}
