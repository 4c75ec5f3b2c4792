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

interface RolesOfMember {
  scope?: string
  guard?: string
  isActive: true
  memberships: { some: { membership: { userId: string; scope: string; status: 'active' } } }
}

export interface RbacTables {
  authRole: {
    findUnique: (args: { where: { guard_scope_name: { guard: string; scope: string; name: string } } }) => Promise<RoleRow | null>
    findMany: (args: { where: { guard?: string; scope?: string } | RolesOfMember; orderBy: { name: 'asc' } }) => Promise<RoleRow[]>
    createMany: (args: { data: RoleRow[] }) => Promise<{ count: number }>
  }
  authMembership: {
    findUnique: (args: { where: { userId_scope: { userId: string; scope: string } } }) => Promise<MembershipRow | null>
    createMany: (args: { data: { id: string; userId: string; scope: string; createdAt: Date; updatedAt: Date }[] }) => Promise<{ count: number }>
  }
  authMembershipRole: {
    createMany: (args: { data: { membershipId: string; roleId: string }[] }) => Promise<{ count: number }>
    deleteMany: (args: { where: { membershipId: string; roleId: string } }) => Promise<{ count: number }>
  }
}
