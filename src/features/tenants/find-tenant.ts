import type { AuthContext } from '../../context.ts'
import { isId } from '../../crypto/ids.ts'
import { AuthError } from '../../errors.ts'
import type { JsonObject } from '../../json.ts'
import { isPlainText } from '../../text.ts'
import type { MemberRow, TenantRow } from './tables.ts'

export interface Tenant {
  id: string
  slug: string
  name: string
  domain: string | null
  parentId: string | null
  status: 'active' | 'suspended'
  metadata: JsonObject
  locale: string | null
  createdAt: Date
  updatedAt: Date
}

export const presentTenant = ({ status, metadata, ...row }: TenantRow): Tenant => ({
  ...row,
  status: status === 'suspended' ? 'suspended' : 'active',
  metadata: (metadata ?? {}) as JsonObject,
})

/** A tenant by its id or its slug, compared exactly; null where there is none. */
export async function findTenant(auth: AuthContext, idOrSlug: string): Promise<TenantRow | null> {
  if (!isPlainText(idOrSlug)) return null
  const row = await auth.db.authTenant.findUnique({ where: isId(idOrSlug) ? { id: idOrSlug } : { slug: idOrSlug } })
  return row && (row.id === idOrSlug || row.slug === idOrSlug) ? row : null
}

/** A user's membership of a tenant, whatever its status. */
export async function findMembership(auth: AuthContext, userId: string, tenantId: string): Promise<MemberRow | null> {
  const [row] = await auth.db.authMembership.findMany({ where: { userId, scope: tenantId }, orderBy: { id: 'asc' } })
  return row && row.userId === userId && row.scope === tenantId ? row : null
}

/** Whether a user is an active member of a tenant that is active. One query. */
export async function isMember(auth: AuthContext, userId: string, tenantId: string): Promise<boolean> {
  const where = { userId, scope: tenantId, status: 'active', tenant: { status: 'active' } }
  return (await auth.db.authMembership.findMany({ where, orderBy: { id: 'asc' } })).length > 0
}

/** The tenant that a user may be in now. Throws NOT_A_MEMBER, the same for a tenant that does not exist; TENANT_SUSPENDED. */
export async function enterTenant(auth: AuthContext, userId: string, idOrSlug: string): Promise<TenantRow> {
  const tenant = await findTenant(auth, idOrSlug)
  const membership = tenant && (await findMembership(auth, userId, tenant.id))
  if (!tenant || membership?.status !== 'active') throw new AuthError('NOT_A_MEMBER')
  if (tenant.status !== 'active') throw new AuthError('TENANT_SUSPENDED')
  return tenant
}
