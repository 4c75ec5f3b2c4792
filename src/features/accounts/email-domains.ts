import { domainToASCII } from 'node:url'
import { type AuthContext, transaction } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { AuthError, invalidField } from '../../errors.ts'
import { recordAudit } from '../audit/record-audit.ts'

/** A domain whose addresses may not sign up. */
export interface BlockedEmailDomain {
  domain: string
  source: string | null
  createdAt: Date
}

const BATCH = 500

/** Of 'a.b.example' that, 'b.example' and 'example'. */
const withParents = (domain: string) => domain.split('.').map((_part, index, parts) => parts.slice(index).join('.'))
const canonicalDomain = (text: string) => domainToASCII(text.trim().toLowerCase().replace(/^@/, ''))

/** Throws EMAIL_DOMAIN_BLOCKED for an address of a domain, or below one, that is in the table or in `signup.blockDisposable`. */
export async function refuseBlockedDomain(auth: AuthContext, email: string | undefined) {
  const { blockDisposable } = auth.options.signup
  const domain = email?.split('@')[1]
  if (!blockDisposable || domain === undefined) return
  const names = withParents(domain)
  const listed = typeof blockDisposable === 'object' && names.some((name) => blockDisposable.has(name))
  if (listed || (await auth.db.authBlockedEmailDomain.count({ where: { domain: { in: names } } })) > 0) throw new AuthError('EMAIL_DOMAIN_BLOCKED')
}

/** Adds domains to the table; those in it already stay. Gives how many are new. */
export async function blockEmailDomains(auth: AuthContext, domains: Iterable<string>, { source = null }: { source?: string | null } = {}): Promise<number> {
  const all = [...new Set([...domains].map(canonicalDomain))]
  if (all.some((domain) => !domain.includes('.'))) throw invalidField('domains', 'must be domain names')
  return transaction(auth, async (auth) => {
    let added = 0
    for (let start = 0; start < all.length; start += BATCH) {
      const batch = all.slice(start, start + BATCH)
      const known = new Set(
        (await auth.db.authBlockedEmailDomain.findMany({ where: { domain: { in: batch } }, orderBy: { domain: 'asc' } })).map(({ domain }) => domain),
      )
      const fresh = batch.filter((domain) => !known.has(domain))
      if (fresh.length === 0) continue
      const data = fresh.map((domain) => ({ id: newId(auth.now(), auth.random), domain, source, createdAt: auth.now() }))
      added += (await auth.db.authBlockedEmailDomain.createMany({ data })).count
    }
    await recordAudit(auth, { event: 'email_domain.blocked', data: { count: added, source } })
    return added
  })
}

/** Takes a domain off the table. Throws NOT_FOUND. */
export async function unblockEmailDomain(auth: AuthContext, domain: string) {
  await transaction(auth, async (auth) => {
    const { count } = await auth.db.authBlockedEmailDomain.deleteMany({ where: { domain: canonicalDomain(domain) } })
    if (count === 0) throw new AuthError('NOT_FOUND')
    await recordAudit(auth, { event: 'email_domain.unblocked', data: { domain: canonicalDomain(domain) } })
  })
}

/** The table, by name. */
export async function listBlockedEmailDomains(
  auth: AuthContext,
  { after, limit = 100 }: { after?: string; limit?: number } = {},
): Promise<BlockedEmailDomain[]> {
  const rows = await auth.db.authBlockedEmailDomain.findMany({
    where: after === undefined ? {} : { domain: { gt: after } },
    orderBy: { domain: 'asc' },
    take: Math.min(Math.max(1, limit), 1000),
  })
  return rows.map(({ domain, source, createdAt }) => ({ domain, source, createdAt }))
}
