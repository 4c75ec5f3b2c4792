import type { JsonObject } from '../../json.ts'
import type { Session, SessionListing } from '../../shapes.ts'
import type { SessionRow } from './tables.ts'

const methodsOf = (amr: string) => amr.split(' ').filter(Boolean)

type Presentable = Pick<SessionRow, 'id' | 'tenantId' | 'expiresAt' | 'authenticatedAt' | 'amr'> & { userData?: unknown }

export function presentSession(row: Presentable): Session {
  return {
    id: row.id,
    tenantId: row.tenantId,
    expiresAt: row.expiresAt,
    authenticatedAt: row.authenticatedAt,
    amr: methodsOf(row.amr),
    data: (row.userData ?? {}) as JsonObject,
  }
}

export function listSession(row: SessionRow, currentId: string | null): SessionListing {
  const { id, ip, userAgent, deviceName, createdAt, lastUsedAt, expiresAt, amr } = row
  return { id, current: id === currentId, ip, userAgent, device: deviceName, createdAt, lastUsedAt, expiresAt, amr: methodsOf(amr) }
}
