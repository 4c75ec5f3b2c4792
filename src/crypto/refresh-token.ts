import { createHmac } from 'node:crypto'
import { parse, stringify } from 'uuid'
import { equalBytes, sha256Hex } from './hashing.ts'
import type { Subkeys } from './subkeys.ts'

const PREFIX = 'lkr_'
const SESSION = 16
const GENERATION = 4
const SECRET = 32
const TAG = 16
const SIGNED = SESSION + GENERATION + SECRET
const TEXT_LENGTH = Math.ceil(((SIGNED + TAG) * 4) / 3)
const alphabet = /^[A-Za-z0-9_-]+$/

export interface RefreshTokenParts {
  sessionId: string
  /** Counts the rotations of the session's token, from 1. */
  generation: number
  /** SHA-256 of the whole token, hex: what the database keeps. */
  hash: string
}

const tagOf = (key: Buffer, signed: Buffer) => createHmac('sha256', key).update(signed).digest().subarray(0, TAG)

/** `lkr_` and base64url of: session id (16 bytes), generation (4), randomness (32), keyed tag (16). */
export function createRefreshToken(subkeys: Subkeys, sessionId: string, generation: number, random: (bytes: number) => Uint8Array) {
  const signed = Buffer.alloc(SIGNED)
  signed.set(parse(sessionId), 0)
  signed.writeUInt32BE(generation, SESSION)
  signed.set(random(SECRET), SESSION + GENERATION)
  const token = PREFIX + Buffer.concat([signed, tagOf(subkeys.current.key('refresh-token'), signed)]).toString('base64url')
  return { token, hash: sha256Hex(token) }
}

/** Null unless this server made the token: the tag is checked before anything is asked of the database. */
export function readRefreshToken(subkeys: Subkeys, token: string): RefreshTokenParts | null {
  const text = token.slice(PREFIX.length)
  if (!token.startsWith(PREFIX) || text.length !== TEXT_LENGTH || !alphabet.test(text)) return null
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.toString('base64url') !== text) return null // one token, one spelling
  const signed = bytes.subarray(0, SIGNED)
  const tag = bytes.subarray(SIGNED)
  if (!subkeys.all.some((keys) => equalBytes(tagOf(keys.key('refresh-token'), signed), tag))) return null
  return { sessionId: stringify(signed.subarray(0, SESSION)), generation: signed.readUInt32BE(SESSION), hash: sha256Hex(token) }
}
