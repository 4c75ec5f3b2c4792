import type { AuthContext } from '../../context.ts'
import { encrypt } from '../../crypto/encryption.ts'
import { hmacHex } from '../../crypto/hashing.ts'
import { newId } from '../../crypto/ids.ts'
import { insertRows } from '../../insert-rows.ts'
import type { User } from '../../shapes.ts'
import type { Address } from '../accounts/identifiers.ts'
import type { UserRow } from '../accounts/tables.ts'
import type { MessageData, MessageKind } from './kinds.ts'
import type { Counted } from './take-message-place.ts'

export interface NewMessage {
  kind: MessageKind
  to: Address
  userId?: string | null
  locale?: string | null
  /** `code`, `token`, `url`, `expiresAt`; `expiresIn` in seconds and `details` (lines of plain text) are shown to the reader. */
  data: MessageData
  /** True where nobody has the address: the row is written at the same cost, and nothing leaves. */
  isDecoy?: boolean
  /** It takes a place of the address when it is about to leave, where none was taken before; without one it does not leave. */
  counted?: Counted
}

/** What a message row keeps readable for itself alone. */
export interface MessagePayload {
  to: string
  locale?: string
  data: MessageData
  counted?: Counted
}

export const messageContext = (id: string) => `message:${id}`
export const recipientHash = (auth: AuthContext, address: string) => hmacHex(auth.subkeys.current.key('identifier'), `message:${address}`)

export const canSend = ({ options }: AuthContext, channel: 'email' | 'sms') => (channel === 'email' ? options.mailer : options.sms) !== undefined

/**
 * Puts a message into the outbox, in the transaction of what it tells of. It leaves after the commit, outside the request, and is tried
 * again until it is delivered or given up. Nothing is written where the channel has no sender.
 */
export async function queueMessage(auth: AuthContext, { kind, to, userId = null, locale, data, isDecoy = false, counted }: NewMessage) {
  const [channel, address] = 'email' in to ? (['email', to.email] as const) : (['sms', to.phone] as const)
  if (!canSend(auth, channel)) return
  const now = auth.now()
  const id = newId(now, auth.random)
  const language = locale ?? auth.options.messages.locale
  const payload: MessagePayload = { to: address, data, ...(language && { locale: language }), ...(counted && { counted }) }
  const sealed = encrypt(auth.subkeys, JSON.stringify(payload), messageContext(id), auth.random)
  const row = { id, channel, kind, userId, recipientHash: recipientHash(auth, address), nextAttemptAt: now, createdAt: now }
  await insertRows(auth, auth.db.authMessage, [{ ...row, payload: isDecoy ? null : sealed, sentAt: isDecoy ? now : null }])
  if (!isDecoy) auth.afterCommit(() => auth.process.outbox.wake(auth))
}

/** A row, or the user as people see them. */
type Owner = Pick<UserRow, 'id' | 'email' | 'phone'> & { locale?: string | null } & (
    | Pick<UserRow, 'emailVerifiedAt' | 'phoneVerifiedAt'>
    | Pick<User, 'emailVerified' | 'phoneVerified'>
  )

/** Where an owner is reached, rather where they have proved to be. */
function wayTo(auth: AuthContext, owner: Owner) {
  const [byEmail, byPhone] =
    'emailVerified' in owner ? [owner.emailVerified, owner.phoneVerified] : [owner.emailVerifiedAt !== null, owner.phoneVerifiedAt !== null]
  const ways = [
    ...(owner.email !== null && canSend(auth, 'email') ? [{ to: { email: owner.email }, isProved: byEmail }] : []),
    ...(owner.phone !== null && canSend(auth, 'sms') ? [{ to: { phone: owner.phone }, isProved: byPhone }] : []),
  ]
  return ways.find(({ isProved }) => isProved) ?? ways[0]
}

/**
 * Tells the owner of an account of a change to it: by email, else by SMS, by what they have proved before what they have not; nothing where there is no way to reach them. An address that
 * nobody has proved may be a stranger's, so there only so many of them go.
 */
export async function notifyOwner(auth: AuthContext, user: Owner, kind: MessageKind, details: readonly string[] = []) {
  const way = wayTo(auth, user)
  if (!way) return
  const when = `${auth.now().toISOString().slice(0, 16).replace('T', ' ')} UTC`
  const what = { kind, userId: user.id, ...(user.locale !== undefined && { locale: user.locale }), data: { details: [...details, when] } }
  await queueMessage(auth, { ...what, to: way.to, ...(!way.isProved && { counted: 'notice' }) })
}
