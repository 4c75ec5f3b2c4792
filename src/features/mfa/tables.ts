export interface FactorRow {
  id: string
  userId: string
  type: string
  label: string | null
  secret: string | null
  confirmedAt: Date | null
  lastUsedStep: number | null
  lastUsedAt: Date | null
  createdAt: Date
}

export interface FactorFilter {
  id?: string
  userId?: string
  type?: string
  confirmedAt?: null | { not: null }
  OR?: { lastUsedStep: null | { lt: number } }[]
}

export interface RecoveryCodeRow {
  id: string
  userId: string
  codeHash: string
  usedAt: Date | null
  createdAt: Date
}

export interface MfaTables {
  authMfaFactor: {
    findMany: (args: { where: FactorFilter; orderBy: { createdAt: 'asc' } }) => Promise<FactorRow[]>
    createMany: (args: { data: Pick<FactorRow, 'id' | 'userId' | 'type' | 'label' | 'secret' | 'createdAt'>[] }) => Promise<{ count: number }>
    updateMany: (args: {
      where: FactorFilter
      data: Partial<Pick<FactorRow, 'label' | 'secret' | 'confirmedAt' | 'lastUsedStep' | 'lastUsedAt' | 'createdAt'>>
    }) => Promise<{ count: number }>
    deleteMany: (args: { where: FactorFilter }) => Promise<{ count: number }>
  }
  authRecoveryCode: {
    findMany: (args: { where: { userId: string; usedAt?: null }; orderBy: { createdAt: 'asc' } }) => Promise<RecoveryCodeRow[]>
    createMany: (args: { data: Omit<RecoveryCodeRow, 'usedAt'>[] }) => Promise<{ count: number }>
    updateMany: (args: { where: { userId: string; codeHash: { in: string[] }; usedAt: null }; data: { usedAt: Date } }) => Promise<{ count: number }>
    deleteMany: (args: { where: { userId: string } }) => Promise<{ count: number }>
  }
}
