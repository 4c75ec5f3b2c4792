import type { ResolvedOptions } from '../../options.ts'
import type { Address } from './identifiers.ts'
import type { UserRow } from './tables.ts'

type Senders = Pick<ResolvedOptions, 'mailer' | 'sms' | 'identifiers'>

/** People are known by email addresses here, and mail can be sent. */
export const reachesByEmail = ({ mailer, identifiers }: Senders) => mailer !== undefined && identifiers.email
export const reachesBySms = ({ sms, identifiers }: Senders) => sms !== undefined && identifiers.phone

type Contacts = Pick<UserRow, 'email' | 'emailVerifiedAt' | 'phone' | 'phoneVerifiedAt'>

/** Where codes by 'email' or 'sms' go: an address that the user has proved; null where there is none. */
export function provedAddress(user: Contacts, by: string): Address | null {
  if (by === 'email' && user.email !== null && user.emailVerifiedAt !== null) return { email: user.email }
  if (by === 'sms' && user.phone !== null && user.phoneVerifiedAt !== null) return { phone: user.phone }
  return null
}
