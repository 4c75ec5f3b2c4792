import type { AuthContext } from '../../context.ts'

/** What the database says of sessions. Left out: those that have ended, and those of suspended users. */
type Live = ReadonlyMap<string, { hasNews: boolean }>

/** Sessions that are asked for in this turn of the event loop. */
interface Batch {
  ids: Set<string>
  answer: Promise<Live>
}
const open = new WeakMap<object, Batch>()

// Beyond this many the statement gains nothing, and databases bound the number of its parameters.
const MOST = 100

/**
 * Asks the database about a session, for `sessions.check: 'database'`. Null where it has ended or the user is suspended. `hasNews`: the change feed
 * holds what this process has not read yet. Requests of one turn of the event loop ask together, in a statement that is sent after all of them have come.
 */
export async function checkSession(auth: AuthContext, sessionId: string): Promise<{ hasNews: boolean } | null> {
  const batch = open.get(auth.process) ?? openBatch(auth)
  batch.ids.add(sessionId)
  if (batch.ids.size === MOST) open.delete(auth.process)
  return (await batch.answer).get(sessionId) ?? null
}

function openBatch(auth: AuthContext): Batch {
  const ids = new Set<string>()
  const turn = new Promise<void>((resolve) => void setImmediate(resolve))
  const answer = turn.then(() => {
    if (open.get(auth.process) === batch) open.delete(auth.process)
    return readLive(auth, [...ids])
  })
  const batch = { ids, answer }
  open.set(auth.process, batch)
  return batch
}

/** Raw, because Prisma would make several statements of it. */
async function readLive(auth: AuthContext, ids: readonly string[]): Promise<Live> {
  const now = auth.now()
  const { after, known } = auth.process.feed.standing()
  const rows = (await auth.db.$queryRaw(statement(ids.length), after, ...ids, now, now)) as { id: string; news: bigint | number }[]
  return new Map(rows.map(({ id, news }) => [id, { hasNews: Number(news) > known }]))
}

/** The parts of a tagged template with as many places for ids. */
function statement(count: number): TemplateStringsArray {
  const commas = Array.from({ length: count - 1 }, () => ', ')
  const parts = [
    'SELECT s.id, (SELECT COUNT(*) FROM auth_changes c WHERE c.seq > ',
    ') AS news FROM auth_sessions s JOIN auth_users u ON u.id = s.user_id WHERE s.id IN (',
    ...commas,
    ') AND s.revoked_at IS NULL AND s.expires_at > ',
    " AND (u.status = 'active' OR u.suspended_until <= ",
    ')',
  ]
  return Object.assign(parts, { raw: parts })
}
