export interface InvitationRow {
  id: string
  tenantId: string
  email: string | null
  phone: string | null
  roles: unknown
  tokenHash: string
  status: string
  /** '<tenant>:<target>' while it is pending: the database lets one of them be. */
  pendingKey: string | null
  invitedById: string | null
  createdAt: Date
  expiresAt: Date
  acceptedAt: Date | null
}

interface InvitationFilter {
  id?: string | { lt: string }
  tenantId?: string
  tokenHash?: string
  status?: string
  pendingKey?: string
  expiresAt?: { gt: Date } | { lte: Date }
}

export interface InvitationTables {
  authInvitation: {
    findUnique: (args: { where: { tokenHash: string } }) => Promise<InvitationRow | null>
    findMany: (args: { where: InvitationFilter; orderBy: { id: 'desc' }; take?: number }) => Promise<InvitationRow[]>
    createMany: (args: { data: (Omit<InvitationRow, 'roles' | 'acceptedAt'> & { roles: string[] })[] }) => Promise<{ count: number }>
    updateMany: (args: {
      where: InvitationFilter
      data: Partial<Pick<InvitationRow, 'status' | 'pendingKey' | 'acceptedAt' | 'tokenHash' | 'expiresAt' | 'invitedById'>>
    }) => Promise<{ count: number }>
  }
}
