import { type AuthContext, transaction } from '../../context.ts'
import { decrypt } from '../../crypto/encryption.ts'
import { newId } from '../../crypto/ids.ts'
import { addSeconds } from '../../durations.ts'
import { inTime } from '../../in-time.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { appName } from './app-name.ts'
import type { MessageData, MessageKind, OutgoingMessage } from './kinds.ts'
import { type MessagePayload, messageContext } from './queue-message.ts'
import type { MessageRow } from './tables.ts'
import { takeMessagePlace } from './take-message-place.ts'
import { renderMessage } from './templates.ts'

export type Delivery = 'sent' | 'failed' | 'given up' | 'claimed elsewhere' | 'held back'

// A sender that has not answered by then is taken for failed; the claim outlives it, so that nobody else sends meanwhile.
const SEND_MS = 30_000
const CLAIM_SECONDS = 60
const HELD_BACK = 'not sent: too many messages to this address'
const PAUSES = [10, 30, 60, 120, 300, 600, 1800, 3600]

/** Sends one message that is due. The claim is one conditional write, so that of several processes one sends it. */
export async function deliverMessage(auth: AuthContext, row: MessageRow): Promise<Delivery> {
  const claim = newId(auth.now(), auth.random)
  const now = auth.now()
  const { count } = await auth.db.authMessage.updateMany({
    where: { id: row.id, sentAt: null, failedAt: null, nextAttemptAt: { lte: now }, OR: [{ claimedUntil: null }, { claimedUntil: { lte: now } }] },
    data: { claimedBy: claim, claimedUntil: addSeconds(now, CLAIM_SECONDS), attempts: { increment: 1 } },
  })
  if (count === 0) return 'claimed elsewhere'
  const payload = open(auth, row)
  if (!payload) return giveUp(auth, row, claim, 'the payload cannot be read under any of the secrets')
  if (payload.data.expiresAt !== undefined && payload.data.expiresAt <= now) return giveUp(auth, row, claim, 'what it carries has expired')
  // A place is taken once, at the first try.
  const isHeldBack = payload.counted !== undefined && row.attempts === 0 && !(await takeMessagePlace(auth, payload.to, payload.counted))
  try {
    if (!isHeldBack) await send(auth, row, payload)
  } catch (error) {
    return failed(auth, row, claim, describe(error, payload))
  }
  await auth.db.authMessage.updateMany({
    where: { id: row.id, claimedBy: claim },
    data: { sentAt: auth.now(), payload: null, claimedBy: null, claimedUntil: null, lastError: isHeldBack ? HELD_BACK : null },
  })
  return isHeldBack ? 'held back' : 'sent'
}

function open(auth: AuthContext, { id, payload }: MessageRow): MessagePayload | null {
  const text = payload === null ? null : decrypt(auth.subkeys, payload, messageContext(id))
  if (text === null) return null
  const parsed = JSON.parse(text) as MessagePayload & { data: { expiresAt?: string } }
  const { expiresAt, ...data } = parsed.data
  const revived: MessageData = { ...data, ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }) }
  return { ...parsed, data: revived }
}

async function send(auth: AuthContext, { id, channel, kind }: MessageRow, { to, locale, data }: MessagePayload) {
  const { mailer, sms, messages } = auth.options
  const sender = channel === 'email' ? mailer : sms
  if (!sender) throw new Error(`there is no sender for ${channel}`)
  const input = { kind: kind as MessageKind, channel: channel as 'email' | 'sms', appName: appName(auth), data, ...(locale && { locale }) }
  const rendered = await (messages.templates[input.kind] ?? renderMessage)(input)
  const { appName: _appName, ...rest } = input
  const message: OutgoingMessage = { id, to, ...rest, ...rendered }
  const late = () => new Error(`the sender gave no answer within ${SEND_MS / 1000} s`)
  await inTime((async () => sender.send(message))(), SEND_MS, late, { isBackground: true })
}

async function failed(auth: AuthContext, row: MessageRow, claim: string, lastError: string): Promise<Delivery> {
  const tries = row.attempts + 1
  if (tries >= auth.options.messages.maxAttempts) return giveUp(auth, row, claim, lastError)
  auth.log.warn({ messageId: row.id, kind: row.kind, tries, reason: lastError }, 'a message could not be delivered; it will be tried again')
  const pause = PAUSES[Math.min(tries, PAUSES.length) - 1] ?? 3600
  const nextAttemptAt = addSeconds(auth.now(), pause)
  await auth.db.authMessage.updateMany({ where: { id: row.id, claimedBy: claim }, data: { nextAttemptAt, lastError, claimedBy: null, claimedUntil: null } })
  return 'failed'
}

/** The payload goes with it: nobody needs a code that came too late. `messages.retry` can only send again what still has one. */
async function giveUp(auth: AuthContext, row: MessageRow, claim: string, lastError: string): Promise<Delivery> {
  auth.log.error({ messageId: row.id, kind: row.kind, reason: lastError }, 'a message was given up')
  await transaction(auth, async (auth) => {
    const data = { failedAt: auth.now(), lastError, claimedBy: null, claimedUntil: null }
    const { count } = await auth.db.authMessage.updateMany({ where: { id: row.id, claimedBy: claim }, data })
    if (count > 0)
      await recordAudit(auth, {
        event: 'message.given_up',
        outcome: 'failure',
        userId: row.userId,
        data: { messageId: row.id, kind: row.kind, reason: lastError },
      })
  })
  return 'given up'
}

/** What the sender said, without what the message held: mail servers quote what they refuse. */
function describe(error: unknown, { to, data: { code, token, url } }: MessagePayload) {
  const { name = 'Error', message } = (error ?? {}) as { name?: unknown; message?: unknown }
  let text = typeof message === 'string' ? `${String(name)}: ${message}` : 'something that is no error was thrown'
  for (const secret of [url, token, token && encodeURIComponent(token), code, to]) if (secret) text = text.replaceAll(secret, '[…]')
  return text.slice(0, 300)
}
