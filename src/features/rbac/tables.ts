export interface RoleRow {
  id: string
  guard: string
  scope: string
  tenantId: string | null
  name: string
  description: string | null
  isSystem: boolean
  isDefault: boolean
  isActive: boolean
  createdAt: Date
  updatedAt: Date
}

export interface MembershipRow {
  id: string
  userId: string
  tenantId: string | null
  scope: string
  status: string
  isDefault: boolean
}

export interface PermissionRow {
  id: string
  guard: string
  name: string
  description: string | null
  category: string | null
  createdAt: Date
}

interface RoleFilter {
  id?: string | { in: string[] } | { lt: string }
  guard?: string
  scope?: string | { in: string[] }
  name?: string | { in: string[] }
  isActive?: true
  isDefault?: true
  memberships?: { some: { membership: { userId: string; scope: string; status: 'active'; tenant?: { status: 'active' } } } }
}

type RolePatch = Partial<Pick<RoleRow, 'name' | 'description' | 'isDefault' | 'isActive'>> & { updatedAt: Date }

interface PermissionFilter {
  id?: { in: string[] }
  guard?: string
  category?: string
  name?: string | { in: string[] }
}

interface Pairs<Pair> {
  findMany: (args: { where: { roleId?: string | { in: string[] } } }) => Promise<Pair[]>
  createMany: (args: { data: Pair[] }) => Promise<{ count: number }>
  deleteMany: (args: { where: { roleId: string } }) => Promise<{ count: number }>
}

export interface RbacTables {
  authRole: {
    findUnique: (args: { where: { guard_scope_name: { guard: string; scope: string; name: string } } | { id: string } }) => Promise<RoleRow | null>
    findMany: (args: { where: RoleFilter; orderBy: { name: 'asc' } | { id: 'desc' }; take?: number }) => Promise<RoleRow[]>
    createMany: (args: { data: RoleRow[] }) => Promise<{ count: number }>
    updateMany: (args: { where: { id?: string; guard?: string; isSystem?: false }; data: RolePatch }) => Promise<{ count: number }>
    deleteMany: (args: { where: { id: string; isSystem: false } }) => Promise<{ count: number }>
  }
  authMembership: {
    findUnique: (args: { where: { userId_scope: { userId: string; scope: string } } }) => Promise<MembershipRow | null>
    createMany: (args: { data: { id: string; userId: string; scope: string; createdAt: Date; updatedAt: Date }[] }) => Promise<{ count: number }>
  }
  authMembershipRole: {
    count: (args: { where: { membershipId: string; roleId: string } }) => Promise<number>
    createMany: (args: { data: { membershipId: string; roleId: string }[] }) => Promise<{ count: number }>
    deleteMany: (args: { where: { membershipId: string; roleId: string } }) => Promise<{ count: number }>
  }
  authPermission: {
    findMany: (args: { where: PermissionFilter; orderBy: { name: 'asc' } }) => Promise<PermissionRow[]>
    createMany: (args: { data: PermissionRow[] }) => Promise<{ count: number }>
    updateMany: (args: { where: { id: string }; data: { category?: string | null; description?: string | null } }) => Promise<{ count: number }>
    deleteMany: (args: { where: { id: string } }) => Promise<{ count: number }>
  }
  authRolePermission: Pairs<{ roleId: string; permissionId: string }>
  authRoleInheritance: Pairs<{ roleId: string; inheritedId: string }>
}
