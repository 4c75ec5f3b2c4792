import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import type { EventName } from '../../events.ts'
import type { JsonObject } from '../../json.ts'
import { isMissingParent } from '../../prisma-errors.ts'
import { type Address, addressOf } from '../accounts/identifiers.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { type IssuedCode, issueCode } from '../codes/issue-code.ts'
import type { MessageKind } from './kinds.ts'
import { type LinkPage, linkTo } from './link-to.ts'
import { queueMessage } from './queue-message.ts'
import { takeMessagePlace } from './take-message-place.ts'

/** What is sent for an option `strategy`. */
export const forms = { link: 'token', code: 'code', both: 'both' } as const

type RequestEvent = Extract<EventName, `${string}requested`>

export interface CodeMessage {
  purpose: string
  kind: MessageKind
  to: Address
  /** What the code belongs to. */
  target: string
  /** Null where the address is nobody's: the same work, and nothing leaves. */
  user: UserRow | null
  /** Nobody has the address and yet the code is to leave: it makes the account. */
  isForNewcomer?: boolean
  form: 'code' | 'token' | 'both'
  /** Seconds; of a code never more than `codes.ttl`. */
  ttl?: number
  page?: LinkPage
  data?: JsonObject
  /** A part of the sign-up that makes the account, whose audit row tells of it. */
  isFirst?: boolean
  /** The audit event, and the event where it is one. */
  event: RequestEvent
}

/**
 * Issues a code or link and puts its message into the outbox, as one transaction. Over the cap for one address nothing is sent, and the
 * caller cannot tell. Call outside a transaction.
 */
export async function sendCode(auth: AuthContext, message: CodeMessage) {
  if (!(await takeMessagePlace(auth, addressOf(message.to), message.kind === 'mfa_code' ? 'second factor' : 'code'))) return
  try {
    await transaction(auth, (auth) => queueCode(auth, message))
  } catch (error) {
    // The account was deleted at this moment: there is nobody to send it to, and the answer stays the same.
    if (message.user === null || !isMissingParent(error)) throw error
  }
}

/** The same in the transaction in progress, as a part of something larger. The cap is the caller's, but for what goes with a sign-up. */
export async function queueCode(auth: AuthContext, message: CodeMessage) {
  const { purpose, kind, to, target, user, form, data = {}, event, isForNewcomer = false, isFirst = false } = message
  const ttl = lifetime(auth, message)
  const issued = await issueCode(auth, { purpose, target, userId: user?.id ?? null, form, ttl, data, isFirst })
  const isDecoy = (user === null && !isForNewcomer) || issued.isExhausted
  const whose = { userId: user?.id ?? null, locale: user?.locale ?? null }
  await queueMessage(auth, { kind, to, ...whose, data: contents(auth, message, issued, ttl), isDecoy, ...(isFirst && { counted: 'code' }) })
  if (!isFirst) await recordAudit(auth, { event, userId: user?.id ?? null })
  if (user) emit(auth, event, { userId: user.id })
}

const lifetime = ({ options: { codes } }: AuthContext, { form, ttl }: CodeMessage) => (form === 'token' ? (ttl ?? codes.ttl) : codes.ttl)

function contents(auth: AuthContext, { page }: CodeMessage, { code, token, expiresAt }: IssuedCode, expiresIn: number) {
  const url = token === undefined || page === undefined ? undefined : linkTo(auth, page, token)
  return { ...(code !== undefined && { code }), ...(token !== undefined && { token }), ...(url !== undefined && { url }), expiresAt, expiresIn }
}
