import { domainToASCII } from 'node:url'
import { isPlainText } from '../../text.ts'

/** The ways to name an account, in canonical form. */
export interface Identifiers {
  email?: string
  phone?: string
  username?: string
}

/** Where a message goes. */
export type Address = { email: string } | { phone: string }

/** As text. */
export const addressOf = (to: Address) => ('email' in to ? to.email : to.phone)

const LONGEST_EMAIL = 254 // RFC 5321, 4.5.3.1.3, as erratum 1690 corrects it
const localPart = /^[^\s@"<>(),;:\\[\]]{1,64}$/u
const domainName = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/
const usernameShape = /^[a-z0-9][a-z0-9._-]{2,29}$/

/** Trimmed and lower-cased, the domain in ASCII; no folding of dots or plus. Undefined where it is no address. */
export function canonicalEmail(text: string): string | undefined {
  const trimmed = text.trim()
  if (trimmed.length > LONGEST_EMAIL || !isPlainText(trimmed)) return undefined
  // Where compatibility forms would change it, two addresses could look like one and be two, or the other way round.
  if (trimmed.normalize('NFKC') !== trimmed) return undefined
  const [local, domain, ...rest] = trimmed.toLowerCase().split('@')
  if (!local || !domain || rest.length > 0 || !localPart.test(local) || local.startsWith('.') || local.endsWith('.') || local.includes('..')) return undefined
  const ascii = domainToASCII(domain)
  return domainName.test(ascii) ? `${local}@${ascii}` : undefined
}

/** E.164, where libphonenumber-js finds the number valid. It must carry its country code. */
export async function canonicalPhone(text: string): Promise<string | undefined> {
  if (text.length > 40 || !isPlainText(text)) return undefined
  const { parsePhoneNumberFromString } = await import('libphonenumber-js/min')
  const phone = parsePhoneNumberFromString(text, { extract: false })
  return phone?.isValid() && !phone.ext ? phone.number : undefined
}

/** 3 to 30 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit. */
export function canonicalUsername(text: string): string | undefined {
  const lower = text.trim().toLowerCase()
  return usernameShape.test(lower) ? lower : undefined
}
