import type { JsonObject } from '../json.ts'
import type { Assertion } from '../provider.ts'
import { isPlainText } from '../text.ts'

const LONGEST = 512

/** Text worth keeping: a provider's word is a stranger's, so nothing long and nothing that breaks a log. */
export const plain = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST && isPlainText(value) ? value : undefined

const link = (value: unknown): string | undefined => {
  const text = plain(value)
  return text !== undefined && URL.canParse(text) && new URL(text).protocol === 'https:' ? text : undefined
}

export interface ProfileFields {
  name?: unknown
  givenName?: unknown
  familyName?: unknown
  username?: unknown
  avatarUrl?: unknown
  locale?: unknown
}

/** The fields that are text, and nothing else a provider may have sent. */
export function profileOf({ avatarUrl, ...texts }: ProfileFields): JsonObject {
  const { name, givenName, familyName, username, locale } = texts
  const fields = { name: plain(name), givenName: plain(givenName), familyName: plain(familyName), username: plain(username) }
  const all = { ...fields, avatarUrl: link(avatarUrl), locale: plain(locale) }
  return Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined))
}

/** An assertion from the standard claims (OpenID Connect Core, 5.1). Only the boolean `true` verifies an address. */
export function assertionOf(subject: string, claims: Readonly<Record<string, unknown>>): Assertion {
  const { name, given_name: givenName, family_name: familyName, preferred_username: username, picture: avatarUrl, locale } = claims
  const email = plain(claims.email)
  return {
    subject,
    ...(email !== undefined && { email }),
    emailVerified: email !== undefined && claims.email_verified === true,
    profile: profileOf({ name, givenName, familyName, username, avatarUrl, locale }),
  }
}
