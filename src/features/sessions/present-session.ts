import type { JsonObject } from '../../json.ts'
import type { Session, SessionListing } from '../../shapes.ts'
import type { SessionRow } from './tables.ts'

/** What was proved, as a row keeps it: names with spaces in between. */
export const amrOf = (text: string | null | undefined) => (text ?? '').split(' ').filter(Boolean)

/** The session has shown two factors. */
export const showsTwo = ({ amr }: Pick<SessionRow, 'amr'>) => amrOf(amr).includes('mfa')

type Presentable = Pick<SessionRow, 'id' | 'tenantId' | 'expiresAt' | 'authenticatedAt' | 'amr'> & { userData?: unknown }

export function presentSession(row: Presentable): Session {
  return {
    id: row.id,
    tenantId: row.tenantId,
    expiresAt: row.expiresAt,
    authenticatedAt: row.authenticatedAt,
    amr: amrOf(row.amr),
    data: (row.userData ?? {}) as JsonObject,
  }
}

export function listSession(row: SessionRow, currentId: string | null): SessionListing {
  const { id, ip, userAgent, deviceName, createdAt, lastUsedAt, expiresAt, amr } = row
  return { id, current: id === currentId, ip, userAgent, device: deviceName, createdAt, lastUsedAt, expiresAt, amr: amrOf(amr) }
}
