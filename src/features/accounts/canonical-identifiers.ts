import { AuthError, invalidField } from '../../errors.ts'
import { type Address, canonicalEmail, canonicalPhone, canonicalUsername, type Identifiers } from './identifiers.ts'

const messages = {
  email: 'must be an email address',
  phone: 'must be a phone number with its country code',
  username: "must be 3 to 30 letters, digits, '.', '_' or '-', beginning with a letter or digit",
}
const canonical = { email: canonicalEmail, phone: canonicalPhone, username: canonicalUsername }
const names = ['email', 'phone', 'username'] as const

/** The identifiers given, canonical. Throws VALIDATION_FAILED for one that is none. */
export async function canonicalIdentifiers(input: { [Name in keyof Identifiers]?: string | null | undefined }): Promise<Identifiers> {
  const found: Identifiers = {}
  const errors: { path: string; message: string }[] = []
  for (const name of names) {
    const text = input[name]
    if (text === undefined || text === null) continue
    // An app without types, or a hook, may hand in anything.
    const value = typeof text === 'string' ? await canonical[name](text) : undefined
    if (value === undefined) errors.push({ path: name, message: messages[name] })
    else found[name] = value
  }
  if (errors.length > 0) throw new AuthError('VALIDATION_FAILED', { errors })
  return found
}

/** The one address given, canonical, of a kind that is on. Throws VALIDATION_FAILED. */
export async function oneAddress(given: { email?: string; phone?: string }, isOn: { email: boolean; phone: boolean }): Promise<Address> {
  const { email, phone } = await canonicalIdentifiers({ email: given.email, phone: given.phone })
  if (email !== undefined && phone !== undefined) throw invalidField('phone', 'give one of email and phone')
  if (email !== undefined && isOn.email) return { email }
  if (phone !== undefined && isOn.phone) return { phone }
  throw invalidField(phone === undefined ? 'email' : 'phone', email === undefined && phone === undefined ? 'is missing' : 'is not used here')
}
