import type { Request, RequestHandler } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { enterTenant } from '../features/tenants/find-tenant.ts'
import type { TenantRow } from '../features/tenants/tables.ts'
import type { RequestAuth } from '../shapes.ts'
import { askingGuard } from './step-up.ts'

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
 * source of truth. Throws TENANT_REQUIRED, TENANT_MISMATCH, TENANT_SUSPENDED, NOT_A_MEMBER. One query for each token, none after.
 */
export function requireTenant(auth: AuthContext, { from = 'token', param = 'tenantId' }: TenantRequirement = {}): RequestHandler {
  const header = auth.options.tenants.header
  const nameOf: Record<typeof from, (req: Request) => string | undefined> = {
    token: () => undefined,
    header: (req) => req.get(header) ?? '',
    param: (req) => String(req.params[param] ?? ''),
    subdomain: (req) => req.hostname.split('.')[0] ?? '',
  }
  return askingGuard(auth, async (who, req) => {
    if (who.tenantId === null) throw new AuthError('TENANT_REQUIRED')
    const tenant = entered.get(who) ?? (await enterTenant(auth, who.user.id, who.tenantId))
    entered.set(who, tenant)
    const named = [nameOf[from](req), req.get(header)].filter((name) => name !== undefined)
    if (named.includes('')) throw new AuthError('TENANT_REQUIRED')
    if (named.some((name) => name !== tenant.id && name !== tenant.slug)) throw new AuthError('TENANT_MISMATCH')
  })
}
