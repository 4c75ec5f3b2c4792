interface AccessRow {
  id: string
  userId: string
  createdAt: Date
}
interface AccessRole {
  platformAccessId: string
  roleId: string
}

export interface PlatformTables {
  authPlatformAccess: {
    count: (args: { where: Record<never, never> }) => Promise<number>
    findUnique: (args: { where: { userId: string } }) => Promise<AccessRow | null>
    findMany: (args: { where: { id?: { lt: string } }; orderBy: { id: 'desc' }; take: number }) => Promise<AccessRow[]>
    createMany: (args: { data: AccessRow[] }) => Promise<{ count: number }>
    deleteMany: (args: { where: { userId: string; roles?: { none: Record<never, never> } } }) => Promise<{ count: number }>
  }
  authPlatformAccessRole: {
    findMany: (args: { where: { platformAccessId: { in: string[] } } }) => Promise<AccessRole[]>
    createMany: (args: { data: AccessRole[] }) => Promise<{ count: number }>
    deleteMany: (args: { where: { platformAccessId: string; roleId?: { in: string[] } } }) => Promise<{ count: number }>
  }
  authRole: {
    findMany: (args: {
      where: { isActive: true; guard: string; platformAccess: { some: { platformAccess: { userId: string } } } }
      orderBy: { name: 'asc' }
    }) => Promise<{ name: string }[]>
  }
}
