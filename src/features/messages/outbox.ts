import type { AuthContext } from '../../context.ts'
import { deliverMessage } from './deliver-message.ts'

/** Sends what is in the outbox, outside of requests. */
export interface Outbox {
  /** Looks for messages now, and again where something is due soon. */
  readonly wake: (auth: AuthContext) => void
  /** Sends what is due at this moment; gives how many left. */
  readonly deliverDue: (auth: AuthContext) => Promise<number>
  readonly start: (auth: AuthContext) => void
  /** Resolves when what is under way has ended. */
  readonly stop: () => Promise<void>
  /** True while the last message that was tried has not left. */
  readonly isFailing: () => boolean
}

const AT_ONCE = 5
const PAGE = 50

export function createOutbox(): Outbox {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<number> | undefined
  let isWoken = false
  let isStopped = false
  let isFailing = false

  const round = async (auth: AuthContext): Promise<number> => {
    const now = auth.now()
    const due = await auth.db.authMessage.findMany({
      where: { sentAt: null, failedAt: null, nextAttemptAt: { lte: now }, OR: [{ claimedUntil: null }, { claimedUntil: { lte: now } }] },
      orderBy: { nextAttemptAt: 'asc' },
      take: PAGE,
    })
    let left = 0
    const queue = [...due]
    const worker = async () => {
      for (let next = queue.shift(); next && !isStopped; next = queue.shift()) {
        const outcome = await deliverMessage(auth, next)
        if (outcome === 'sent') left++
        if (outcome !== 'claimed elsewhere' && outcome !== 'held back') isFailing = outcome !== 'sent'
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    return left
  }
  const start = (auth: AuthContext) => {
    running = round(auth.process.base()).finally(() => {
      running = undefined
      if (isWoken) wake(auth)
    })
    return running
  }
  /** A round under way may have looked before the newest was written, so it is waited for and another follows. */
  const deliverDue = async (auth: AuthContext): Promise<number> => {
    while (running) await running.catch(() => 0)
    return isStopped ? 0 : start(auth)
  }
  const wake: Outbox['wake'] = (auth) => {
    isWoken = running !== undefined && !isStopped
    if (!running && !isStopped) start(auth).catch((err: unknown) => auth.log.warn({ err }, 'the outbox could not be read'))
  }
  return {
    wake,
    deliverDue,
    start: (auth) => {
      timer = setInterval(() => wake(auth), auth.options.messages.pollEvery * 1000).unref()
    },
    stop: async () => {
      isStopped = true
      clearInterval(timer)
      await running?.catch(() => 0)
    },
    isFailing: () => isFailing,
  }
}
