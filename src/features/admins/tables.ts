export interface AdminRow {
  id: string
  email: string
  name: string | null
  passwordHash: string
  lastLoginAt: Date | null
  createdAt: Date
  updatedAt: Date
}

export interface AdminTables {
  authAdminUser: {
    findMany: (args: { where: { id?: { lt: string } }; orderBy: { id: 'desc' }; take: number }) => Promise<AdminRow[]>
    createMany: (args: { data: Omit<AdminRow, 'lastLoginAt'>[] }) => Promise<{ count: number }>
    updateMany: (args: { where: Record<never, never>; data: { updatedAt: Date } }) => Promise<{ count: number }>
    deleteMany: (args: { where: { id: string } }) => Promise<{ count: number }>
  }
}
