// PostgreSQL refuses NUL in text and lone surrogates in JSON; nobody's address or name holds control characters.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/** Text that every database keeps as it is and no log or mail can be broken with. */
export const isPlainText = (text: string) => !control.test(text) && text.isWellFormed()

export const isStorableText = (text: string) => !text.includes('\0') && text.isWellFormed()

/** JSON that every database keeps: no NUL, no lone surrogate, no key that reaches a prototype; at most `depth` levels. */
export function isStorableJson(value: unknown, depth = 16): boolean {
  if (typeof value === 'string') return isStorableText(value)
  if (typeof value !== 'object' || value === null) return typeof value !== 'number' || Number.isFinite(value)
  if (depth === 0) return false
  return Object.entries(value).every(([key, one]) => key !== '__proto__' && isStorableText(key) && isStorableJson(one, depth - 1))
}

/** Whether a text has the form of a language tag, such as 'de' or 'pt-BR' (RFC 5646, 2.1, without the rarer kinds). */
export const isLanguageTag = (text: string) => text.length <= 35 && /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(text)
