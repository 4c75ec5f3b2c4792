import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import type { ApiKeyRow } from './tables.ts'

/** Ends a key, here at once and through the feed in other processes; where `userId` is given, only one of that user's. Throws NOT_FOUND. */
export async function revokeApiKey(auth: AuthContext, id: string, { userId }: { userId?: string } = {}) {
  await transaction(auth, async (auth) => {
    const row = await auth.db.authAccessKey.findUnique({ where: { id } })
    if (!row || (userId !== undefined && row.userId !== userId)) throw new AuthError('NOT_FOUND')
    if ((await endApiKeys(auth, [row])) === 0) throw new AuthError('NOT_FOUND')
  })
}

/** Ends keys in the transaction in progress; gives how many were live. */
export async function endApiKeys(auth: AuthContext, rows: readonly ApiKeyRow[]): Promise<number> {
  if (rows.length === 0) return 0
  const ids = rows.map(({ id }) => id)
  const { count } = await auth.db.authAccessKey.updateMany({ where: { id: { in: ids }, revokedAt: null }, data: { revokedAt: auth.now() } })
  if (count === 0) return 0
  await recordChanges(auth, 'api-key', ids)
  const event = 'api_key.revoked'
  await recordAudit(auth, ...rows.map(({ id: keyId, userId, tenantId, name }) => ({ event, userId, tenantId, data: { keyId, name } })))
  for (const { id: keyId, userId, tenantId } of rows) emit(auth, event, { userId, keyId, tenantId })
  return count
}
