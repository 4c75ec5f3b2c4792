import type { AuthContext } from '../../context.ts'
import { type Page, pageOf } from '../../paging.ts'
import type { UserRecord } from '../../shapes.ts'
import { presentRecord } from './present-user.ts'
import type { UserFilter } from './tables.ts'

export interface UserQuery {
  /** Part of an address, number or username. */
  search?: string
  status?: 'active' | 'suspended'
  cursor?: string
  /** 1 to 200; 50 where it is left out. */
  limit?: number
}

/** Users, the newest first. */
export async function listUsers(auth: AuthContext, query: UserQuery = {}): Promise<Page<UserRecord>> {
  const { search, status } = query
  const contains = search?.trim().toLowerCase()
  return pageOf(query, async (after, take) => {
    const where: UserFilter = {
      ...(status !== undefined && { status }),
      ...(contains && { OR: [{ email: { contains } }, { username: { contains } }, { phone: { contains } }] }),
      ...(after !== undefined && { id: { lt: after } }),
    }
    const rows = await auth.db.authUser.findMany({ where, orderBy: { id: 'desc' }, take })
    return rows.map((row) => presentRecord(row, auth.now()))
  })
}
