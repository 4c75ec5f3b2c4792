import { type AuthContext, transaction } from '../../context.ts'
import { createApiKeyText } from '../../crypto/api-key.ts'
import { newId } from '../../crypto/ids.ts'
import { emit } from '../../emit.ts'
import { AuthError, invalidField } from '../../errors.ts'
import { isMissingParent } from '../../prisma-errors.ts'
import { isPlainText } from '../../text.ts'
import { findUserById } from '../accounts/find-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { notifyOwner } from '../messages/queue-message.ts'
import { checkPermissionName } from '../rbac/manage-permissions.ts'
import { refuseExcess } from '../rbac/refuse-excess.ts'
import { holdAccount } from '../sessions/hold-account.ts'
import { isMember } from '../tenants/find-tenant.ts'
import { lockTenant } from '../tenants/keep-owner.ts'
import { type ApiKey, presentApiKey } from './list-api-keys.ts'
import type { ApiKeyRow } from './tables.ts'

export interface NewApiKey {
  userId: string
  name: string
  /** Left out: it does not end by itself. */
  expiresAt?: Date | null
  /** Just these, none of them beyond what the owner may do. Left out: all that the owner may do, roles included. */
  permissions?: readonly string[] | null
  /** It acts in this tenant; left out, outside tenants. */
  tenantId?: string | null
}

const MOST_PERMISSIONS = 200

/**
 * Makes a key and gives it with `key`, which is kept nowhere and shown this once. The owner is told. Throws NOT_FOUND for a user, or a tenant one is no active member of, PRIVILEGE_EXCEEDED,
 * VALIDATION_FAILED.
 */
export async function createApiKey(auth: AuthContext, input: NewApiKey): Promise<ApiKey & { key: string }> {
  const { userId, name, expiresAt = null, permissions = null, tenantId = null } = input
  checkApiKeyFields(auth, { name, expiresAt, permissions })
  const user = await findUserById(auth, userId)
  if (!user || !(await isThere(auth, userId, tenantId))) throw new AuthError('NOT_FOUND')
  if (permissions !== null) await refuseExcess(auth, userId, { tenantId, permissions, asStaff: false })
  const now = auth.now()
  const { key, publicId, hash } = createApiKeyText(auth.random)
  const own = permissions === null ? null : [...new Set(permissions)].sort()
  const row = { id: newId(now, auth.random), userId, tenantId, publicId, secretHash: hash, name, createdAt: now, expiresAt, lastUsedAt: null, revokedAt: null }
  await transaction(auth, (auth) => write(auth, user, row, own)).catch(asGone)
  return { ...presentApiKey({ ...row, permissions: own }), key }
}

async function write(auth: AuthContext, user: UserRow, row: Omit<ApiKeyRow, 'permissions'>, permissions: string[] | null) {
  const { id, userId, tenantId, name } = row
  // Asked again: who is taken out meanwhile leaves no key behind.
  if (tenantId !== null) await lockTenant(auth, tenantId)
  await holdAccount(auth, userId)
  if (!(await isThere(auth, userId, tenantId))) throw new AuthError('NOT_FOUND')
  await auth.db.authAccessKey.createMany({ data: [{ ...row, ...(permissions && { permissions }) }] })
  await recordAudit(auth, { event: 'api_key.created', userId, tenantId, data: { keyId: id, name } })
  await notifyOwner(auth, user, 'api_key_created', [`Name: ${name}`])
  emit(auth, 'api_key.created', { userId, keyId: id, tenantId })
}

const isThere = async (auth: AuthContext, userId: string, tenantId: string | null) => tenantId === null || isMember(auth, userId, tenantId)

/** The user was deleted in the meantime. */
function asGone(cause: unknown): never {
  throw isMissingParent(cause) ? new AuthError('NOT_FOUND', { cause }) : cause
}

/** Throws VALIDATION_FAILED. */
export function checkApiKeyFields(
  auth: AuthContext,
  { name, expiresAt, permissions }: { [Field in 'name' | 'expiresAt' | 'permissions']?: NewApiKey[Field] | undefined },
) {
  if (name !== undefined && (name.length < 1 || name.length > 100 || !isPlainText(name))) throw invalidField('name', 'must be 1 to 100 characters on one line')
  if (expiresAt && !(expiresAt > auth.now())) throw invalidField('expiresAt', 'must lie in the future')
  if (permissions && permissions.length > MOST_PERMISSIONS) throw invalidField('permissions', `must be ${MOST_PERMISSIONS} at most`)
  for (const one of permissions ?? []) checkPermissionName(one)
}
