import type { JsonObject } from '../../json.ts'

export interface TenantRow {
  id: string
  slug: string
  name: string
  domain: string | null
  parentId: string | null
  status: string
  metadata: unknown
  locale: string | null
  createdAt: Date
  updatedAt: Date
}

export interface MemberRow {
  id: string
  userId: string
  tenantId: string | null
  scope: string
  status: string
  isDefault: boolean
  displayName: string | null
  metadata: unknown
  invitedById: string | null
  createdAt: Date
  updatedAt: Date
}

export interface MemberFilter {
  id?: string | { lt: string } | { in: string[] }
  userId?: string
  scope?: string
  tenantId?: string | { not: null }
  status?: string
  isDefault?: boolean
  tenant?: { status: string }
  roles?: { some: { role: { name: string; guard: string } } }
}

type TenantWritable = Omit<TenantRow, 'metadata'> & { metadata?: JsonObject }
type MemberWritable = Omit<MemberRow, 'metadata'> & { metadata?: JsonObject }

export interface TenantTables {
  authTenant: {
    findUnique: (args: { where: { id: string } | { slug: string } | { domain: string } }) => Promise<TenantRow | null>
    findMany: (args: {
      where: { id?: { in: string[] } | { lt: string }; status?: string; parentId?: string | null }
      orderBy: { id: 'desc' }
      take?: number
    }) => Promise<TenantRow[]>
    createMany: (args: { data: TenantWritable[] }) => Promise<{ count: number }>
    updateMany: (args: { where: { id: string }; data: Partial<Omit<TenantWritable, 'id' | 'createdAt'>> }) => Promise<{ count: number }>
    deleteMany: (args: { where: { id: string } }) => Promise<{ count: number }>
  }
  authMembership: {
    findMany: (args: { where: MemberFilter; orderBy: { id: 'asc' } | { id: 'desc' } | { scope: 'asc' }; take?: number }) => Promise<MemberRow[]>
    createMany: (args: { data: MemberWritable[] }) => Promise<{ count: number }>
    updateMany: (args: {
      where: MemberFilter
      data: { status?: string; isDefault?: boolean; displayName?: string | null; metadata?: JsonObject; updatedAt?: Date }
    }) => Promise<{ count: number }>
    deleteMany: (args: { where: MemberFilter }) => Promise<{ count: number }>
    count: (args: { where: MemberFilter }) => Promise<number>
  }
  /** A tagged template; the one statement of `tenants.maxMembers`. */
  $executeRaw: (query: TemplateStringsArray, ...values: unknown[]) => Promise<number>
  authMembershipRole: {
    findMany: (args: { where: { membershipId: { in: string[] } } }) => Promise<{ membershipId: string; roleId: string }[]>
    deleteMany: (args: { where: { membershipId: string; role: { guard: string } } }) => Promise<{ count: number }>
  }
}
