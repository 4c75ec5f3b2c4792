import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export const sha256Hex = (text: string) => createHash('sha256').update(text).digest('hex')

export const hmacHex = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest('hex')

/** Takes the same time wherever the two differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array) {
  return a.length === b.length && timingSafeEqual(a, b)
}
