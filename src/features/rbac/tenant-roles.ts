import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type Page, pageOf } from '../../paging.ts'
import { type Role, withContent } from './manage-roles.ts'
import { readContent } from './role-content.ts'
import { DEFAULT_GUARD } from './roles-of.ts'
import type { RoleRow } from './tables.ts'

/** A tenant's own roles, the newest first. Those of other guards are the app's alone. */
export const pageTenantRoles = (auth: AuthContext, tenantId: string, query: { cursor?: string; limit?: number }): Promise<Page<Role>> =>
  pageOf(query, async (after, take) => {
    const where = { scope: tenantId, guard: DEFAULT_GUARD, ...(after !== undefined && { id: { lt: after } }) }
    return present(auth, await auth.db.authRole.findMany({ where, orderBy: { id: 'desc' }, take }))
  })

/** One of them. Throws NOT_FOUND, the same for another tenant's. */
export async function findTenantRole(auth: AuthContext, tenantId: string, id: string): Promise<Role> {
  const row = await auth.db.authRole.findUnique({ where: { id } })
  const [role] = row?.id === id && row.scope === tenantId && row.guard === DEFAULT_GUARD ? await present(auth, [row]) : []
  if (!role) throw new AuthError('NOT_FOUND')
  return role
}

async function present(auth: AuthContext, rows: readonly RoleRow[]): Promise<Role[]> {
  const content = await readContent(auth, rows)
  return rows.map((row) => withContent(row, content.get(row.id)))
}
