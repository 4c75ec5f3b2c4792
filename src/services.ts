import { admins } from './admin-services.ts'
import type { AuthContext } from './context.ts'
import { identities, mfa, passkeys } from './credential-services.ts'
import { encryption } from './encryption-service.ts'
import { createApiKey, type NewApiKey } from './features/api-keys/create-api-key.ts'
import { listApiKeys } from './features/api-keys/list-api-keys.ts'
import { revokeApiKey } from './features/api-keys/revoke-api-key.ts'
import { describeApiKey } from './features/api-keys/verify-api-key.ts'
import { type AuditExport, exportAudit } from './features/audit/export-audit.ts'
import { type AuditQuery, queryAudit } from './features/audit/query-audit.ts'
import { listKeys, rotateKey } from './features/keys/rotate-key.ts'
import { listMessages, retryMessage } from './features/messages/list-messages.ts'
import { type Provision, type Provisioned, provision } from './features/passwords/provision.ts'
import { grantPlatformRoles, revokePlatformRoles } from './features/platform/manage-platform.ts'
import { type Assignment, assignRole, nameOfRole, type RoleTarget } from './features/rbac/assign-role.ts'
import { definePermissions, deletePermission, listCategories, listPermissions, type PermissionDefinition } from './features/rbac/manage-permissions.ts'
import { createRole, deleteRole, listRoles, type NewRole, type RoleUpdate, updateRole } from './features/rbac/manage-roles.ts'
import { permissionsOf } from './features/rbac/permissions-of.ts'
import { DEFAULT_GUARD, rolesOf } from './features/rbac/roles-of.ts'
import { createSession } from './features/sessions/create-session.ts'
import { listSessions } from './features/sessions/list-sessions.ts'
import { revokeAllSessions, revokeSession } from './features/sessions/revoke-sessions.ts'
import { verifyAccessToken } from './features/sessions/verify-access-token.ts'
import { takeRole } from './features/tenants/keep-owner.ts'
import { onlyText, textFirst } from './only-text.ts'
import { invitations, memberships, platform, tenants } from './tenant-services.ts'
import { emailDomains, users } from './user-services.ts'

/** What an app calls; the routes are thin over the same functions. `auth.with(tx)` gives them bound to a transaction. */
export interface AuthServices {
  readonly users: ReturnType<typeof users>
  readonly sessions: ReturnType<typeof sessions>
  readonly roles: ReturnType<typeof roles>
  readonly permissions: ReturnType<typeof permissions>
  readonly apiKeys: ReturnType<typeof apiKeys>
  readonly keys: { list: () => ReturnType<typeof listKeys>; rotate: () => ReturnType<typeof rotateKey> }
  readonly messages: ReturnType<typeof messages>
  readonly tenants: ReturnType<typeof tenants>
  readonly memberships: ReturnType<typeof memberships>
  readonly invitations: ReturnType<typeof invitations>
  readonly platform: ReturnType<typeof platform>
  /** Sees to it that a user is there. Throws PROVISION_CONFLICT, NOT_FOUND, PASSWORD_TOO_WEAK, VALIDATION_FAILED. */
  readonly provision: (input: Provision) => Promise<Provisioned>
  readonly mfa: ReturnType<typeof mfa>
  readonly passkeys: ReturnType<typeof passkeys>
  readonly identities: ReturnType<typeof identities>
  readonly emailDomains: ReturnType<typeof emailDomains>
  /** Accounts of the console, apart from the app's users. */
  readonly admins: ReturnType<typeof admins>
  readonly encryption: ReturnType<typeof encryption>
  readonly cleanup: { run: () => ReturnType<AuthContext['process']['cleanup']['run']> }
  readonly audit: { query: (query?: AuditQuery) => ReturnType<typeof queryAudit>; export: (query?: AuditExport) => ReturnType<typeof exportAudit> }
}

export const bindServices = (auth: AuthContext): AuthServices => ({
  users: onlyText(users(auth), { create: 0, list: 0, import: 0, setPassword: 2 }),
  sessions: onlyText(sessions(auth), { verifyAccessToken: 0, revoke: [1, 2] }),
  roles: onlyText(roles(auth), { create: 0, list: 0, assign: 2, remove: 2 }),
  permissions: onlyText(permissions(auth), { define: 0, list: 0, categories: 0 }),
  apiKeys: onlyText(apiKeys(auth), { create: 0, verify: 0 }),
  keys: { list: () => listKeys(auth), rotate: () => rotateKey(auth) },
  audit: {
    ...onlyText({ query: (query?: AuditQuery) => queryAudit(auth, query) }, { query: 0 }),
    export: (query) => textFirst('export', query, (query) => exportAudit(auth, query)),
  },
  admins: onlyText(admins(auth), { create: 0, list: 0 }),
  encryption: encryption(auth),
  cleanup: { run: () => auth.process.cleanup.run(auth) },
  messages: onlyText(messages(auth), { pending: 0, deliver: 0 }),
  tenants: onlyText(tenants(auth), { create: 0, list: 0 }),
  memberships: onlyText(memberships(auth), { add: 0, update: 0, remove: 0, list: 0, setDefault: 0 }),
  invitations: onlyText(invitations(auth), { create: 0, resend: 0, revoke: 0, list: 0, accept: 0 }),
  platform: onlyText(platform(auth), { list: 0 }),
  ...onlyText({ provision: (input: Provision) => provision(auth, input) }, { provision: 0 }),
  mfa: onlyText(mfa(auth), { removeFactor: 2, removeTrustedDevice: [1, 2] }),
  passkeys: onlyText(passkeys(auth), { remove: 2 }),
  identities: onlyText(identities(auth), { accessToken: 2, unlink: 2 }),
  emailDomains: onlyText(emailDomains(auth), { block: 0, list: 0 }),
})

