import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { wipeAttached } from './attachments.ts'
import type { UserRow } from './tables.ts'

/**
 * Notes that whoever signs in or resets has shown to read an address, in the transaction of it. If nobody had before, whoever made the account
 * may have been someone else: everything attached to it goes first. Throws LINK_INVALID where the account has another address by now.
 */
export async function proveAddress(auth: AuthContext, user: UserRow, address: { email: string } | { phone: string }): Promise<UserRow> {
  const isEmail = 'email' in address
  const provedAt = isEmail ? user.emailVerifiedAt : user.phoneVerifiedAt
  if (isEmail ? user.email !== address.email : user.phone !== address.phone) throw new AuthError('LINK_INVALID')
  if (provedAt !== null) return user
  const wiped = await wipeAttached(auth, user)
  return markProved(auth, wiped, address)
}

/** Marks an address as proved and nothing more. Throws LINK_INVALID where the account has another one by now. */
export async function markProved(auth: AuthContext, user: UserRow, address: { email: string } | { phone: string }): Promise<UserRow> {
  const now = auth.now()
  const verified = 'email' in address ? { emailVerifiedAt: now } : { phoneVerifiedAt: now }
  // The address is in the condition: what was sent to one address never proves another.
  const { count } = await auth.db.authUser.updateMany({ where: { id: user.id, ...address }, data: { ...verified, updatedAt: now } })
  if (count === 0) throw new AuthError('LINK_INVALID')
  const event = 'email' in address ? 'email.verified' : 'phone.verified'
  await recordChanges(auth, 'user.roles', [user.id])
  await recordAudit(auth, { event, userId: user.id })
  auth.emit(event, { at: now, userId: user.id })
  return { ...user, ...verified }
}
