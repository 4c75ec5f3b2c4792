import type { AuthContext } from './context.ts'
import { decrypt, encrypt, keyIdOf } from './crypto/encryption.ts'
import { invalidField } from './errors.ts'

/** `auth.encryption`: AES-256-GCM for columns of the app's own, under a key that is derived from `secret` for them alone. */
export function encryption(auth: AuthContext) {
  return {
    /**
     * Gives `v1.<key id>.<iv>.<ciphertext and tag>`, never the same twice. `context` says what the value is and whose, as in `iban:<id of the
     * user>`: it is authenticated with the text, so that a value copied to another row does not decrypt. Throws VALIDATION_FAILED for what is no text.
     */
    encrypt: (text: string, context: string): string => encrypt(auth.subkeys, checked('text', text), checked('context', context), auth.random, 'app'),
    /** The text; null where the value is none of ours, was changed, is of another context, or of a secret that is gone. */
    decrypt: (value: string, context: string): string | null => decrypt(auth.subkeys, value, checked('context', context), 'app'),
    /**
     * Whether something else than the first secret sealed it. Before an old one leaves the list, decrypt such values and encrypt them again: cleanup
     * moves only what is in this package's tables. Throws VALIDATION_FAILED for what is no text.
     */
    isStale: (value: string): boolean => keyIdOf(checked('value', value)) !== auth.subkeys.current.id,
  }
}

function checked(name: string, value: string): string {
  if (typeof value !== 'string') throw invalidField(name, 'must be text')
  return value
}
