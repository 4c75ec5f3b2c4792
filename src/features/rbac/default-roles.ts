import type { AuthContext } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { GLOBAL } from './roles-of.ts'

/** Gives a new user the default roles there are outside tenants. In the transaction that makes the user; no query where there are known to be none. */
export async function giveDefaultRoles(auth: AuthContext, userId: string) {
  const roleIds = await idsOfDefaults(auth)
  if (roleIds.length === 0) return
  const now = auth.now()
  const membershipId = newId(now, auth.random)
  await auth.db.authMembership.createMany({ data: [{ id: membershipId, userId, scope: GLOBAL, createdAt: now, updatedAt: now }] })
  await auth.db.authMembershipRole.createMany({ data: roleIds.map((roleId) => ({ membershipId, roleId })) })
}

async function idsOfDefaults(auth: AuthContext): Promise<readonly string[]> {
  const { roles, feed } = auth.process
  if (feed.isReady() && roles.hasNoDefaults()) return []
  const epoch = feed.revocations.epoch()
  const ids = (await defaultRoles(auth, null)).map(({ id }) => id)
  // Kept only where nothing has changed since, and not before what this transaction does is there for all.
  auth.afterCommit(() => {
    if (ids.length === 0 && epoch === feed.revocations.epoch()) roles.rememberNoDefaults()
  })
  return ids
}

/** Active default roles, of every guard: a tenant's own for its new members, the global ones for new users. */
export const defaultRoles = (auth: AuthContext, tenantId: string | null) =>
  auth.db.authRole.findMany({ where: { scope: tenantId ?? GLOBAL, isDefault: true, isActive: true }, orderBy: { name: 'asc' } })
