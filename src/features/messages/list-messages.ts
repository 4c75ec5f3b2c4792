import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { MessageKind } from './kinds.ts'
import type { MessageRow } from './tables.ts'

/** A message that has not left, without what it says. */
export interface MessageRecord {
  id: string
  channel: 'email' | 'sms'
  kind: MessageKind
  userId: string | null
  attempts: number
  createdAt: Date
  nextAttemptAt: Date
  /** Set where it was given up. */
  failedAt: Date | null
  lastError: string | null
}

const PAGE = 200

const present = ({ id, channel, kind, userId, attempts, createdAt, nextAttemptAt, failedAt, lastError }: MessageRow): MessageRecord => ({
  id,
  channel: channel as MessageRecord['channel'],
  kind: kind as MessageKind,
  userId,
  attempts,
  createdAt,
  nextAttemptAt,
  failedAt,
  lastError,
})

/** What waits to be sent and what was given up, at most 200. */
export async function listMessages(auth: AuthContext): Promise<MessageRecord[]> {
  const rows = await auth.db.authMessage.findMany({ where: { sentAt: null }, orderBy: { nextAttemptAt: 'asc' }, take: PAGE })
  return rows.map(present)
}

/** Lets a message that waits or was given up be tried again at once, from the first try. Throws NOT_FOUND where it was sent or is none. */
export async function retryMessage(auth: AuthContext, id: string) {
  const { count } = await auth.db.authMessage.updateMany({ where: { id, sentAt: null }, data: { failedAt: null, attempts: 0, nextAttemptAt: auth.now() } })
  if (count === 0) throw new AuthError('NOT_FOUND')
  auth.afterCommit(() => auth.process.outbox.wake(auth))
}
