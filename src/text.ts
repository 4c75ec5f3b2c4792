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
