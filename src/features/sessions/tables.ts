import type { JsonObject } from '../../json.ts'

export interface SessionRow {
  id: string
  userId: string
  tenantId: string | null
  refreshHash: string
  successor: string | null
  generation: number
  rotatedAt: Date | null
  amr: string
  authenticatedAt: Date
  confirmedAt: Date | null
  confirmedAmr: string | null
  userData: unknown
  ip: string | null
  userAgent: string | null
  deviceName: string | null
  remember: boolean
  lastUsedAt: Date
  createdAt: Date
  expiresAt: Date
  revokedAt: Date | null
  revokedReason: string | null
}

export type NewSession = Pick<
  SessionRow,
  | 'id'
  | 'userId'
  | 'tenantId'
  | 'refreshHash'
  | 'amr'
  | 'authenticatedAt'
  | 'ip'
  | 'userAgent'
  | 'deviceName'
  | 'remember'
  | 'lastUsedAt'
  | 'createdAt'
  | 'expiresAt'
> & { userData?: JsonObject }

export interface SessionFilter {
  id?: string | { not: string } | { in: string[] }
  userId?: string
  tenantId?: string
  refreshHash?: string
  generation?: number
  revokedAt?: null
  expiresAt?: { gt: Date }
}

export type OpenSession = Pick<SessionRow, 'id' | 'userId' | 'deviceName'>

export type SessionPatch = Partial<
  Pick<
    SessionRow,
    | 'refreshHash'
    | 'successor'
    | 'generation'
    | 'rotatedAt'
    | 'lastUsedAt'
    | 'expiresAt'
    | 'revokedAt'
    | 'revokedReason'
    | 'confirmedAt'
    | 'confirmedAmr'
    | 'amr'
    | 'ip'
    | 'userAgent'
  >
>

export interface SessionTables {
  authSession: {
    findUnique: (args: { where: { id: string } }) => Promise<SessionRow | null>
    findMany: (args: {
      where: SessionFilter | { userId: string; revokedAt: Date; revokedReason: string }
      orderBy?: { lastUsedAt: 'asc' | 'desc' }
    }) => Promise<SessionRow[]>
    create: (args: { data: NewSession; select: { id: true } }) => Promise<{ id: string }>
    createMany: (args: { data: NewSession[] }) => Promise<{ count: number }>
    updateMany: (args: { where: SessionFilter; data: SessionPatch }) => Promise<{ count: number }>
  }
  /** A tagged template; the one statement of `sessions.check: 'database'`. */
  $queryRaw: (query: TemplateStringsArray, ...values: unknown[]) => Promise<unknown>
}

/** What a sign-in looks at of the sessions there are. */
export interface OpenSessionTables {
  authSession: {
    findMany: (args: { where: SessionFilter; orderBy: { lastUsedAt: 'asc' }; select: { id: true; userId: true; deviceName: true } }) => Promise<OpenSession[]>
  }
}
