import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { runHook } from '../../hooks.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { revokeAllSessions } from '../sessions/revoke-sessions.ts'
import { findUserById } from './find-user.ts'
import { presentUser } from './present-user.ts'

/** Deletes a user and everything attached; audit rows stay, with the id alone. Throws NOT_FOUND. */
export async function deleteUser(auth: AuthContext, id: string) {
  await transaction(auth, async (auth) => {
    const row = await findUserById(auth, id)
    if (!row) throw new AuthError('NOT_FOUND')
    const user = presentUser(row)
    await runHook(auth, 'user.beforeDelete', user)
    // Ended one by one first: the change feed has to name them, and a deleted row cannot.
    await revokeAllSessions(auth, id, { reason: 'user_deleted' })
    await recordChanges(auth, 'user.roles', [id])
    const { count } = await auth.db.authUser.deleteMany({ where: { id } })
    if (count === 0) throw new AuthError('NOT_FOUND')
    await auth.db.authMessage.deleteMany({ where: { userId: id } }) // sent or not: nobody is left to read them
    await recordAudit(auth, { event: 'user.deleted', userId: id })
    await runHook(auth, 'user.afterDelete', user)
    emit(auth, 'user.deleted', { userId: id })
  })
}
