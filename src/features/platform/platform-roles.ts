import type { AuthContext } from '../../context.ts'
import { DEFAULT_GUARD } from '../rbac/roles-of.ts'

/** The names of the active roles a user holds for the whole platform; none, and no query, where `platform` is off or there is no staff. */
export async function platformRolesOf(auth: AuthContext, userId: string): Promise<string[]> {
  return auth.options.platform.enabled && (await hasStaff(auth)) ? readPlatformRoles(auth, userId) : []
}

/** Most apps have none: then nobody's roles are asked for, until the change feed tells of the first. */
async function hasStaff(auth: AuthContext): Promise<boolean> {
  const { roles, feed } = auth.process
  if (!feed.isReady()) return true
  const known = roles.hasStaff()
  if (known !== undefined) return known
  const epoch = feed.revocations.epoch()
  const found = (await auth.db.authPlatformAccess.count({ where: {} })) > 0
  auth.afterCommit(() => {
    if (epoch === feed.revocations.epoch()) roles.rememberStaff(found)
  })
  return found
}

/** The same, asked of the database whatever is known: in the transaction that changes it. */
export async function readPlatformRoles(auth: AuthContext, userId: string): Promise<string[]> {
  const where = { isActive: true as const, guard: DEFAULT_GUARD, platformAccess: { some: { platformAccess: { userId } } } }
  return (await auth.db.authRole.findMany({ where, orderBy: { name: 'asc' } })).map(({ name }) => name)
}
