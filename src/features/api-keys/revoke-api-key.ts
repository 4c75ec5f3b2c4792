import { type AuthContext, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'

/** Ends a key, here at once and through the feed in other processes; where `userId` is given, only one of that user's. Throws NOT_FOUND. */
export async function revokeApiKey(auth: AuthContext, id: string, { userId }: { userId?: string } = {}) {
  await transaction(auth, async (auth) => {
    const row = await auth.db.authAccessKey.findUnique({ where: { id } })
    if (!row || (userId !== undefined && row.userId !== userId)) throw new AuthError('NOT_FOUND')
    const { count } = await auth.db.authAccessKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: auth.now() } })
    if (count === 0) throw new AuthError('NOT_FOUND')
    await recordChanges(auth, 'api-key', [id])
    await recordAudit(auth, { event: 'api_key.revoked', userId: row.userId, tenantId: row.tenantId, data: { keyId: id, name: row.name } })
    auth.emit('api_key.revoked', { at: auth.now(), userId: row.userId, keyId: id, tenantId: row.tenantId })
  })
}
