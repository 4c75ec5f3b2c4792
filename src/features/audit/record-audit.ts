import type { AuthContext } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { insertRows } from '../../insert-rows.ts'
import type { JsonObject } from '../../json.ts'

export interface AuditEntry {
  event: string
  outcome?: 'success' | 'failure' | 'denied'
  userId?: string | null
  tenantId?: string | null
  sessionId?: string | null
  /** The true reason where the answer does not give it. Never a secret. */
  data?: JsonObject
}

/** Writes audit rows, in the transaction of what they tell of. */
export async function recordAudit(auth: AuthContext, ...entries: AuditEntry[]) {
  if (!auth.options.audit.enabled) return
  const { ip = null, userAgent = null, requestId = null, actorId = null, sessionId = null } = auth.request ?? {}
  await insertRows(
    auth,
    auth.db.authAuditLog,
    entries.map(({ data, ...entry }) => ({
      id: newId(auth.now(), auth.random),
      at: auth.now(),
      event: entry.event,
      outcome: entry.outcome ?? 'success',
      actorType: actorId ? 'user' : auth.request ? 'anonymous' : 'system',
      actorId,
      userId: entry.userId ?? null,
      tenantId: entry.tenantId ?? null,
      sessionId: entry.sessionId ?? sessionId,
      ip,
      userAgent,
      requestId,
      ...(data && { data }),
    })),
  )
}
