import type { JsonObject } from '../../json.ts'

export interface IdentityRow {
  id: string
  userId: string
  provider: string
  providerUserId: string
  realm: string
  email: string | null
  emailVerified: boolean
  profile: unknown
  tokens: string | null
  lastUsedAt: Date | null
  createdAt: Date
}

export type NewIdentity = Omit<IdentityRow, 'profile'> & { profile?: JsonObject }
export type IdentityPatch = Partial<Pick<IdentityRow, 'email' | 'emailVerified' | 'tokens' | 'lastUsedAt'>> & { profile?: JsonObject }

export interface IdentityTables {
  authIdentity: {
    findUnique: (args: { where: { provider_providerUserId_realm: { provider: string; providerUserId: string; realm: string } } }) => Promise<IdentityRow | null>
    findMany: (args: { where: { userId: string; id?: string; provider?: string }; orderBy: { createdAt: 'asc' } }) => Promise<IdentityRow[]>
    createMany: (args: { data: NewIdentity[] }) => Promise<{ count: number }>
    updateMany: (args: { where: { id: string; tokens?: string | null }; data: IdentityPatch }) => Promise<{ count: number }>
    deleteMany: (args: { where: { id?: string; userId: string } }) => Promise<{ count: number }>
  }
}
