import type { AuthContext } from '../../context.ts'
import { type Page, pageOf } from '../../paging.ts'
import type { UserRecord } from '../../shapes.ts'
import { DEFAULT_GUARD } from '../rbac/roles-of.ts'
import { presentRecord } from './present-user.ts'
import type { UserFilter, UserRow } from './tables.ts'

export interface UserQuery {
  /** Part of an address, number or username. */
  search?: string
  status?: 'active' | 'suspended'
  /** Members of this tenant, by its id. */
  tenantId?: string
  /** Who hold a role of this name: in the tenant where one is named, otherwise anywhere. */
  role?: string
  cursor?: string
  /** 1 to 200; 50 where it is left out. */
  limit?: number
}

// `_` and `%` are wildcards to SQL, and how they are escaped differs from one dialect to the next; rows found by them are sorted out here.
const PAGES = 20

/** Users, the newest first. */
export async function listUsers(auth: AuthContext, query: UserQuery = {}): Promise<Page<UserRecord>> {
  const { search, status, tenantId, role } = query
  const held = role === undefined ? {} : { roles: { some: { role: { name: role, guard: DEFAULT_GUARD } } } }
  const membership =
    tenantId === undefined && role === undefined ? {} : { memberships: { some: { ...(tenantId !== undefined && { scope: tenantId }), ...held } } }
  const contains = search?.trim().toLowerCase()
  const isFound = ({ email, username, phone }: UserRow) => !contains || [email, username, phone].some((text) => text?.includes(contains))
  return pageOf(query, async (after, take) => {
    const found: UserRow[] = []
    for (let page = 0, last = after; page < PAGES && found.length < take; page++) {
      const where: UserFilter = {
        ...(status !== undefined && { status }),
        ...membership,
        ...(contains && { OR: [{ email: { contains } }, { username: { contains } }, { phone: { contains } }] }),
        ...(last !== undefined && { id: { lt: last } }),
      }
      const rows = await auth.db.authUser.findMany({ where, orderBy: { id: 'desc' }, take })
      found.push(...rows.filter(isFound))
      if (rows.length < take) break
      last = rows.at(-1)?.id
    }
    return found.slice(0, take).map((row) => presentRecord(row, auth.now()))
  })
}
