import { v7 } from 'uuid'

const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

let lastTime = Number.NEGATIVE_INFINITY
let sequence = 0

/**
 * UUIDv7 (RFC 9562): ordered by the time it was made, so that inserts stay at the right edge of an index. Within one millisecond a
 * counter keeps the order of this process (section 6.2, method 1).
 */
export function newId(now: Date, random: (bytes: number) => Uint8Array) {
  const msecs = now.getTime()
  const bytes = random(16)
  // Begins low, so that a millisecond cannot hold more ids than the counter has room for.
  sequence = msecs === lastTime ? sequence + 1 : Buffer.from(bytes.buffer, bytes.byteOffset, 4).readUInt32BE() >>> 2
  lastTime = msecs
  return v7({ msecs, seq: sequence, random: bytes })
}

export const isId = (text: string) => shape.test(text)
