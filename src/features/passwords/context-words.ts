import type { AuthContext } from '../../context.ts'
import { findInvitation } from '../invitations/find-invitation.ts'
import type { MemberRegistration } from '../invitations/register-member.ts'
import { findTenant } from '../tenants/find-tenant.ts'

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
  const { name, slug } = newTenant ?? found ?? {}
  return [...own, invited?.email, invited?.phone, slug, name, name?.replaceAll(/[^\p{L}\p{N}]+/gu, '')].filter((word) => typeof word === 'string')
}
