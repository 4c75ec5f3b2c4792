import type { Request } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { actsForPlatform, ENTER_TENANT } from '../features/platform/act-for-platform.ts'
import { enterTenant, findTenant } from '../features/tenants/find-tenant.ts'
import { tokenTenant } from '../features/tenants/permitted.ts'
import type { TenantRow } from '../features/tenants/tables.ts'
import { requestInfo } from '../http/request-info.ts'
import type { RequestAuth } from '../shapes.ts'
import type { Guard } from './as-guard.ts'
import { attach } from './attach.ts'
import { tenantRequirement } from './guard-arguments.ts'
import { askingGuard } from './guards.ts'
import { inTenant } from './request-auth.ts'

export interface TenantRequirement {
  /** Where the request names its tenant, beside the token: a header (`tenants.header`), a path parameter, or the first label of the host. */
  from?: 'token' | 'header' | 'param' | 'subdomain'
  /** The path parameter; default 'tenantId'. */
  param?: string
}

/** Requests that carry one token share one object, made anew when the user's memberships or any tenant's status change. */
const entered = new WeakMap<RequestAuth, TenantRow>()

/**
 * Lets in whose session is in a tenant that is active, with an active membership. What the request itself names must be that tenant: there is one
 * source of truth. Staff whose session is in no tenant enter the one that the request names where their platform roles grant
 * `tenant:enter`, which is written to its audit trail. Throws TENANT_REQUIRED, TENANT_MISMATCH, TENANT_SUSPENDED, NOT_A_MEMBER. One query for each
 * token, none after.
 */
export function requireTenant(auth: AuthContext, requirement?: TenantRequirement): Guard {
  const { from, param } = tenantRequirement(requirement)
  const header = auth.options.tenants.header
  const nameOf: Record<typeof from, (req: Request) => string | undefined> = {
    token: () => undefined,
    header: (req) => req.get(header) ?? '',
    param: (req) => String(req.params[param] ?? ''),
    subdomain: (req) => req.hostname.split('.')[0]?.toLowerCase() ?? '',
  }
  return askingGuard(auth, (who, req) => {
    const named = [nameOf[from](req), req.get(header)].filter((name) => name !== undefined)
    if (named.includes('')) throw new AuthError('TENANT_REQUIRED')
    const tenantId = tokenTenant(who)
    if (tenantId === null && who.platformRoles.length > 0) return enterAsStaff(auth, who, req, named).then((staff) => attach(req, staff))
    if (tenantId === null) throw new AuthError(req.get(header) === undefined ? 'TENANT_REQUIRED' : 'TENANT_MISMATCH')
    const tenant = entered.get(who)
    if (tenant) return refuseOthers(tenant, named)
    return enterTenant(auth, who.user.id, tenantId).then((tenant) => {
      entered.set(who, tenant)
      return refuseOthers(tenant, named)
    })
  })
}

function refuseOthers({ id, slug }: TenantRow, named: readonly string[]): undefined {
  if (named.some((name) => name !== id && name !== slug)) throw new AuthError('TENANT_MISMATCH')
}

/** The request as one within the tenant that it names. */
async function enterAsStaff(auth: AuthContext, who: RequestAuth, req: Request, named: readonly string[]): Promise<RequestAuth> {
  const [name] = named
  if (name === undefined) throw new AuthError('TENANT_REQUIRED')
  const tenant = await findTenant(auth, name)
  if (tenant) refuseOthers(tenant, named)
  const here = { ...auth, request: { ...requestInfo(auth, req), actorId: who.user.id } }
  if (!tenant || !(await actsForPlatform(here, who, tenant, ENTER_TENANT))) throw new AuthError('NOT_A_MEMBER')
  if (tenant.status !== 'active') throw new AuthError('TENANT_SUSPENDED')
  return inTenant(who, tenant.id)
}
