import { pbkdf2, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** A hash made by another system. It is checked once, at a sign-in, and then replaced by argon2id. */
export interface LegacyVerifier {
  id: string
  matches: (hash: string) => boolean
  verify: (password: string, hash: string) => Promise<boolean> | boolean
}
export type BuiltInVerifier = 'bcrypt' | 'scrypt' | 'pbkdf2'

const derivePbkdf2 = promisify(pbkdf2)
const deriveScrypt = promisify<string, Buffer, number, object, Buffer>(scrypt)
const bytesOf = (text: string) => Buffer.from(text.replaceAll('.', '+'), 'base64') // passlib writes '+' as '.'
const same = (a: Buffer, b: Buffer) => a.length > 0 && a.length === b.length && timingSafeEqual(a, b)

const bcryptPattern = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/
const bcrypt: LegacyVerifier = {
  id: 'bcrypt',
  matches: (hash) => Number(bcryptPattern.exec(hash)?.[1] ?? 99) <= 15,
  verify: async (password, hash) => {
    // bcrypt looks at 72 bytes and stops at NUL: anything beyond would be accepted unseen.
    if (Buffer.byteLength(password) > 72 || password.includes('\0')) return false
    const { compare } = await import('bcryptjs')
    return compare(password, hash)
  },
}

// `$scrypt$ln=15,r=8,p=1$salt$hash` (passlib, PHC), and better-auth's `salt:hash` in hex with N=16384, r=16, p=1.
const scryptPattern = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([^$]+)\$([^$]+)$/
const hexPattern = /^([0-9a-f]{32}):([0-9a-f]{128})$/
const scryptBytes = (N: number, r: number) => 128 * N * r
const MOST_MEMORY = 256 * 1024 * 1024

function scryptParts(hash: string) {
  const [, ln, r, p, salt, key] = scryptPattern.exec(hash) ?? []
  if (salt && key) return { N: 2 ** Number(ln), r: Number(r), p: Number(p), salt: bytesOf(salt), key: bytesOf(key) }
  const [, saltHex, keyHex] = hexPattern.exec(hash) ?? []
  // better-auth salts with the text of the hex, not its bytes.
  return saltHex && keyHex ? { N: 16384, r: 16, p: 1, salt: Buffer.from(saltHex), key: Buffer.from(keyHex, 'hex') } : null
}
const scryptVerifier: LegacyVerifier = {
  id: 'scrypt',
  matches: (hash) => {
    const parts = scryptParts(hash)
    return parts !== null && parts.r > 0 && parts.p > 0 && parts.p <= 8 && scryptBytes(parts.N, parts.r) <= MOST_MEMORY
  },
  verify: async (password, hash) => {
    const parts = scryptParts(hash)
    if (!parts) return false
    const { N, r, p, salt, key } = parts
    return same(await deriveScrypt(password, salt, key.length, { N, r, p, maxmem: 2 * scryptBytes(N, r) + 1024 * 1024 }), key)
  },
}

// passlib and PHC: `$pbkdf2-sha256$29000$salt$hash`, `$pbkdf2-sha256$i=29000$…`; Django: `pbkdf2_sha256$29000$salt$hash`.
const pbkdf2Pattern = /^\$?pbkdf2[-_](sha1|sha256|sha512)\$(?:i=)?(\d{1,8})(?:,l=\d+)?\$([^$]+)\$([^$]+)$/
const MOST_ITERATIONS = 5_000_000
const pbkdf2Verifier: LegacyVerifier = {
  id: 'pbkdf2',
  matches: (hash) => Number(pbkdf2Pattern.exec(hash)?.[2] ?? MOST_ITERATIONS + 1) <= MOST_ITERATIONS,
  verify: async (password, hash) => {
    const [, digest, iterations, salt, key] = pbkdf2Pattern.exec(hash) ?? []
    if (!digest || !salt || !key) return false
    const expected = bytesOf(key)
    const saltBytes = hash.startsWith('$') ? bytesOf(salt) : Buffer.from(salt) // Django salts with the text itself
    return same(await derivePbkdf2(password, saltBytes, Number(iterations), expected.length, digest), expected)
  },
}

export const builtInVerifiers: Readonly<Record<BuiltInVerifier, LegacyVerifier>> = { bcrypt, scrypt: scryptVerifier, pbkdf2: pbkdf2Verifier }