function sessions(auth: AuthContext) {
  return {
    /** A session for a user whom the app vouches for, with its tokens. Throws NOT_FOUND, ACCOUNT_SUSPENDED, NOT_A_MEMBER, TENANT_SUSPENDED. */
    create: (userId: string, how?: Parameters<typeof createSession>[2]) => createSession(auth, userId, how),
    /** A user's live sessions, the last used first. */
    list: (userId: string) => listSessions(auth, userId),
    /** Ends one at once; `reason` reaches events and the audit log. Throws NOT_FOUND. */
    revoke: (sessionId: string, reason?: string) => revokeSession(auth, sessionId, reason === undefined ? {} : { reason }),
    /** Ends all of a user's but `except`, the id of one; gives how many. */
    revokeAll: (userId: string, how?: { except?: string; reason?: string }) => revokeAllSessions(auth, userId, how),
    /** The claims of an access token that is in order. Throws TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED. */
    verifyAccessToken: async (token: string) => (await verifyAccessToken(auth, token)).claims,
  }
}

function roles(auth: AuthContext) {
  return {
    /** Throws ROLE_TAKEN, ROLE_CYCLE, NOT_FOUND for a role to inherit, VALIDATION_FAILED. */
    create: (input: NewRole) => createRole(auth, input),
    /** `permissions` and `inherits` replace what there was. Throws NOT_FOUND, ROLE_IS_SYSTEM, ROLE_TAKEN, ROLE_CYCLE, VALIDATION_FAILED. */
    update: (id: string, patch: RoleUpdate) => updateRole(auth, id, patch),
    /** Throws NOT_FOUND, ROLE_IS_SYSTEM. */
    delete: (id: string) => deleteRole(auth, id),
    /** By name: a tenant's own, or the global ones where `tenantId` is null; all where it is left out. */
    list: (query?: RoleTarget) => listRoles(auth, query),
    /** `role` is a name or an id. Throws NOT_FOUND; FEATURE_DISABLED with `platform` where that option is off. */
    assign: async (userId: string, role: string, { platform, ...target }: Assignment = {}): Promise<void> => {
      const { name, guard } = await nameOfRole(auth, role, platform ? { guard: DEFAULT_GUARD } : target)
      if (platform) await grantPlatformRoles(auth, userId, [name])
      else await assignRole(auth, userId, name, { ...target, guard })
    },
    /** `role` is a name or an id. Throws NOT_FOUND, LAST_OWNER; FEATURE_DISABLED. */
    remove: async (userId: string, role: string, { platform, ...target }: Assignment = {}): Promise<void> => {
      const { name, guard } = await nameOfRole(auth, role, platform ? { guard: DEFAULT_GUARD } : target)
      if (platform) await revokePlatformRoles(auth, userId, [name])
      else await takeRole(auth, userId, name, { ...target, guard })
    },
    /** Names of the roles a user holds, live. */
    of: (userId: string, { tenantId = null, guard }: RoleTarget = {}) => rolesOf(auth, userId, tenantId, guard),
  }
}

function permissions(auth: AuthContext) {
  return {
    /** Makes what is missing: the same call at each start seeds them. Throws VALIDATION_FAILED. */
    define: (definitions: readonly PermissionDefinition[]) => definePermissions(auth, definitions),
    /** By name. */
    list: (query?: { guard?: string; category?: string }) => listPermissions(auth, query),
    /** Looks into names and descriptions. */
    search: (text: string, query: { guard?: string; category?: string } = {}) => listPermissions(auth, { ...query, search: text }),
    /** The names of those there are. */
    categories: (query?: { guard?: string }) => listCategories(auth, query),
    /** By its id or its name. Takes it from every role. Throws NOT_FOUND. */
    delete: (idOrName: string, query?: { guard?: string }) => deletePermission(auth, idOrName, query),
    /** What a user may do, live, wildcards as they were given. */
    of: (userId: string, target?: { tenantId?: string | null; guard?: string }) => permissionsOf(auth, userId, target),
  }
}

function apiKeys(auth: AuthContext) {
  return {
    /** With `key`, which is shown this once. Throws NOT_FOUND, PRIVILEGE_EXCEEDED, VALIDATION_FAILED. */
    create: (input: NewApiKey) => createApiKey(auth, input),
    /** Those that are not revoked, the newest first. */
    list: (userId: string) => listApiKeys(auth, userId),
    /** Throws NOT_FOUND. */
    revoke: (id: string) => revokeApiKey(auth, id),
    /** Whose key it is and what it may do now. Throws API_KEY_INVALID. */
    verify: (key: string) => describeApiKey(auth, key),
  }
}

function messages(auth: AuthContext) {
  return {
    /** What waits to be sent and what was given up; never what it says. */
    pending: () => listMessages(auth),
    /** Sends what is due now; gives how many left. For tests and cron. */
    deliver: () => auth.process.outbox.deliverDue(auth),
    /** Throws NOT_FOUND. */
    retry: (id: string) => retryMessage(auth, id),
  }
}
