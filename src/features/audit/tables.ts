import type { JsonObject } from '../../json.ts'

export interface AuditRow {
  id: string
  at: Date
  event: string
  outcome: string
  actorType: string
  actorId: string | null
  userId: string | null
  tenantId: string | null
  sessionId: string | null
  ip: string | null
  userAgent: string | null
  requestId: string | null
  data: unknown
}

export type NewAuditRow = Omit<AuditRow, 'data'> & { data?: JsonObject }

export interface AuditFilter {
  userId?: string
  tenantId?: string
  event?: string
  id?: { lt: string }
  at?: { gte?: Date; lt?: Date }
}

export interface AuditTables {
  authAuditLog: {
    create: (args: { data: NewAuditRow; select: { id: true } }) => Promise<{ id: string }>
    createMany: (args: { data: NewAuditRow[] }) => Promise<{ count: number }>
    findMany: (args: { where: AuditFilter; orderBy: { id: 'desc' }; take: number }) => Promise<AuditRow[]>
  }
}
