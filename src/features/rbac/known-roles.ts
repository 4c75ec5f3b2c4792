import type { AuthContext } from '../../context.ts'
import { twoGenerations } from '../../two-generations.ts'
import { platformRolesOf } from '../platform/platform-roles.ts'
import { isMember } from '../tenants/find-tenant.ts'
import { rolesOf } from './roles-of.ts'

/** What a session's next token says of its user. */
export interface Standing {
  /** The tenant of the session, null while the user is not in it, or nobody is. */
  tenantId: string | null
  roles: readonly string[]
  platformRoles: readonly string[]
}

/** Users' roles as this process last read them, until the change feed tells of a change. */
export interface KnownRoles {
  readonly get: (userId: string, tenantId: string | null) => Standing | undefined
  readonly set: (userId: string, tenantId: string | null, standing: Standing) => void
  readonly forget: (kind: string, subjectId: string) => void
}

/** Bounded, by user. */
export function createKnownRoles(capacity = 20_000): KnownRoles {
  const users = twoGenerations<Map<string | null, Standing>>(capacity)
  return {
    get: (userId, tenantId) => users.get(userId)?.get(tenantId),
    set: (userId, tenantId, standing) => users.set(userId, (users.get(userId) ?? new Map<string | null, Standing>()).set(tenantId, standing)),
    forget: (kind, subjectId) => {
      if (kind === 'roles') users.clear()
      if (kind === 'user.roles') users.delete(subjectId)
    },
  }
}

/**
 * The standing of a session's user, from memory where this process has read it and nothing has changed. A change of another process that has not been
 * read yet does no harm: whoever verifies the token meets it in the feed and asks again. In a
 * transaction, which may have changed it itself, only where `mayRemember` says that it has not.
 */
export async function standingOf(
  auth: AuthContext,
  userId: string,
  tenantId: string | null,
  { mayRemember = !auth.inTransaction }: { mayRemember?: boolean } = {},
): Promise<Standing> {
  const { knownRoles, feed } = auth.process
  const mayKeep = feed.isReady() && mayRemember && auth.options.rbac.resolveRoles === undefined
  const known = mayKeep ? knownRoles.get(userId, tenantId) : undefined
  if (known) return known
  const epoch = feed.revocations.epoch()
  const isIn = tenantId === null || (await isMember(auth, userId, tenantId))
  const roles = isIn ? await rolesOf(auth, userId, tenantId) : []
  const standing = { tenantId: isIn ? tenantId : null, roles, platformRoles: await platformRolesOf(auth, userId) }
  if (mayKeep) auth.afterCommit(() => epoch === feed.revocations.epoch() && knownRoles.set(userId, tenantId, standing))
  return standing
}
