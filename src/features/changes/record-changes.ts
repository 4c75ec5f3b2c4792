import type { AuthContext } from '../../context.ts'
import { insertRows } from '../../insert-rows.ts'
import type { ChangeKind } from './revocations.ts'

/** Writes to the change feed in the transaction of the change, and applies it to this process once that has committed. */
export async function recordChanges(auth: AuthContext, kind: ChangeKind, subjectIds: readonly string[]) {
  if (subjectIds.length === 0) return
  const at = auth.now()
  const rows = subjectIds.map((subjectId) => ({ kind, subjectId, at }))
  await insertRows(auth, auth.db.authChange, rows, 'kind')
  auth.afterCommit(() => {
    for (const subjectId of subjectIds) auth.process.feed.apply({ kind, subjectId })
    announce(auth)
  })
}

/** Others read the feed at once; where the backend fails they do so when they next poll. */
function announce({ options: { backend }, log }: AuthContext) {
  backend?.announce().catch((err: unknown) => log.debug({ err }, 'a change could not be announced; other processes see it when they next poll'))
}
