import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { runHook } from '../../hooks.ts'
import { checkPassword } from './policy.ts'

/**
 * Checks a new password by the policy and the app's own hook, and hashes it. Call outside a transaction. Throws PASSWORD_TOO_WEAK
 * (with `reasons`), BUSY. `identifiers`: what the account is known by.
 */
export async function hashNewPassword(auth: AuthContext, password: string, identifiers: readonly string[]): Promise<string> {
  const reasons = await checkPassword(auth.options.password, password, [...identifiers, ...siteNames(auth)])
  if (reasons.length > 0) throw new AuthError('PASSWORD_TOO_WEAK', { reasons })
  await runHook(auth, 'password.validate', { password, identifiers })
  return auth.process.passwords.hash(password)
}

const everyday = new Set(['www', 'auth', 'api', 'app', 'localhost'])

/** The words of the app's own host name. */
const siteNames = ({ options: { appUrl, baseUrl } }: AuthContext) =>
  [appUrl, baseUrl].flatMap((url) => (url === undefined ? [] : new URL(url).hostname.split('.'))).filter((word) => !everyday.has(word))
