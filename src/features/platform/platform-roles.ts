import type { AuthContext } from '../../context.ts'
import { DEFAULT_GUARD } from '../rbac/roles-of.ts'

/** The names of the active roles a user holds for the whole platform; none, and no query, where `platform` is off. */
export async function platformRolesOf(auth: AuthContext, userId: string): Promise<string[]> {
  if (!auth.options.platform.enabled) return []
  const where = { isActive: true as const, guard: DEFAULT_GUARD, platformAccess: { some: { platformAccess: { userId } } } }
  return (await auth.db.authRole.findMany({ where, orderBy: { name: 'asc' } })).map(({ name }) => name)
}
