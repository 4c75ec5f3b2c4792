/** Rows that cleanup finds by a condition and deletes by what names them. */
export interface Sweepable<Where, Key extends string> {
  findMany: (args: { where: Where; select: Record<Key, true>; take: number }) => Promise<Record<Key, string>[]>
  deleteMany: (args: { where: Where & Record<Key, { in: string[] }> }) => Promise<{ count: number }>
}

interface Expired {
  expiresAt: { lt: Date }
}
export type OldMessage = { sentAt: { lt: Date } } | { sentAt: null; failedAt: { lt: Date } }

export interface CleanupTables {
  authSession: Sweepable<Expired, 'id'>
  authOtp: Sweepable<Expired, 'id'>
  authTrustedDevice: Sweepable<Expired, 'id'>
  authMessage: Sweepable<OldMessage, 'id'>
  authRateLimit: Sweepable<Expired, 'key'>
  authAuditLog: Sweepable<{ at: { lt: Date } }, 'id'>
  authChange: { deleteMany: (args: { where: { seq: { gte: number; lt: number } } }) => Promise<{ count: number }> }
}

interface Sealing<Patch, Filter = Patch> {
  findMany: (args: {
    where: { id?: { gt: string }; NOT?: Filter[] } & { [Column in keyof Patch]: { not: null } }
    select: { id: true } & { [Column in keyof Patch]: true }
    orderBy: { id: 'asc' }
    take: number
  }) => Promise<({ id: string } & Patch)[]>
  updateMany: (args: { where: { id: string } & Patch; data: Patch }) => Promise<{ count: number }>
}

/** What is encrypted for as long as its row lives. */
export interface SealedDatabase {
  authMfaFactor: Sealing<{ secret: string | null }, { secret: { startsWith: string } }>
  authIdentity: Sealing<{ tokens: string | null }, { tokens: { startsWith: string } }>
}

/** As the sweep uses them, apart from what other features do with the same tables. */
export interface CleanupDatabase extends CleanupTables {
  authChange: CleanupTables['authChange'] & {
    findFirst: (args: { where: { at: { lte: Date } }; orderBy: { seq: 'desc' } }) => Promise<{ seq: bigint | number } | null>
    findMany: (args: { where: { seq?: { gt: number } }; orderBy: { seq: 'asc' }; take: number }) => Promise<{ seq: bigint | number }[]>
  }
}
