import { equalBytes, sha256Hex } from './hashing.ts'

const ID_BYTES = 12
const SECRET_BYTES = 32
const CHECK_LENGTH = 8
const pattern = /^lk_([0-9a-f]{24})_[0-9a-f]{64}([0-9a-f]{8})$/

const checkOf = (text: string) => sha256Hex(text).slice(0, CHECK_LENGTH)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

/** `lk_<id>_<secret>`: 96 bits that name it, 256 that open, and a checksum, so that scanners know a leaked key and a mistyped one costs no query. */
export function createApiKeyText(random: (bytes: number) => Uint8Array): { key: string; publicId: string; hash: string } {
  const publicId = hex(random(ID_BYTES))
  const body = `lk_${publicId}_${hex(random(SECRET_BYTES))}`
  const key = body + checkOf(body)
  return { key, publicId, hash: sha256Hex(key) }
}

/** Null for what cannot be a key. `hash`: SHA-256 of the whole key, hex, which is what the database keeps. */
export function readApiKeyText(key: string): { publicId: string; hash: string } | null {
  const [, publicId, check] = pattern.exec(key) ?? []
  if (publicId === undefined || check !== checkOf(key.slice(0, -CHECK_LENGTH))) return null
  return { publicId, hash: sha256Hex(key) }
}

/** In constant time. */
export const isSameHash = (one: string, other: string) => equalBytes(Buffer.from(one), Buffer.from(other))
