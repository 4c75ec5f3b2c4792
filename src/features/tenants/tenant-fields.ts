import { domainToASCII } from 'node:url'
import type { AuthContext } from '../../context.ts'
import { isId } from '../../crypto/ids.ts'
import { AuthError, invalidField } from '../../errors.ts'
import type { JsonObject } from '../../json.ts'
import { isPlainText, isStorableJson } from '../../text.ts'
import { lockTenant } from './keep-owner.ts'

export interface TenantFields {
  name: string
  /** a-z, 0-9 and dashes, 2 to 63 of them; where left out, made of the name, and so that it is free. */
  slug?: string
  /** A host name, kept in lower case and ASCII. */
  domain?: string | null
  parentId?: string | null
  metadata?: JsonObject
  locale?: string | null
}

// An id is taken for an id wherever either may stand: a slug of that form could pass for another tenant.
const slugShape = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$/
const hostShape = /^[a-z0-9](?:[a-z0-9.-]{0,189}[a-z0-9])?$/
const slugOf = (name: string) =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')

const isText = (value: unknown): value is string => typeof value === 'string' && isPlainText(value)
const isSlug = (slug: unknown) => isText(slug) && slugShape.test(slug) && !isId(slug)
const isName = (name: unknown) => isText(name) && name.trim().length > 0 && name.length <= 120
// domainToASCII reads on to the first slash and no further.
const isDomain = (domain: unknown) => isText(domain) && /^[\p{L}\p{M}\p{N}.-]+$/u.test(domain) && hostShape.test(domainToASCII(domain))
const isLocale = (locale: unknown) => isText(locale) && locale.length <= 35
const isMetadata = (metadata: unknown) => typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) && isStorableJson(metadata)

/** Gives the domain as it is kept. Throws VALIDATION_FAILED. */
export function checkTenantFields({ name, slug, domain, parentId, metadata, locale }: Partial<TenantFields>): { domain?: string | null } {
  const errors = [
    ...(domain && !isDomain(domain) ? [{ path: 'domain', message: 'must be a host name of 191 characters at most' }] : []),
    ...(parentId && !isText(parentId) ? [{ path: 'parentId', message: 'must be the id of a tenant' }] : []),
    ...(locale && !isLocale(locale) ? [{ path: 'locale', message: 'must be 35 characters at most' }] : []),
    ...(name !== undefined && !isName(name) ? [{ path: 'name', message: 'must be 1 to 120 characters on one line' }] : []),
    ...(metadata !== undefined && !isMetadata(metadata) ? [{ path: 'metadata', message: 'must be an object of JSON that can be stored' }] : []),
    ...(slug !== undefined && !isSlug(slug)
      ? [{ path: 'slug', message: "must be 2 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit, and not of the form of an id" }]
      : []),
  ]
  if (errors.length > 0) throw new AuthError('VALIDATION_FAILED', { errors })
  return domain === undefined ? {} : { domain: domain ? domainToASCII(domain) : null }
}

/** Nobody chose it, so it gives way to one that is there; a name of which nothing can be made, such as one in another script, gets one of no meaning. */
export async function freeSlug(auth: AuthContext, name: string): Promise<string> {
  const made = isName(name) ? slugOf(name) : ''
  if (isSlug(made) && !(await auth.db.authTenant.findUnique({ where: { slug: made } }))) return made
  const rest = Buffer.from(auth.random(6)).toString('hex')
  return `${isSlug(made) ? made.slice(0, 50) : 'tenant'}-${rest}`
}

/**
 * Throws NOT_FOUND for a parent that does not exist, VALIDATION_FAILED for a circle: a tenant below itself. Each one above is locked before it is looked
 * at, so that two changes which only together close a circle do not pass each other. In the transaction that writes it.
 */
export async function checkParent(auth: AuthContext, id: string, parentId: string) {
  const seen = new Set([id])
  for (let above: string | null = parentId; above !== null; ) {
    if (seen.has(above)) throw invalidField('parentId', 'must not be the tenant itself or one below it')
    await lockTenant(auth, above)
    const parent: { parentId: string | null } | null = await auth.db.authTenant.findUnique({ where: { id: above } })
    if (!parent) throw new AuthError('NOT_FOUND', { detail: 'There is no such parent.' })
    seen.add(above)
    above = parent.parentId
  }
}
