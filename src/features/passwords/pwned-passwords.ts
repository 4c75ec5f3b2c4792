import { createHash } from 'node:crypto'

export interface PwnedPasswordsOptions {
  /** The range service; the hash's first five digits are appended. */
  url?: string
  /** Milliseconds. */
  timeout?: number
  /** How often a password must have been seen to count. */
  atLeast?: number
}

const MOST_BYTES = 1_000_000

/**
 * A check for `password.breached` by Have I Been Pwned's range service: `password: { breached: pwnedPasswords() }`. Only the first five digits of
 * the password's SHA-1 leave this process (k-anonymity), and the answer is padded. Rejects where the service does not answer in time; the
 * password is then accepted.
 */
export function pwnedPasswords({ url = 'https://api.pwnedpasswords.com/range/', timeout = 2000, atLeast = 1 }: PwnedPasswordsOptions = {}) {
  return async function isPwned(password: string): Promise<boolean> {
    const hash = createHash('sha1').update(password).digest('hex').toUpperCase()
    const answer = await fetch(`${url}${hash.slice(0, 5)}`, { headers: { 'Add-Padding': 'true' }, redirect: 'error', signal: AbortSignal.timeout(timeout) })
    if (!answer.ok) throw new Error(`the breach service answered ${answer.status}`)
    const text = await answer.text()
    if (text.length > MOST_BYTES) throw new Error('the breach service answered more than it should')
    const line = text.split(/\r?\n/).find((line) => line.startsWith(`${hash.slice(5)}:`))
    return line !== undefined && Number(line.split(':')[1]) >= atLeast
  }
}
