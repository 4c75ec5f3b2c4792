import { type AuthContext, racingTransaction, transaction } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { type Page, pageOf } from '../../paging.ts'
import { findUserById } from '../accounts/find-user.ts'
import { lockUser } from '../accounts/lock-user.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { findRole } from '../rbac/assign-role.ts'
import { readPlatformRoles } from './platform-roles.ts'

export interface PlatformUser {
  id: string
  userId: string
  roles: string[]
  since: Date
}

async function roleIds(auth: AuthContext, names: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (const name of new Set(names)) {
    const role = await findRole(auth, name, {})
    if (!role) throw new AuthError('NOT_FOUND', { detail: `There is no role '${name}' outside tenants.` })
    ids.push(role.id)
  }
  return ids
}

const refuseOff = ({ options }: AuthContext) => {
  if (!options.platform.enabled) throw new AuthError('FEATURE_DISABLED', { detail: 'Platform roles are switched off: platform: { enabled: false }.' })
}

/** Gives a user roles for the whole platform, beside those they hold. They count from the next request on. Throws NOT_FOUND, FEATURE_DISABLED. */
export async function grantPlatformRoles(auth: AuthContext, userId: string, roles: readonly string[]): Promise<string[]> {
  refuseOff(auth)
  return racingTransaction(auth, (auth) => grant(auth, userId, roles))
}

async function grant(auth: AuthContext, userId: string, roles: readonly string[]): Promise<string[]> {
  await lockUser(auth, userId) // a revocation at the same moment takes no role along that it has not seen
  const ids = await roleIds(auth, roles)
  if (!(await findUserById(auth, userId))) throw new AuthError('NOT_FOUND')
  const known = await auth.db.authPlatformAccess.findUnique({ where: { userId } })
  const access = known ?? { id: newId(auth.now(), auth.random), userId, createdAt: auth.now() }
  if (!known) {
    await auth.db.authPlatformAccess.createMany({ data: [access] })
    // Processes that know of no staff ask again.
    await recordChanges(auth, 'permissions', [userId])
  }
  const held = new Set((await auth.db.authPlatformAccessRole.findMany({ where: { platformAccessId: { in: [access.id] } } })).map(({ roleId }) => roleId))
  const added = ids.filter((id) => !held.has(id))
  if (added.length > 0) await auth.db.authPlatformAccessRole.createMany({ data: added.map((roleId) => ({ platformAccessId: access.id, roleId })) })
  if (added.length > 0 || !known) await note(auth, 'platform.granted', userId, roles)
  return readPlatformRoles(auth, userId)
}

/** Takes roles, or all of them with the access itself, from the next request on. Those not held are no error. Throws NOT_FOUND, FEATURE_DISABLED. */
export async function revokePlatformRoles(auth: AuthContext, userId: string, roles?: readonly string[]): Promise<string[]> {
  refuseOff(auth)
  return transaction(auth, async (auth) => {
    await lockUser(auth, userId)
    const access = await auth.db.authPlatformAccess.findUnique({ where: { userId } })
    if (!access) throw new AuthError('NOT_FOUND')
    const ids = roles && (await roleIds(auth, roles))
    const taken = roles ?? (await readPlatformRoles(auth, userId))
    await auth.db.authPlatformAccessRole.deleteMany({ where: { platformAccessId: access.id, ...(ids && { roleId: { in: ids } }) } })
    await auth.db.authPlatformAccess.deleteMany({ where: { userId, roles: { none: {} } } })
    await note(auth, 'platform.revoked', userId, taken)
    return readPlatformRoles(auth, userId)
  })
}

async function note(auth: AuthContext, event: 'platform.granted' | 'platform.revoked', userId: string, roles: readonly string[]) {
  await recordChanges(auth, 'user.roles', [userId])
  await recordAudit(auth, { event, userId, data: { roles: [...roles] } })
  emit(auth, event, { userId, roles: [...roles] })
}

/** Who has platform roles, the newest first. Throws FEATURE_DISABLED. */
export async function listPlatformUsers(auth: AuthContext, query: { cursor?: string; limit?: number } = {}): Promise<Page<PlatformUser>> {
  refuseOff(auth)
  return pageOf(query, async (after, take) => {
    const rows = await auth.db.authPlatformAccess.findMany({ where: { ...(after !== undefined && { id: { lt: after } }) }, orderBy: { id: 'desc' }, take })
    return Promise.all(rows.map(async ({ id, userId, createdAt }) => ({ id, userId, roles: await readPlatformRoles(auth, userId), since: createdAt })))
  })
}
