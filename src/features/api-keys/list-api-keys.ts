import type { AuthContext } from '../../context.ts'
import { mayManage } from './owner.ts'
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

/** The same for their owner, who sees those of a tenant where they hold `api-key:read` there. */
export async function listOwnApiKeys(auth: AuthContext, userId: string): Promise<ApiKey[]> {
  const keys = await listApiKeys(auth, userId)
  const readable = new Set<string | null>()
  for (const tenantId of new Set(keys.map((key) => key.tenantId))) if (await mayManage(auth, { userId, tenantId }, 'api-key:read')) readable.add(tenantId)
  return keys.filter((key) => readable.has(key.tenantId))
}
