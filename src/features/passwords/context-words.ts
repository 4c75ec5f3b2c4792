import type { AuthContext } from '../../context.ts'
import type { UserRow } from '../accounts/tables.ts'
import { findInvitation } from '../invitations/find-invitation.ts'
import type { MemberRegistration } from '../invitations/register-member.ts'
import { findTenant } from '../tenants/find-tenant.ts'

// Someone in more tenants than this is refused the names of those joined last.
const MOST_TENANTS = 50

const isText = (word: string | null | undefined): word is string => typeof word === 'string'

/** A name as it is written, and as it is typed. */
const spellings = (name: string | undefined) => [name, name?.replaceAll(/[^\p{L}\p{N}]+/gu, '')]

const namesOf = (tenants: readonly { name: string; slug?: string }[]) => tenants.flatMap(({ name, slug }) => [slug, ...spellings(name)])

/**
 * What the password of someone who signs up must not be made of: the address given or invited, and what the tenant is called. Throws
 * INVITATION_INVALID.
 */
export async function contextWords(auth: AuthContext, { identifiers, tenant, newTenant, invitation }: MemberRegistration): Promise<string[]> {
  const own = Object.values(identifiers)
  if (auth.options.tenants.mode === 'off') return own
  const invited = invitation === undefined ? undefined : await findInvitation(auth, invitation)
  const named = invited?.tenantId ?? tenant
  const found = named === undefined ? null : await findTenant(auth, named)
  const joined = newTenant ?? found
  return [...own, invited?.email, invited?.phone, ...namesOf(joined ? [joined] : [])].filter(isText)
}

/** The same for someone who has an account: what it is known by, and what the tenants are called that they are in. */
export async function wordsOfUser(auth: AuthContext, { id, email, phone, username }: UserRow): Promise<string[]> {
  const own = [email, phone, username]
  if (auth.options.tenants.mode === 'off') return own.filter(isText)
  const where = { userId: id, tenantId: { not: null } }
  const memberships = await auth.db.authMembership.findMany({ where, orderBy: { id: 'desc' }, take: MOST_TENANTS })
  const ids = memberships.map(({ scope }) => scope)
  const tenants = ids.length === 0 ? [] : await auth.db.authTenant.findMany({ where: { id: { in: ids } }, orderBy: { id: 'desc' } })
  return [...own, ...namesOf(tenants)].filter(isText)
}

const everyday = new Set(['www', 'auth', 'api', 'app', 'localhost'])

/** What the app is called: its name towards people, and the words of its own host names. */
export function siteWords({ options: { messages, appUrl, baseUrl } }: AuthContext): string[] {
  const hosts = [appUrl, baseUrl].flatMap((url) => (url === undefined ? [] : [new URL(url).hostname, ...new URL(url).hostname.split('.')]))
  return [...spellings(messages.appName), ...hosts.filter((word) => !everyday.has(word))].filter(isText)
}
