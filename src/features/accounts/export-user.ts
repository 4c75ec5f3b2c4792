import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { UserRecord } from '../../shapes.ts'
import { readPlatformRoles } from '../platform/platform-roles.ts'
import { rolesOf } from '../rbac/roles-of.ts'
import { findUserById } from './find-user.ts'
import { presentRecord } from './present-user.ts'

type Rows = Record<string, unknown>[]

/** Everything stored about one person, without secrets. */
export interface UserExport {
  exportedAt: Date
  user: UserRecord
  sessions: Rows
  identities: Rows
  mfaFactors: Rows
  passkeys: Rows
  trustedDevices: Rows
  apiKeys: Rows
  memberships: Rows
  platformRoles: string[]
  messages: Rows
  audit: Rows
}

/** A document of everything stored about a user, for the user (GDPR, articles 15 and 20). No password, secret, hash or key is in it. Throws NOT_FOUND. */
export async function exportUser(auth: AuthContext, userId: string): Promise<UserExport> {
  const row = await findUserById(auth, userId)
  if (!row) throw new AuthError('NOT_FOUND')
  const { db } = auth
  const where = { userId }
  return {
    exportedAt: auth.now(),
    user: presentRecord(row, auth.now()),
    sessions: await db.authSession.findMany({ where, select: columns.session }),
    identities: await db.authIdentity.findMany({ where, select: columns.identity }),
    mfaFactors: await db.authMfaFactor.findMany({ where, select: columns.mfaFactor }),
    passkeys: await db.authPasskey.findMany({ where, select: columns.passkey }),
    trustedDevices: await db.authTrustedDevice.findMany({ where, select: columns.trustedDevice }),
    apiKeys: await db.authAccessKey.findMany({ where, select: columns.apiKey }),
    memberships: await withRoles(auth, userId, await db.authMembership.findMany({ where, select: columns.membership })),
    platformRoles: await readPlatformRoles(auth, userId),
    messages: await db.authMessage.findMany({ where, select: columns.message }),
    audit: await db.authAuditLog.findMany({ where, select: columns.audit }),
  }
}

const withRoles = (auth: AuthContext, userId: string, memberships: readonly { tenantId: unknown }[]) =>
  Promise.all(memberships.map(async (row) => ({ ...row, roles: await rolesOf(auth, userId, row.tenantId as string | null) })))

const id = { id: true } as const
const seen = { ip: true, userAgent: true } as const
const used = { lastUsedAt: true, createdAt: true } as const

/** By name, so that a column added later is not given out before someone has thought about it. */
const columns = {
  session: {
    ...id,
    ...seen,
    ...used,
    tenantId: true,
    amr: true,
    authenticatedAt: true,
    remember: true,
    deviceName: true,
    userData: true,
    expiresAt: true,
    revokedAt: true,
    revokedReason: true,
  },
  identity: { ...id, ...used, provider: true, providerUserId: true, email: true, emailVerified: true, profile: true },
  mfaFactor: { ...id, ...used, type: true, label: true, confirmedAt: true },
  passkey: { ...id, ...used, name: true, deviceType: true, backedUp: true },
  trustedDevice: { ...id, ...seen, ...used, name: true, expiresAt: true },
  apiKey: { ...id, ...used, name: true, tenantId: true, permissions: true, expiresAt: true, revokedAt: true },
  membership: { ...id, tenantId: true, status: true, isDefault: true, displayName: true, metadata: true, createdAt: true },
  message: { ...id, channel: true, kind: true, createdAt: true, sentAt: true },
  audit: { ...id, ...seen, at: true, event: true, outcome: true, data: true },
} as const
