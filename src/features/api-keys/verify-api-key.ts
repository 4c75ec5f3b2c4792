import type { AuthContext } from '../../context.ts'
import { isSameHash, readApiKeyText } from '../../crypto/api-key.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { findUserById } from '../accounts/find-user.ts'
import { isSuspended } from '../accounts/present-user.ts'
import { both, type Granted, grantedBy } from '../rbac/grants.ts'
import { grantedTo } from '../rbac/permissions-of.ts'
import { rolesOf } from '../rbac/roles-of.ts'
import { isMember } from '../tenants/find-tenant.ts'
import type { VerifiedKey } from './key-cache.ts'
import { permissionsOfKey } from './list-api-keys.ts'

// Long enough that no key costs a write per request, short enough to see what is in use.
const USE_WRITTEN_EVERY_MS = 60_000

/** A key that was verified before; undefined where a query is needed first. Throws API_KEY_INVALID for one that has expired. */
export function verifyCachedKey(auth: AuthContext, key: string, known = auth.process.apiKeys.get(key)): VerifiedKey | undefined {
  if (!known || auth.options.sessions.check === 'database' || !auth.process.feed.isReady()) return undefined
  const now = auth.now()
  const isOver = known.expiresAt !== null && known.expiresAt <= now
  // Like a token, a key lives on without the database for so long at most.
  const isOld = now.getTime() - known.verifiedAt >= auth.options.tokens.accessTtl * 1000
  if (!isOver && !isOld) return known
  auth.process.apiKeys.delete(key)
  if (isOver) throw new AuthError('API_KEY_INVALID')
  return undefined
}

/** Likewise, for any key. What cannot be one is refused without a query. A key of a suspended owner, a former member or a suspended tenant is none. */
export async function verifyApiKey(auth: AuthContext, key: string): Promise<VerifiedKey> {
  const parts = readApiKeyText(key)
  if (!parts) throw new AuthError('API_KEY_INVALID')
  await auth.process.feed.ready(auth)
  const known = verifyCachedKey(auth, key)
  if (known) return known
  const epoch = auth.process.feed.revocations.epoch()
  const row = await auth.db.authAccessKey.findUnique({ where: { publicId: parts.publicId } })
  const isLive = row !== null && isSameHash(row.secretHash, parts.hash) && row.revokedAt === null && (row.expiresAt === null || row.expiresAt > auth.now())
  if (!isLive || !(await hasOwner(auth, row.userId, row.tenantId))) throw new AuthError('API_KEY_INVALID')
  const { id: keyId, userId, tenantId, expiresAt } = row
  const ownerRoles = await rolesOf(auth, userId, tenantId)
  const verified: VerifiedKey = {
    keyId,
    countedAs: `api-key use ${keyId}`,
    userId,
    tenantId,
    expiresAt,
    permissions: permissionsOfKey(row),
    ownerRoles,
    usedAt: row.lastUsedAt?.getTime() ?? 0,
    verifiedAt: auth.now().getTime(),
    map: null,
  }
  // What changed while it was read may be about this key: then it is read again next time.
  if (!auth.inTransaction && epoch === auth.process.feed.revocations.epoch()) auth.process.apiKeys.set(key, verified)
  return verified
}

async function hasOwner(auth: AuthContext, userId: string, tenantId: string | null): Promise<boolean> {
  const user = await findUserById(auth, userId)
  if (!user || isSuspended(user, auth.now())) return false
  return tenantId === null || isMember(auth, userId, tenantId)
}

/** What the key grants now: never more than its owner may do at this moment. */
export async function grantedToKey(
  auth: AuthContext,
  { userId, tenantId, permissions, ownerRoles }: VerifiedKey,
): Promise<{ roles: readonly string[]; granted: Granted }> {
  const roles = auth.options.rbac.resolveRoles ? await rolesOf(auth, userId, tenantId) : ownerRoles
  const ofOwner = await grantedTo(auth, { userId, tenantId, roles })
  return permissions === null ? { roles, granted: ofOwner } : { roles: [], granted: both(grantedBy(permissions), ofOwner) }
}

/** Whether it is a minute since the key's use was last written down. */
export const isUseDue = ({ usedAt }: VerifiedKey, at: Date) => at.getTime() - usedAt >= USE_WRITTEN_EVERY_MS

/** Writes down that a key is in use, once a minute at most and beside the request. */
export function noteUse(auth: AuthContext, verified: VerifiedKey, at = auth.now()) {
  if (!isUseDue(verified, at)) return
  verified.usedAt = at.getTime()
  const { keyId: id, userId, tenantId } = verified
  const write = auth.db.authAccessKey
    .updateMany({ where: { id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lt: at } }] }, data: { lastUsedAt: at } })
    .catch((err: unknown) => auth.log.warn({ err }, 'the use of an API key could not be written down'))
  auth.process.apiKeys.behind(write)
  emit(auth, 'api_key.used', { userId, keyId: id, tenantId })
}

/** For services: whose key it is and what it may do now. Throws API_KEY_INVALID. */
export async function describeApiKey(auth: AuthContext, key: string) {
  const verified = await verifyApiKey(auth, key)
  const { roles, granted } = await grantedToKey(auth, verified)
  noteUse(auth, verified)
  const { keyId, userId, tenantId, expiresAt } = verified
  return { keyId, userId, tenantId, expiresAt, roles: [...roles], permissions: granted.list() }
}
