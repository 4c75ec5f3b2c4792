import type { ExportTables } from './features/accounts/export-tables.ts'
import type { AccountTables, AttachmentTables, EmailDomainTables } from './features/accounts/tables.ts'
import type { AdminTables } from './features/admins/tables.ts'
import type { ApiKeyTables } from './features/api-keys/tables.ts'
import type { AuditTables } from './features/audit/tables.ts'
import type { ChangeTables } from './features/changes/tables.ts'
import type { CleanupTables, SealedDatabase } from './features/cleanup/tables.ts'
import type { CodeTables } from './features/codes/tables.ts'
import type { InvitationTables } from './features/invitations/tables.ts'
import type { KeyTables } from './features/keys/tables.ts'
import type { LimitTables } from './features/limits/tables.ts'
import type { MessageTables } from './features/messages/tables.ts'
import type { MfaTables } from './features/mfa/tables.ts'
import type { IdentityTables } from './features/oauth/tables.ts'
import type { PasskeyTables } from './features/passkeys/tables.ts'
import type { PlatformTables } from './features/platform/tables.ts'
import type { RbacTables } from './features/rbac/tables.ts'
import type { OpenSessionTables, SessionTables } from './features/sessions/tables.ts'
import type { TenantTables } from './features/tenants/tables.ts'
import type { TrustedDeviceTables } from './features/trusted-devices/tables.ts'

/** The tables this package reads and writes, as the app's client or a transaction of it exposes them. Several features may use one table, each in its own way. */
export type Database = AccountTables &
  AdminTables &
  ApiKeyTables &
  AttachmentTables &
  AuditTables &
  ChangeTables &
  CodeTables &
  EmailDomainTables &
  ExportTables &
  InvitationTables &
  IdentityTables &
  KeyTables &
  LimitTables &
  MessageTables &
  MfaTables &
  TenantTables &
  TrustedDeviceTables &
  PasskeyTables &
  PlatformTables &
  RbacTables &
  SessionTables &
  OpenSessionTables &
  CleanupTables &
  SealedDatabase

/** Any generated or extended PrismaClient whose schema has the auth models. */
export type AuthPrismaClient = Database & {
  // Prisma overloads this method; the type of its result is restored in context.ts.
  // biome-ignore lint/suspicious/noExplicitAny: no narrower type accepts every generated client
  $transaction: (work: (tx: any) => Promise<any>, options?: { maxWait?: number; timeout?: number }) => Promise<any>
}

/** Prisma has no public way to ask; a client that does not say is undefined. */
export const providerOf = (prisma: object) => (prisma as { _activeProvider?: unknown })._activeProvider

const models = [
  'authUser',
  'authIdentity',
  'authSession',
  'authOtp',
  'authMfaFactor',
  'authRecoveryCode',
  'authTrustedDevice',
  'authPasskey',
  'authAccessKey',
  'authTenant',
  'authMembership',
  'authMembershipRole',
  'authPlatformAccess',
  'authPlatformAccessRole',
  'authRole',
  'authPermission',
  'authRolePermission',
  'authRoleInheritance',
  'authInvitation',
  'authAdminUser',
  'authAdminSession',
  'authAuditLog',
  'authBlockedEmailDomain',
  'authSigningKey',
  'authMessage',
  'authChange',
  'authRateLimit',
] as const

/** Why this value cannot be the `prisma` option, or undefined. A generated client leaves unknown models undefined. */
export function clientProblem(client: unknown): string | undefined {
  const candidate = client as Record<string, unknown> | null | undefined
  if (typeof candidate?.$transaction !== 'function') return 'must be a PrismaClient'
  const missing = models.filter((model) => !candidate[model]).map((model) => `A${model.slice(1)}`)
  if (missing.length === 0) return undefined
  return `the generated client lacks ${missing.join(', ')}: run npx prisma generate, and before it npx latchkey init where the Prisma schema lacks them too`
}
