import { v7 } from 'uuid'

const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** UUIDv7 (RFC 9562): ordered by the time it was made, so that inserts stay at the right edge of an index. */
export const newId = (now: Date, random: (bytes: number) => Uint8Array) => v7({ msecs: now.getTime(), random: random(16) })

export const isId = (text: string) => shape.test(text)
