import type { AuthContext } from '../../context.ts'
import { invalidField } from '../../errors.ts'
import { type Page, pageOf } from '../../paging.ts'
import { type Membership, presentAll } from './manage-members.ts'
import type { MemberFilter } from './tables.ts'

/** A membership with whose it is. */
export interface Member extends Membership {
  user: { id: string; email: string | null; phone: string | null; username: string | null }
}

export interface MemberQuery {
  /** Members of this tenant. */
  tenantId?: string
  /** The memberships of this user. */
  userId?: string
  status?: 'active' | 'suspended'
  cursor?: string
  /** 1 to 200; 50 where it is left out. */
  limit?: number
}

/** Memberships of a tenant or of a user, the newest first. Throws VALIDATION_FAILED where neither is named: that would be everybody's. */
export async function listMembers(auth: AuthContext, { tenantId, userId, status, ...query }: MemberQuery): Promise<Page<Member>> {
  if (tenantId === undefined && userId === undefined) throw invalidField('tenantId', 'give one of tenantId and userId')
  const { data, nextCursor } = await pageOf(query, async (after, take) => {
    const where: MemberFilter = {
      ...(tenantId === undefined ? { tenantId: { not: null } } : { scope: tenantId }),
      ...(userId !== undefined && { userId }),
      ...(status !== undefined && { status }),
      ...(after !== undefined && { id: { lt: after } }),
    }
    return presentAll(auth, await auth.db.authMembership.findMany({ where, orderBy: { id: 'desc' }, take }))
  })
  return { data: await withUsers(auth, data), nextCursor }
}

async function withUsers(auth: AuthContext, memberships: readonly Membership[]): Promise<Member[]> {
  const ids = memberships.map(({ userId }) => userId)
  const rows = ids.length === 0 ? [] : await auth.db.authUser.findMany({ where: { id: { in: ids } }, orderBy: { id: 'desc' }, take: ids.length })
  const users = new Map(rows.map(({ id, email, phone, username }) => [id, { id, email, phone, username }]))
  // Whoever was deleted between the two readings is in no tenant any more.
  return memberships.flatMap((one) => {
    const user = users.get(one.userId)
    return user ? [{ ...one, user }] : []
  })
}
