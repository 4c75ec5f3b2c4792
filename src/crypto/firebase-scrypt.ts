import { createCipheriv, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { LegacyVerifier } from './legacy-hashes.ts'

/** Of the project: Firebase console, Authentication, "Password hash parameters". */
export interface FirebaseParameters {
  /** base64_signer_key. */
  signerKey: string
  /** base64_salt_separator. */
  saltSeparator: string
  rounds: number
  memCost: number
}

const derive = promisify<Buffer, Buffer, number, object, Buffer>(scrypt)
const pattern = /^\$firebase-scrypt\$([A-Za-z0-9+/_=-]{4,200})\$([A-Za-z0-9+/_=-]{20,200})$/
const bytesOf = (text: string) => Buffer.from(text, 'base64') // takes both alphabets

/**
 * Reads hashes exported from Firebase, for `password.verifyLegacy`: `$firebase-scrypt$<salt>$<passwordHash>`, both as `firebase auth:export` gives them. Firebase's scrypt
 * encrypts the project's signer key (AES-256-CTR) by what scrypt makes of the password. The signer key stays in the options and is not kept with each user. Throws a RangeError for
 * parameters that are out of range.
 */
export function firebaseScrypt({ signerKey, saltSeparator, rounds, memCost }: FirebaseParameters): LegacyVerifier {
  if (!(rounds >= 1 && rounds <= 120 && memCost >= 1 && memCost <= 17))
    throw new RangeError('latchkey: firebaseScrypt takes rounds from 1 to 120 and memCost from 1 to 17')
  const key = bytesOf(signerKey)
  const separator = bytesOf(saltSeparator)
  const N = 2 ** memCost
  return {
    id: 'firebase-scrypt',
    matches: (hash) => pattern.test(hash),
    verify: async (password, hash) => {
      const [, salt, stored] = pattern.exec(hash) ?? []
      if (!salt || !stored) return false
      const saltBytes = Buffer.concat([bytesOf(salt), separator])
      const derived = await derive(Buffer.from(password), saltBytes, 32, { N, r: rounds, p: 1, maxmem: 256 * N * rounds + 1024 * 1024 })
      const cipher = createCipheriv('aes-256-ctr', derived, Buffer.alloc(16))
      const made = Buffer.concat([cipher.update(key), cipher.final()])
      const expected = bytesOf(stored)
      return made.length === expected.length && timingSafeEqual(made, expected)
    },
  }
}
