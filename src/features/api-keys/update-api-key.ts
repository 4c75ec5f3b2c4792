import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { refuseExcess } from '../rbac/refuse-excess.ts'
import { checkApiKeyFields } from './create-api-key.ts'
import { type ApiKey, presentApiKey } from './list-api-keys.ts'
import type { ApiKeyRow } from './tables.ts'

export interface ApiKeyUpdate {
  name?: string | undefined
  /** Null: it does not end by itself. */
  expiresAt?: Date | null | undefined
  /** Null: all that the owner may do, roles included. */
  permissions?: readonly string[] | null | undefined
}

/** Changes a key for its next request. Throws NOT_FOUND for one that is revoked, PRIVILEGE_EXCEEDED, VALIDATION_FAILED. */
export async function updateApiKey(auth: AuthContext, row: ApiKeyRow, { name, expiresAt, permissions }: ApiKeyUpdate): Promise<ApiKey> {
  checkApiKeyFields(auth, { name, expiresAt, permissions })
  const { id, userId, tenantId } = row
  if (permissions) await refuseExcess(auth, userId, { tenantId, permissions, asStaff: false })
  const patch = {
    ...(name !== undefined && { name }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(permissions !== undefined && { permissions: permissions && [...new Set(permissions)].sort() }),
  }
  const fields = Object.keys(patch)
  if (fields.length === 0) return presentApiKey(row)
  await transaction(auth, async (auth) => {
    await write(auth, id, patch)
    await recordChanges(auth, 'api-key', [id])
    await recordAudit(auth, { event: 'api_key.updated', userId, tenantId, data: { keyId: id, fields } })
    emit(auth, 'api_key.updated', { userId, keyId: id, tenantId, fields })
  })
  return presentApiKey({ ...row, ...patch })
}

async function write(auth: AuthContext, id: string, { permissions, ...rest }: { name?: string; expiresAt?: Date | null; permissions?: string[] | null }) {
  const isWidened = permissions === null
  if (isWidened && (await auth.db.$executeRaw`UPDATE auth_access_keys SET permissions = NULL WHERE id = ${id} AND revoked_at IS NULL`) === 0)
    throw new AuthError('NOT_FOUND')
  const data = { ...rest, ...(permissions && { permissions }) }
  if (isWidened && Object.keys(data).length === 0) return
  const { count } = await auth.db.authAccessKey.updateMany({ where: { id, revokedAt: null }, data })
  if (count === 0) throw new AuthError('NOT_FOUND')
}
