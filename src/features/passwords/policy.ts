/** Why a password is refused; `code` is stable, `message` is for a person. */
export interface PasswordReason {
  code: 'too_short' | 'too_long' | 'common' | 'contains_identifier'
  message: string
}

export interface PasswordRules {
  minLength: number
  maxLength: number
  common: boolean
  containsIdentifier: boolean
}

/** Beyond this many bytes nothing is hashed, whatever `maxLength` says. */
export const MOST_BYTES = 1024
const SHORTEST_IDENTIFIER = 4

let common: Promise<ReadonlySet<string>> | undefined
const loadCommon = () => (common ??= import('./common-passwords.ts').then(({ commonPasswords }) => new Set(commonPasswords.split(' '))))

/** What the policy has against a password; an empty list where it is accepted. `identifiers`: the account's own address, number and name, and what the app and its tenants are called. */
export async function checkPassword(rules: PasswordRules, password: string, identifiers: readonly string[]): Promise<PasswordReason[]> {
  const reasons: PasswordReason[] = []
  const length = [...password.normalize('NFC')].length
  if (length < rules.minLength) reasons.push({ code: 'too_short', message: `Use at least ${rules.minLength} characters.` })
  if (length > rules.maxLength || Buffer.byteLength(password) > MOST_BYTES)
    reasons.push({ code: 'too_long', message: `Use at most ${rules.maxLength} characters.` })
  if (reasons.length > 0) return reasons
  if (rules.common && (await isCommon(password))) reasons.push({ code: 'common', message: 'This is among the first passwords that are guessed.' })
  if (rules.containsIdentifier && isMadeOf(password, identifiers)) {
    reasons.push({
      code: 'contains_identifier',
      message: 'Choose a password that is not made of your own address, name or number, or of what this site or your organization is called.',
    })
  }
  return reasons
}

/** Whole-password comparison, as NIST SP 800-63B-4 asks, plus what a list cannot hold: repetitions and walks along the keyboard. */
async function isCommon(password: string) {
  const words = await loadCommon()
  const text = password.normalize('NFC').toLowerCase()
  if (words.has(text) || isWalk(text)) return true
  const unit = repeatedUnit(text)
  return unit !== text && (unit.length < 5 || words.has(unit) || isWalk(unit) || everyday.has(unit))
}

// Shorter than the list's eight characters, so never in it, but the first words that people double.
const everyday = new Set([
  'password',
  'letme',
  'letmein',
  'qwert',
  'qwerty',
  'hello',
  'admin',
  'welcome',
  'monkey',
  'dragon',
  'master',
  'login',
  'abc123',
  '12345',
  '123456',
  '1234567',
])

/** The shortest text whose repetition makes the whole. */
function repeatedUnit(text: string) {
  const period = (text + text).indexOf(text, 1)
  return text.slice(0, period)
}

const rows = [
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  '1234567890',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  'abcdefghijklmnopqrstuvwxyz',
  '0123456789',
]
const pairs = new Set(rows.flatMap((row) => [...row].slice(1).flatMap((key, index) => [`${row[index]}${key}`, `${key}${row[index]}`])))
const columns = ['1qaz', '2wsx', '3edc', '4rfv', '5tgb', '6yhn', '7ujm']
for (const column of columns) for (let i = 1; i < column.length; i++) pairs.add(column.slice(i - 1, i + 1))

/** Neighbouring keys (or letters, or digits) nearly all the way: at most one jump in five steps. */
function isWalk(text: string) {
  let jumps = 0
  for (let i = 1; i < text.length; i++) if (text[i] !== text[i - 1] && !pairs.has(text.slice(i - 1, i + 1))) jumps++
  return jumps <= (text.length - 1) / 5
}

/** The password is an identifier, or holds one with nothing but digits and signs around it. */
function isMadeOf(password: string, identifiers: readonly string[]) {
  const text = password.normalize('NFC').toLowerCase()
  const parts = identifiers.flatMap((identifier) => [identifier, identifier.split('@')[0] ?? '']).map((part) => part.toLowerCase())
  return parts.some((part) => part.length >= SHORTEST_IDENTIFIER && text.includes(part) && !/\p{L}/u.test(text.replaceAll(part, '')))
}
