import type { AuthContext } from '../../context.ts'
import type { ApiKeyRow } from './tables.ts'

/** A key as its owner sees it; the secret is nowhere. */
export interface ApiKey {
  id: string
  name: string
  /** How the key begins. */
  prefix: string
  tenantId: string | null
  /** Null: all that the owner may do. */
  permissions: string[] | null
  createdAt: Date
  expiresAt: Date | null
  /** To the minute. */
  lastUsedAt: Date | null
}

export const permissionsOfKey = ({ permissions }: Pick<ApiKeyRow, 'permissions'>): string[] | null =>
  permissions === null || permissions === undefined ? null : (permissions as unknown[]).filter((one) => typeof one === 'string')

export const presentApiKey = (row: ApiKeyRow): ApiKey => ({
  id: row.id,
  name: row.name,
  prefix: `lk_${row.publicId}`,
  tenantId: row.tenantId,
  permissions: permissionsOfKey(row),
  createdAt: row.createdAt,
  expiresAt: row.expiresAt,
  lastUsedAt: row.lastUsedAt,
})

/** A user's keys that are not revoked, the newest first. */
export async function listApiKeys(auth: AuthContext, userId: string): Promise<ApiKey[]> {
  const rows = await auth.db.authAccessKey.findMany({ where: { userId, revokedAt: null }, orderBy: { id: 'desc' } })
  return rows.map(presentApiKey)
}
