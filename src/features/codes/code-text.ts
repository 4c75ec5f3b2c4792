import { equalBytes, hmacHex, sha256Hex } from '../../crypto/hashing.ts'
import { randomText } from '../../crypto/random-text.ts'
import type { Subkeys } from '../../crypto/subkeys.ts'

const alphabets = { numeric: '0123456789', alphanumeric: '23456789ABCDEFGHJKLMNPQRSTUVWXYZ' } as const
const TOKEN_BYTES = 32

export const randomCode = ({ length, alphabet }: { length: number; alphabet: keyof typeof alphabets }, random: (bytes: number) => Uint8Array): string =>
  randomText(alphabets[alphabet], length, random)

/** 256 bits, base64url, behind a prefix that tells what it is. */
export const randomToken = (prefix: string, random: (bytes: number) => Uint8Array) => `${prefix}_${Buffer.from(random(TOKEN_BYTES)).toString('base64url')}`

export const hashToken = (token: string) => sha256Hex(token)

/** As it is typed: in any case, with spaces or dashes. */
const canonical = (code: string) => code.replace(/[\s-]/g, '').toUpperCase()

/** A short code is worth guessing from its hash, so the hash is keyed, and bound to what the code is for. */
export const hashCode = (subkeys: Subkeys, liveKey: string, code: string) => hmacHex(subkeys.current.key('one-time-code'), `${liveKey}:${canonical(code)}`)

export function isCode(subkeys: Subkeys, liveKey: string, code: string, hash: string): boolean {
  const stored = Buffer.from(hash)
  return subkeys.all.some((keys) => equalBytes(Buffer.from(hmacHex(keys.key('one-time-code'), `${liveKey}:${canonical(code)}`)), stored))
}
