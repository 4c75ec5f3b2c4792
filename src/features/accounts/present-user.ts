import type { JsonObject } from '../../json.ts'
import type { User, UserRecord } from '../../shapes.ts'
import type { UserRow } from './tables.ts'

/** What anyone who may see this user sees. */
export function presentUser(row: UserRow): User {
  return {
    id: row.id,
    email: row.email,
    emailVerified: row.emailVerifiedAt !== null,
    phone: row.phone,
    phoneVerified: row.phoneVerifiedAt !== null,
    username: row.username,
    mfaEnabled: row.mfaEnabled,
    metadata: (row.metadata ?? {}) as JsonObject,
    createdAt: row.createdAt,
  }
}

/** What services see beside that. Never the hash. */
export function presentRecord(row: UserRow, now: Date): UserRecord {
  return {
    ...presentUser(row),
    status: isSuspended(row, now) ? 'suspended' : 'active',
    suspendedUntil: row.suspendedUntil,
    suspendedReason: row.suspendedReason,
    lockedUntil: row.lockedUntil !== null && row.lockedUntil > now ? row.lockedUntil : null,
    lastLoginAt: row.lastLoginAt,
    mustChangePassword: row.mustChangePassword,
    hasPassword: row.passwordHash !== null,
    tenantId: row.realm || null,
    locale: row.locale,
    updatedAt: row.updatedAt,
  }
}

/** A suspension with an end is over once that has come. */
export const isSuspended = (row: Pick<UserRow, 'status' | 'suspendedUntil'>, now: Date) =>
  row.status === 'suspended' && (row.suspendedUntil === null || row.suspendedUntil > now)
