export interface ApiKeyRow {
  id: string
  userId: string
  tenantId: string | null
  publicId: string
  secretHash: string
  name: string
  permissions: unknown
  createdAt: Date
  expiresAt: Date | null
  lastUsedAt: Date | null
  revokedAt: Date | null
}

interface KeyFilter {
  id?: string | { in: string[] }
  userId?: string
  tenantId?: string
  revokedAt?: null
  OR?: ({ lastUsedAt: null } | { lastUsedAt: { lt: Date } })[]
}

export interface ApiKeyTables {
  /** A tagged template; Prisma takes no plain null for a column of JSON. */
  $executeRaw: (query: TemplateStringsArray, ...values: unknown[]) => Promise<number>
  authAccessKey: {
    findUnique: (args: { where: { publicId: string } | { id: string } }) => Promise<ApiKeyRow | null>
    findMany: (args: { where: { userId?: string; tenantId?: string; revokedAt: null }; orderBy: { id: 'asc' | 'desc' } }) => Promise<ApiKeyRow[]>
    createMany: (args: { data: (Omit<ApiKeyRow, 'permissions'> & { permissions?: string[] })[] }) => Promise<{ count: number }>
    updateMany: (args: {
      where: KeyFilter
      data: { name?: string; permissions?: string[]; expiresAt?: Date | null; lastUsedAt?: Date; revokedAt?: Date }
    }) => Promise<{ count: number }>
  }
}
