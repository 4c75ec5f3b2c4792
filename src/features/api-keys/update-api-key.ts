import { type AuthContext, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { refuseExcess } from '../rbac/refuse-excess.ts'
import { checkApiKeyFields } from './create-api-key.ts'
import { type ApiKey, presentApiKey } from './list-api-keys.ts'

export interface ApiKeyUpdate {
  name?: string | undefined
  /** Null: it does not end by itself. */
  expiresAt?: Date | null | undefined
  permissions?: readonly string[] | undefined
}

/** Changes a user's own key, for its next request. Throws NOT_FOUND, PRIVILEGE_EXCEEDED, VALIDATION_FAILED. */
export async function updateApiKey(auth: AuthContext, userId: string, id: string, { name, expiresAt, permissions }: ApiKeyUpdate): Promise<ApiKey> {
  checkApiKeyFields(auth, { name, expiresAt, permissions })
  const row = await auth.db.authAccessKey.findUnique({ where: { id } })
  if (!row || row.userId !== userId || row.revokedAt !== null) throw new AuthError('NOT_FOUND')
  const { tenantId } = row
  if (permissions) await refuseExcess(auth, userId, { tenantId, permissions, asStaff: false })
  const patch = {
    ...(name !== undefined && { name }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(permissions && { permissions: [...new Set(permissions)].sort() }),
  }
  const fields = Object.keys(patch)
  if (fields.length === 0) return presentApiKey(row)
  await transaction(auth, async (auth) => {
    const { count } = await auth.db.authAccessKey.updateMany({ where: { id, userId, revokedAt: null }, data: patch })
    if (count === 0) throw new AuthError('NOT_FOUND')
    await recordChanges(auth, 'api-key', [id])
    await recordAudit(auth, { event: 'api_key.updated', userId, tenantId, data: { keyId: id, fields } })
    auth.emit('api_key.updated', { at: auth.now(), userId, keyId: id, tenantId, fields })
  })
  return presentApiKey({ ...row, ...patch })
}
