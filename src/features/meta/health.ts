import type { AuthContext } from '../../context.ts'
import { inTime } from '../../in-time.ts'

export interface Health {
  status: 'ok' | 'unavailable'
  database: 'ok' | 'unavailable'
  /** 'failing' while the last message that was tried has not left. */
  messages: 'ok' | 'failing' | 'off'
  feed: { status: 'ok' | 'stale' | 'starting'; lastReadAt: Date | null }
}

// A load balancer asks often and waits briefly.
const PATIENCE_MS = 1500
// The feed is behind when it has missed this many turns.
const MISSED_TURNS = 5

/** Asks the database for one row, and the feed when it was last read. */
export async function checkHealth(auth: AuthContext): Promise<Health> {
  const database = (await databaseAnswers(auth)) ? 'ok' : 'unavailable'
  const lastReadAt = auth.process.feed.lastRead()
  const age = lastReadAt ? auth.now().getTime() - lastReadAt.getTime() : 0
  const feed = lastReadAt === null ? 'starting' : age > auth.options.feed.pollEvery * 1000 * MISSED_TURNS ? 'stale' : 'ok'
  const { mailer, sms } = auth.options
  const messages = mailer || sms ? (auth.process.outbox.isFailing() ? 'failing' : 'ok') : 'off'
  return { status: database, database, messages, feed: { status: feed, lastReadAt } }
}

const underWay = new WeakMap<AuthContext['process'], Promise<boolean>>()

/** Checks that come while one is under way share its answer, so that however often they come, and however slow the database is, they take one connection. */
function databaseAnswers(auth: AuthContext): Promise<boolean> {
  const known = underWay.get(auth.process)
  if (known) return known
  const asked = answersInTime(auth).finally(() => underWay.delete(auth.process))
  underWay.set(auth.process, asked)
  return asked
}

async function answersInTime(auth: AuthContext): Promise<boolean> {
  const asked = auth.db.authRateLimit.findUnique({ where: { key: 'health' } }).then(
    () => true,
    (err: unknown) => {
      auth.log.warn({ err }, 'the health check could not read the database')
      return false
    },
  )
  return inTime(asked, PATIENCE_MS, () => new Error('late')).catch(() => false)
}
