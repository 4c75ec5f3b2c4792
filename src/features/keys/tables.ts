import type { JsonObject } from '../../json.ts'

export interface SigningKeyRow {
  id: string
  sequence: number
  kid: string
  algorithm: string
  publicJwk: unknown
  privateKey: string
  state: string
  createdAt: Date
  activatesAt: Date
  retiresAt: Date
  expiresAt: Date
}

export interface KeyTables {
  authSigningKey: {
    findMany: (args: { where: { expiresAt: { gt: Date } }; orderBy: { sequence: 'asc' } }) => Promise<SigningKeyRow[]>
    findFirst: (args: { orderBy: { sequence: 'desc' } }) => Promise<SigningKeyRow | null>
    createMany: (args: { data: (Omit<SigningKeyRow, 'publicJwk'> & { publicJwk?: JsonObject })[] }) => Promise<{ count: number }>
    updateMany: (args: {
      where: { id?: string; privateKey?: string; sequence?: { lt: number }; retiresAt?: { gt: Date } }
      data: { privateKey?: string; retiresAt?: Date; expiresAt?: Date }
    }) => Promise<{ count: number }>
  }
}
