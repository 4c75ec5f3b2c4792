import type { AuthContext } from '../../context.ts'
import { pageOf } from '../../paging.ts'
import type { AuditFilter, AuditRow } from './tables.ts'

export interface AuditQuery {
  userId?: string
  tenantId?: string
  event?: string
  from?: Date
  to?: Date
  /** `nextCursor` of the page before. */
  cursor?: string
  /** 1 to 200; 50 where it is left out. */
  limit?: number
}

export type AuditRecord = Pick<
  AuditRow,
  'id' | 'at' | 'event' | 'actorId' | 'userId' | 'tenantId' | 'sessionId' | 'ip' | 'userAgent' | 'requestId' | 'data'
> & {
  outcome: 'success' | 'failure' | 'denied'
}

/** Audit rows, the newest first. */
export async function queryAudit(auth: AuthContext, query: AuditQuery = {}) {
  const { userId, tenantId, event, from, to } = query
  return pageOf(query, (after, take) => {
    const where: AuditFilter = {
      ...(userId !== undefined && { userId }),
      ...(tenantId !== undefined && { tenantId }),
      ...(event !== undefined && { event }),
      ...((from || to) && { at: { ...(from && { gte: from }), ...(to && { lt: to }) } }),
      ...(after && { id: { lt: after } }),
    }
    return auth.db.authAuditLog.findMany({ where, orderBy: { id: 'desc' }, take }).then((rows) => rows.map(present))
  })
}

function present({ actorType: _actorType, outcome, ...row }: AuditRow): AuditRecord {
  return { ...row, outcome: outcome as AuditRecord['outcome'] }
}
