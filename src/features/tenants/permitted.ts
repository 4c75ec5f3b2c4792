import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { RequestAuth } from '../../shapes.ts'
import { actsForPlatform } from '../platform/act-for-platform.ts'
import { grants } from '../rbac/grants.ts'
import { permissionsOf } from '../rbac/permissions-of.ts'
import { tenantNamed } from '../sessions/token-claims.ts'
import { enterTenant, findMembership, findTenant } from './find-tenant.ts'
import type { TenantRow } from './tables.ts'

/**
 * The tenant of a path, for someone who may do this there now. A tenant one is not in is as one that does not exist: NOT_FOUND. The
 * tenant of the path must be that of the session (TENANT_MISMATCH, R-161). Staff whose platform roles grant it may do it in any tenant. Throws
 * NOT_A_MEMBER for a membership that is suspended, TENANT_SUSPENDED, FORBIDDEN.
 */
export async function permitted(auth: AuthContext, who: RequestAuth, idOrSlug: string, permission: string | null): Promise<TenantRow> {
  const tenant = await findTenant(auth, idOrSlug)
  if (!tenant) throw new AuthError('NOT_FOUND')
  const membership = await findMembership(auth, who.user.id, tenant.id)
  const named = namedBy(auth)
  const isNamed = named === undefined || named === tenant.id || named === tenant.slug
  if (membership?.status !== 'active') {
    if (isNamed && (await actsForPlatform(auth, who, tenant, permission))) return tenant
    throw new AuthError(membership ? 'NOT_A_MEMBER' : 'NOT_FOUND')
  }
  const own = tokenTenant(who)
  if ((own !== null && own !== tenant.id) || !isNamed) throw new AuthError('TENANT_MISMATCH')
  if (tenant.status !== 'active') throw new AuthError('TENANT_SUSPENDED')
  if (permission === null || grants(await permissionsOf(auth, who.user.id, { tenantId: tenant.id }), permission)) return tenant
  if (await actsForPlatform(auth, who, tenant, permission)) return tenant
  throw new AuthError('FORBIDDEN')
}

const namedBy = ({ request, options }: AuthContext) => request?.req?.get(options.tenants.header)

/** The tenant that a request's token names. Someone who is in it no more, or whose tenant is suspended, acts in none, but their token still says which it was. */
export const tokenTenant = ({ tenantId, claims }: Pick<RequestAuth, 'tenantId' | 'claims'>): string | null => tenantId ?? tenantNamed(claims)

/**
 * What a request names in its header must be the tenant that its token stands for. What acts in the tenant (`isWithin`) asks of its user to be
 * an active member there too; one's own sessions and password are nobody else's to close. No query where the request names none. Throws
 * TENANT_MISMATCH, NOT_A_MEMBER, TENANT_SUSPENDED.
 */
export async function refuseOtherTenant(auth: AuthContext, who: RequestAuth, { isWithin = false } = {}) {
  const named = auth.options.tenants.mode === 'off' ? undefined : namedBy(auth)
  if (named === undefined) return
  const tenantId = tokenTenant(who)
  if (tenantId === null || (named !== tenantId && (await findTenant(auth, named))?.id !== tenantId)) throw new AuthError('TENANT_MISMATCH')
  if (isWithin) await enterTenant(auth, who.user.id, tenantId)
}
