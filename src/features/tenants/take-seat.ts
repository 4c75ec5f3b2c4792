import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { presentTenant } from './find-tenant.ts'
import { lockTenant } from './keep-owner.ts'
import type { TenantRow } from './tables.ts'

/**
 * Sees to it that a tenant has a place for this user among its active members, in the transaction that makes or wakes the membership. Throws
 * SEATS_TAKEN.
 */
export async function takeSeat(auth: AuthContext, tenant: TenantRow | null, userId: string) {
  const { maxMembers } = auth.options.tenants
  if (maxMembers === undefined || !tenant) return
  const seats = typeof maxMembers === 'number' ? maxMembers : await maxMembers(presentTenant(tenant))
  if (seats === null || seats === Number.POSITIVE_INFINITY) return
  if (!Number.isInteger(seats)) throw new TypeError('latchkey: tenants.maxMembers gives a whole number, or null')
  await lockTenant(auth, tenant.id)
  // Raw, and a write: an app's own transaction on MySQL reads what there was at its first reading, and counts in its writes what there is.
  const count = await auth.db.$executeRaw`
    UPDATE auth_tenants SET updated_at = updated_at
    WHERE id = ${tenant.id} AND
      (SELECT COUNT(*) FROM auth_memberships WHERE tenant_id = ${tenant.id} AND status = 'active' AND user_id <> ${userId}) < ${seats}`
  if (count === 0) throw new AuthError('SEATS_TAKEN')
}

/** Refuses where a newcomer would find no place, in the transaction in progress. Throws SEATS_TAKEN. */
export async function refuseWithoutSeat(auth: AuthContext, tenantId: string) {
  // Of no user: every active member counts.
  if (auth.options.tenants.maxMembers !== undefined) await takeSeat(auth, await auth.db.authTenant.findUnique({ where: { id: tenantId } }), '')
}
