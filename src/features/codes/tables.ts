import type { JsonObject } from '../../json.ts'

export interface OtpRow {
  id: string
  userId: string | null
  target: string
  purpose: string
  codeHash: string | null
  tokenHash: string | null
  liveKey: string | null
  attempts: number
  data: unknown
  createdAt: Date
  expiresAt: Date
  consumedAt: Date | null
}

export type NewOtp = Omit<OtpRow, 'data' | 'attempts' | 'consumedAt'> & { data?: JsonObject }

export interface OtpFilter {
  id?: string | { not: string }
  userId?: string
  target?: string | { not: string }
  purpose?: string | { in: string[] } | { startsWith: string }
  codeHash?: string | null
  tokenHash?: string | null
  liveKey?: string | { not: null } | { in: string[] }
  attempts?: number | { lt: number }
  createdAt?: { gt: Date } | { lte: Date }
  expiresAt?: { gt: Date } | { lte: Date }
  consumedAt?: null
}

export interface OtpPatch {
  userId?: string | null
  codeHash?: string | null
  tokenHash?: string | null
  liveKey?: string | null
  attempts?: number | { increment: number }
  data?: JsonObject
  createdAt?: Date
  expiresAt?: Date
  consumedAt?: Date | null
}

export interface CodeTables {
  authOtp: {
    findUnique: (args: { where: { liveKey: string } | { tokenHash: string } }) => Promise<OtpRow | null>
    create: (args: { data: NewOtp; select: { id: true } }) => Promise<{ id: string }>
    createMany: (args: { data: NewOtp[] }) => Promise<{ count: number }>
    updateMany: (args: { where: OtpFilter; data: OtpPatch }) => Promise<{ count: number }>
    deleteMany: (args: { where: OtpFilter }) => Promise<{ count: number }>
  }
}
