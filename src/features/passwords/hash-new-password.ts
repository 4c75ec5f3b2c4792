import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { runHook } from '../../hooks.ts'
import { inTime } from '../../in-time.ts'
import type { UserRow } from '../accounts/tables.ts'
import { siteWords } from './context-words.ts'
import { checkPassword } from './policy.ts'
import { formerHashes } from './replace-password.ts'

/**
 * Checks a new password by the policy, the breached-password check and the app's own hook, and hashes it. Call outside a transaction.
 * Throws PASSWORD_TOO_WEAK (with `reasons`), PASSWORD_REUSED, BUSY. `identifiers`: what the account is known by; `user`: whose it will be.
 */
export async function hashNewPassword(auth: AuthContext, password: string, identifiers: readonly string[], user?: UserRow): Promise<string> {
  const rules = auth.options.password
  const reasons = await checkPassword(rules, password, [...identifiers, ...siteWords(auth)])
  if (reasons.length > 0) throw new AuthError('PASSWORD_TOO_WEAK', { reasons })
  if (rules.breached && (await isBreached(auth, password))) {
    throw new AuthError('PASSWORD_TOO_WEAK', { reasons: [{ code: 'breached', message: 'This password is known from a data breach. Choose another one.' }] })
  }
  if (user && rules.history > 0) await refuseReused(auth, password, user)
  await runHook(auth, 'password.validate', { password, identifiers })
  return auth.process.passwords.hash(password)
}

const BREACH_MS = 5000

/** A check that fails or takes too long lets the password pass: a service that is down locks nobody out. One that is to fail closed throws an AuthError. */
async function isBreached({ options, log }: AuthContext, password: string): Promise<boolean> {
  const check = options.password.breached
  if (!check) return false
  try {
    return await inTime((async () => check(password.normalize('NFC')))(), BREACH_MS, () => new Error(`no answer within ${BREACH_MS} ms`))
  } catch (error) {
    if (error instanceof AuthError) throw error
    log.warn({ reason: error instanceof Error ? error.message : 'not an error' }, 'a password could not be checked against known breaches')
    return false
  }
}

/** The password of now and those kept by `password.history`. */
async function refuseReused(auth: AuthContext, password: string, user: UserRow) {
  for (const hash of [...(user.passwordHash === null ? [] : [user.passwordHash]), ...formerHashes(user)].slice(0, auth.options.password.history)) {
    if ((await auth.process.passwords.verify(password, hash)).matches) throw new AuthError('PASSWORD_REUSED')
  }
}
