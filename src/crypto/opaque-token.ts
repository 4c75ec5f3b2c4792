import { createHash, timingSafeEqual } from 'node:crypto'

/** `bytes` random bytes as base64url, without structure. */
export const randomToken = (random: (bytes: number) => Uint8Array, bytes = 32) => Buffer.from(random(bytes)).toString('base64url')

/** Takes the same time wherever the two differ, and whether or not they are of one length: their hashes are compared. */
export const equalText = (a: string, b: string) => timingSafeEqual(digest(a), digest(b))

const digest = (text: string) => createHash('sha256').update(text).digest()
