import type { AuthContext } from '../../context.ts'
import { later } from '../../durations.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { endTrust } from '../accounts/attachments.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { endAllCodes } from '../codes/end-codes.ts'
import { notifyOwner } from '../messages/queue-message.ts'
import { revokeAllSessions } from '../sessions/revoke-sessions.ts'

interface Replacement {
  event: 'password.changed' | 'password.reset'
  /** A session that goes on. */
  keepSession?: string
  endSessions?: boolean
  /** What the caller's proof is worth after another change. */
  overtaken?: 'LINK_INVALID' | 'INVALID_CREDENTIALS' | 'CONFLICT'
}

/**
 * Writes a password that was checked and hashed, in the transaction in progress, and does what goes with every change of one: sessions,
 * trusted devices and outstanding codes end, the owner is told. Throws `overtaken`, LINK_INVALID where it is left out, where another change came first.
 */
export async function replacePassword(
  auth: AuthContext,
  user: UserRow,
  passwordHash: string,
  { event, keepSession, endSessions = true, overtaken = 'LINK_INVALID' }: Replacement,
) {
  const now = auth.now()
  const { history } = auth.options.password
  const former = history > 0 && user.passwordHash !== null ? [user.passwordHash, ...formerHashes(user)].slice(0, history) : undefined
  const unlocked = { mustChangePassword: false, failedLogins: 0, failedSince: null, lockedUntil: null, updatedAt: now }
  const { count } = await auth.db.authUser.updateMany({
    where: { id: user.id, passwordChangedAt: user.passwordChangedAt },
    data: { passwordHash, passwordChangedAt: later(now, user.passwordChangedAt), ...unlocked, ...(former && { passwordHistory: former }) },
  })
  if (count === 0) throw new AuthError(overtaken)
  if (endSessions) await revokeAllSessions(auth, user.id, { reason: 'password_changed', except: keepSession })
  await endTrust(auth, user.id)
  await endAllCodes(auth, user)
  await recordAudit(auth, { event, userId: user.id })
  await notifyOwner(auth, user, 'password_changed')
  emit(auth, event, { userId: user.id })
}

/** Hashes of the passwords before this one, the newest first. */
export const formerHashes = ({ passwordHistory }: Pick<UserRow, 'passwordHistory'>): string[] =>
  Array.isArray(passwordHistory) ? passwordHistory.filter((one): one is string => typeof one === 'string') : []
