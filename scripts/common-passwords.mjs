// Writes src/features/passwords/common-passwords.ts from zxcvbn's list: `npm pack zxcvbn@4.4.2`, unpack, then
// `node scripts/common-passwords.mjs <folder>/package`. Only what the shortest allowed length (8) does not refuse already is kept.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const { passwords } = createRequire(import.meta.url)(path.resolve(process.argv[2], 'lib/frequency_lists.js'))
const kept = (Array.isArray(passwords) ? passwords : passwords.split(',')).filter(
  (word) => word.length >= 8 && /^[\x21-\x7e]+$/.test(word) && !/[\s`\\$]/.test(word),
)
const head = '// Common passwords of 8 characters and more, the most common first, from zxcvbn 4.4.2 (MIT, Dropbox). Made by scripts/common-passwords.mjs.\n'
writeFileSync(
  path.resolve(import.meta.dirname, '../src/features/passwords/common-passwords.ts'),
  `${head}export const commonPasswords = \`${kept.join(' ')}\`\n`,
)
console.log(`${kept.length} passwords`)
