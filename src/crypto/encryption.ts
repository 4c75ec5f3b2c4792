import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { KeyPurpose, KeySet, Subkeys } from './subkeys.ts'

const VERSION = 'v1'
const IV_BYTES = 12
const TAG_BYTES = 16

/**
 * AES-256-GCM under the current secret. `context` is authenticated with the text, so that a value moved to another row or column does
 * not decrypt. Gives `v1.<key id>.<iv>.<ciphertext and tag>`, base64url.
 */
export function encrypt(subkeys: Subkeys, text: string, context: string, random: (bytes: number) => Uint8Array, purpose: KeyPurpose = 'encryption'): string {
  const iv = Buffer.from(random(IV_BYTES))
  const cipher = createCipheriv('aes-256-gcm', subkeys.current.key(purpose), iv).setAAD(Buffer.from(context))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return [VERSION, subkeys.current.id, iv.toString('base64url'), sealed.toString('base64url')].join('.')
}

/** The text, or null where no secret fits or it was changed. */
export function decrypt(subkeys: Subkeys, value: string, context: string, purpose: KeyPurpose = 'encryption'): string | null {
  const [version, keyId, ivText, sealedText, ...rest] = typeof value === 'string' ? value.split('.') : []
  const keySet = subkeys.all.find((one) => one.id === keyId)
  if (version !== VERSION || !keySet || !ivText || !sealedText || rest.length > 0) return null
  const iv = Buffer.from(ivText, 'base64url')
  const sealed = Buffer.from(sealedText, 'base64url')
  // Node skips what is not base64url; a value has one spelling only.
  if (iv.toString('base64url') !== ivText || sealed.toString('base64url') !== sealedText) return null
  return open(keySet.key(purpose), iv, sealed, context)
}

/** The id of the key set a value names, whether or not it decrypts; null where it is no such value. */
export function keyIdOf(value: string): string | null {
  const [version, keyId, ...rest] = value.split('.')
  return version === VERSION && keyId && rest.length === 2 ? keyId : null
}

/** What every value begins with that a key set has sealed. */
export const startOf = ({ id }: Pick<KeySet, 'id'>) => `${VERSION}.${id}.`

function open(key: Buffer, iv: Buffer, sealed: Buffer, context: string): string | null {
  if (iv.length !== IV_BYTES || sealed.length < TAG_BYTES) return null
  const decipher = createDecipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-TAG_BYTES))
  const text = decipher.update(sealed.subarray(0, -TAG_BYTES))
  try {
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    return null // final() throws where the tag does not fit: the value was changed or is of another context
  }
}
