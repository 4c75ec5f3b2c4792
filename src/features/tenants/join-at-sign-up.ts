import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { UserRow } from '../accounts/tables.ts'
import { findTenant } from './find-tenant.ts'
import { addMember } from './manage-members.ts'
import { createTenant, type NewTenant } from './manage-tenants.ts'

export interface TenantAtSignUp {
  /** An id or slug. */
  tenant?: string
  newTenant?: Pick<NewTenant, 'name' | 'slug'>
}

/**
 * What a sign-up asked for of tenants, in its transaction: a tenant of one's own with the owner role, or joining one that is open. Being named by the client never makes a
 * membership by itself (regression 7). Throws INVITATION_REQUIRED, FEATURE_DISABLED, SLUG_TAKEN, TENANT_SUSPENDED.
 */
export async function joinAtSignUp(auth: AuthContext, user: UserRow, { tenant, newTenant }: TenantAtSignUp): Promise<string | undefined> {
  const { mode, selfService, openSignup } = auth.options.tenants
  if (tenant === undefined && newTenant === undefined) return undefined
  if (mode === 'off') throw new AuthError('FEATURE_DISABLED')
  if (newTenant !== undefined) {
    if (!selfService) throw new AuthError('FORBIDDEN', { detail: 'Tenants are not made at sign-up here.' })
    return (await createTenant(auth, { ...newTenant, ownerId: user.id })).id
  }
  const found = openSignup ? await findTenant(auth, tenant ?? '') : null
  if (!found) throw new AuthError('INVITATION_REQUIRED')
  if (found.status !== 'active') throw new AuthError('TENANT_SUSPENDED')
  await addMember(auth, { userId: user.id, tenantId: found.id })
  return found.id
}
