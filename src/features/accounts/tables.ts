import type { JsonObject } from '../../json.ts'

export interface UserRow {
  id: string
  realm: string
  email: string | null
  emailVerifiedAt: Date | null
  phone: string | null
  phoneVerifiedAt: Date | null
  username: string | null
  passwordHash: string | null
  passwordChangedAt: Date | null
  passwordHistory?: unknown
  mustChangePassword: boolean
  mfaEnabled: boolean
  status: string
  suspendedUntil: Date | null
  suspendedReason: string | null
  failedLogins: number
  failedSince: Date | null
  lockedUntil: Date | null
  lastLoginAt: Date | null
  locale: string | null
  metadata: unknown
  createdAt: Date
  updatedAt: Date
}

type Optional<Row, Key extends keyof Row> = Omit<Row, Key> & Partial<Pick<Row, Key>>
type Writable = Omit<UserRow, 'metadata' | 'passwordHistory'> & { metadata?: JsonObject; passwordHistory?: string[] }

export type NewUser = Optional<Omit<Writable, 'id' | 'createdAt' | 'updatedAt'>, Exclude<keyof Writable, 'id' | 'createdAt' | 'updatedAt'>> &
  Pick<UserRow, 'id' | 'createdAt' | 'updatedAt'>
export type UserPatch = Partial<Omit<Writable, 'id' | 'createdAt' | 'failedLogins'>> & { failedLogins?: number | { increment: number } }

export type UserKey =
  | { id: string }
  | { realm_email: { realm: string; email: string } }
  | { realm_phone: { realm: string; phone: string } }
  | { realm_username: { realm: string; username: string } }

type TextFilter = string | { contains: string } | { lt: string }

export interface UserFilter {
  id?: string | { lt: string } | { in: string[] }
  realm?: string
  email?: TextFilter
  emailVerifiedAt?: null
  phoneVerifiedAt?: null
  mfaEnabled?: boolean
  username?: TextFilter
  phone?: TextFilter
  status?: string
  suspendedUntil?: { lte: Date }
  passwordChangedAt?: Date | null
  lockedUntil?: null | { lte: Date }
  failedSince?: null | { gt: Date } | { lte: Date }
  failedLogins?: { gte: number }
  memberships?: { some: { scope?: string; roles?: { some: { role: { name: string; guard: string } } } } }
  OR?: UserFilter[]
  AND?: UserFilter[]
}

export interface AccountTables {
  authUser: {
    findUnique: (args: { where: UserKey }) => Promise<UserRow | null>
    findMany: (args: { where: UserFilter; orderBy: { id: 'desc' }; take: number }) => Promise<UserRow[]>
    create: (args: { data: NewUser; select: { id: true } }) => Promise<{ id: string }>
    createMany: (args: { data: NewUser[] }) => Promise<{ count: number }>
    updateMany: (args: { where: UserFilter; data: UserPatch }) => Promise<{ count: number }>
    deleteMany: (args: { where: { id: string } }) => Promise<{ count: number }>
  }
}

interface Attached {
  deleteMany: (args: { where: { userId: string } }) => Promise<{ count: number }>
}
interface Countable<Filter = object> {
  count: (args: { where: { userId: string; id?: { not: string } } & Filter }) => Promise<number>
}

/** What hangs on a user, for what ends or counts all of it; each feature says in its own tables how it uses it. */
export interface AttachmentTables {
  authMfaFactor: Attached
  authRecoveryCode: Attached
  authTrustedDevice: Attached
  authAccessKey: Attached
  authPasskey: Attached & Countable
  authIdentity: Attached & Countable<{ provider: { in: string[] } }>
}

export interface BlockedDomainRow {
  id: string
  domain: string
  source: string | null
  createdAt: Date
}

export interface EmailDomainTables {
  authBlockedEmailDomain: {
    count: (args: { where: { domain: { in: string[] } } }) => Promise<number>
    findMany: (args: { where: { domain?: { in: string[] } | { gt: string } }; orderBy: { domain: 'asc' }; take?: number }) => Promise<BlockedDomainRow[]>
    createMany: (args: { data: BlockedDomainRow[] }) => Promise<{ count: number }>
    deleteMany: (args: { where: { domain: string } }) => Promise<{ count: number }>
  }
}
