import type { AuthContext } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { runHook } from '../../hooks.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { endCodes } from '../codes/end-codes.ts'
import { wipeAttached } from './attachments.ts'
import type { Address } from './identifiers.ts'
import { presentUser } from './present-user.ts'
import type { UserFilter, UserRow } from './tables.ts'

/**
 * Notes that whoever signs in or resets has shown to read an address, in the transaction of it. If nobody had before, whoever made the account
 * may have been someone else: everything attached to it goes first. Throws LINK_INVALID where the account has another address by now, or this one does
 * not stand for it.
 */
export async function proveAddress(auth: AuthContext, user: UserRow, address: Address): Promise<UserRow> {
  const isEmail = 'email' in address
  const provedAt = isEmail ? user.emailVerifiedAt : user.phoneVerifiedAt
  if (isEmail ? user.email !== address.email : user.phone !== address.phone) throw new AuthError('LINK_INVALID')
  if (provedAt !== null) return user
  if (!standsFor(user, address)) throw new AuthError('LINK_INVALID')
  const wiped = await wipeAttached(auth, user)
  return markProved(auth, wiped, address)
}

/**
 * Whether an address of an account may be signed in with, or a password reset by it. One that nobody has proved may not where somebody has proved
 * the other: it may be a stranger's, mistyped, who would take the account over.
 */
export function standsFor({ emailVerifiedAt, phoneVerifiedAt }: UserRow, address: Address): boolean {
  const [own, other] = 'email' in address ? [emailVerifiedAt, phoneVerifiedAt] : [phoneVerifiedAt, emailVerifiedAt]
  return own !== null || other === null
}

/**
 * Takes an address that does not stand for an account off it, for whoever proves it now and is somebody else as far as anyone knows. In the
 * transaction of the proof. Throws LINK_INVALID where the account has changed meanwhile.
 */
export async function detachAddress(auth: AuthContext, { id, email, phone }: UserRow, address: Address) {
  const isEmail = 'email' in address
  const still = isEmail ? { email, emailVerifiedAt: null } : { phone, phoneVerifiedAt: null }
  const { count } = await auth.db.authUser.updateMany({
    where: { id, ...(still as UserFilter) },
    data: { ...(isEmail ? { email: null } : { phone: null }), updatedAt: auth.now() },
  })
  if (count === 0) throw new AuthError('LINK_INVALID')
  await endCodes(auth, id)
  const fields = [isEmail ? 'email' : 'phone']
  await recordAudit(auth, { event: 'user.updated', userId: id, data: { fields, reason: 'proved_by_someone_else' } })
  emit(auth, 'user.updated', { userId: id, fields })
}

/** Marks an address as proved and nothing more. Throws LINK_INVALID where the account has another one by now. */
export async function markProved(auth: AuthContext, user: UserRow, address: Address): Promise<UserRow> {
  const now = auth.now()
  const verified = 'email' in address ? { emailVerifiedAt: now } : { phoneVerifiedAt: now }
  // The address is in the condition: what was sent to one address never proves another.
  const { count } = await auth.db.authUser.updateMany({ where: { id: user.id, ...address }, data: { ...verified, updatedAt: now } })
  if (count === 0) throw new AuthError('LINK_INVALID')
  const event = 'email' in address ? 'email.verified' : 'phone.verified'
  await recordChanges(auth, 'user.roles', [user.id])
  await recordAudit(auth, { event, userId: user.id })
  const proved = { ...user, ...verified }
  await runHook(auth, 'user.afterUpdate', presentUser(proved))
  emit(auth, event, { userId: user.id })
  return proved
}
