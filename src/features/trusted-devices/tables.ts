export interface TrustedDeviceRow {
  id: string
  userId: string
  tokenHash: string
  name: string | null
  ip: string | null
  userAgent: string | null
  lastUsedAt: Date | null
  createdAt: Date
  expiresAt: Date
}

export interface TrustedDeviceTables {
  authTrustedDevice: {
    findMany: (args: { where: { userId: string; expiresAt: { gt: Date } }; orderBy: { createdAt: 'desc' } }) => Promise<TrustedDeviceRow[]>
    createMany: (args: { data: TrustedDeviceRow[] }) => Promise<{ count: number }>
    updateMany: (args: { where: { tokenHash: string; userId: string; expiresAt: { gt: Date } }; data: { lastUsedAt: Date } }) => Promise<{ count: number }>
    deleteMany: (args: { where: { id?: string; userId: string } }) => Promise<{ count: number }>
  }
}
