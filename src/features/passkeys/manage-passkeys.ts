import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { hasAnotherWayIn } from '../accounts/attachments.ts'
import { findUserById } from '../accounts/find-user.ts'
import { lockUser } from '../accounts/lock-user.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { notifyOwner } from '../messages/queue-message.ts'
import { type Passkey, presentPasskey } from './present-passkey.ts'
import { passkeysOf } from './register-passkey.ts'

/** A user's passkeys, the oldest first. */
export const listPasskeys = async (auth: AuthContext, userId: string): Promise<Passkey[]> => (await passkeysOf(auth, userId)).map(presentPasskey)

/** Names a passkey. Throws NOT_FOUND for one that is not this user's. */
export async function renamePasskey(auth: AuthContext, userId: string, id: string, name: string | null): Promise<Passkey> {
  return transaction(auth, async (auth) => {
    await auth.db.authPasskey.updateMany({ where: { id, userId }, data: { name } })
    const [row] = await auth.db.authPasskey.findMany({ where: { userId, id }, orderBy: { createdAt: 'asc' } })
    if (!row || row.id !== id) throw new AuthError('NOT_FOUND')
    await recordAudit(auth, { event: 'passkey.renamed', userId, data: { passkeyId: id } })
    return presentPasskey(row)
  })
}

/** Removes a passkey; the owner is told. Throws NOT_FOUND; LAST_CREDENTIAL where it is the last way in (unless `force`). */
export async function removePasskey(auth: AuthContext, userId: string, id: string, { force = false } = {}) {
  const user = await findUserById(auth, userId)
  if (!user) throw new AuthError('NOT_FOUND')
  await transaction(auth, async (auth) => {
    await lockUser(auth, userId) // two removals at once cannot each count on what the other takes
    const [row] = await auth.db.authPasskey.findMany({ where: { userId, id }, orderBy: { createdAt: 'asc' } })
    if (!row || row.id !== id) throw new AuthError('NOT_FOUND')
    if (!force && !(await hasAnotherWayIn(auth, user, { passkeyId: id }))) throw new AuthError('LAST_CREDENTIAL')
    const { count } = await auth.db.authPasskey.deleteMany({ where: { id, userId } })
    if (count === 0) throw new AuthError('NOT_FOUND')
    await recordChanges(auth, 'user.roles', [userId])
    await recordAudit(auth, { event: 'passkey.removed', userId, data: { passkeyId: id } })
    await notifyOwner(auth, user, 'passkey_changed', [`Removed: ${row.name ?? 'a passkey'}`])
    emit(auth, 'passkey.removed', { userId, passkeyId: id })
  })
}
