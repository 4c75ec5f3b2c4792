export interface CounterRow {
  key: string
  count: number
  expiresAt: Date
}

export interface LimitTables {
  authRateLimit: {
    findUnique: (args: { where: { key: string } }) => Promise<CounterRow | null>
    createMany: (args: { data: CounterRow[] }) => Promise<{ count: number }>
    updateMany: (args: {
      where: { key: string; count?: number | { lt: number }; expiresAt?: { gt: Date } | { lte: Date } }
      data: { count?: number | { increment: number } | { decrement: number }; expiresAt?: Date }
    }) => Promise<{ count: number }>
    deleteMany: (args: { where: { key?: string; expiresAt?: { lte: Date } } }) => Promise<{ count: number }>
  }
}
