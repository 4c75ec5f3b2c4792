import { createHash, hkdfSync } from 'node:crypto'

/** What a key is for. Each purpose derives its own, so that no value of one kind passes for another. */
export type KeyPurpose = 'key-id' | 'encryption' | 'refresh-token' | 'one-time-code' | 'identifier' | 'cookie' | 'app'

export interface KeySet {
  /** Tells which secret made a value; reveals nothing of it. */
  readonly id: string
  readonly key: (purpose: KeyPurpose) => Buffer
}

/** The first secret signs and encrypts; every one verifies and decrypts. */
export interface Subkeys {
  readonly current: KeySet
  readonly all: readonly KeySet[]
}

/** 32-byte keys for each purpose from each secret, by HKDF-SHA256 (RFC 5869). */
export function deriveSubkeys(secrets: readonly string[]): Subkeys {
  const all = secrets.map(keySet)
  const [current] = all
  if (!current) throw new TypeError('at least one secret is needed')
  return { current, all }
}

function keySet(secret: string): KeySet {
  const derived = new Map<KeyPurpose, Buffer>()
  const key = (purpose: KeyPurpose) => {
    const known = derived.get(purpose)
    if (known) return known
    const made = Buffer.from(hkdfSync('sha256', secret, 'latchkey', `latchkey/v1/${purpose}`, 32))
    derived.set(purpose, made)
    return made
  }
  return { id: createHash('sha256').update(key('key-id')).digest('base64url').slice(0, 8), key }
}
