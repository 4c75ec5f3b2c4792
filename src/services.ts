import type { AuthContext } from './context.ts'
import { deleteUser } from './features/accounts/delete-user.ts'
import { findUser, findUserById } from './features/accounts/find-user.ts'
import { canonicalEmail, canonicalPhone, canonicalUsername } from './features/accounts/identifiers.ts'
import { listUsers, type UserQuery } from './features/accounts/list-users.ts'
import { presentRecord } from './features/accounts/present-user.ts'
import { reactivateUser, suspendUser, unlockUser } from './features/accounts/suspend-user.ts'
import type { UserRow } from './features/accounts/tables.ts'
import { type UserUpdate, updateUser } from './features/accounts/update-user.ts'
import { type AuditQuery, queryAudit } from './features/audit/query-audit.ts'
import { listKeys, rotateKey } from './features/keys/rotate-key.ts'
import { type NewUserInput, provisionUser } from './features/passwords/provision-user.ts'
import { setPassword } from './features/passwords/set-password.ts'
import { assignRole, createRole, listRoles, removeRole } from './features/rbac/manage-roles.ts'
import { rolesOf } from './features/rbac/roles-of.ts'
import { createSession } from './features/sessions/create-session.ts'
import { listSessions } from './features/sessions/list-sessions.ts'
import { revokeAllSessions, revokeSession } from './features/sessions/revoke-sessions.ts'
import { verifyAccessToken } from './features/sessions/verify-access-token.ts'
import type { UserRecord } from './shapes.ts'

/** What an app calls; the routes are thin over the same functions. `auth.with(tx)` gives them bound to a transaction. */
export interface AuthServices {
  readonly users: ReturnType<typeof users>
  readonly sessions: ReturnType<typeof sessions>
  readonly roles: ReturnType<typeof roles>
  readonly keys: { list: () => ReturnType<typeof listKeys>; rotate: () => ReturnType<typeof rotateKey> }
  readonly audit: { query: (query?: AuditQuery) => ReturnType<typeof queryAudit> }
}

export const bindServices = (auth: AuthContext): AuthServices => ({
  users: users(auth),
  sessions: sessions(auth),
  roles: roles(auth),
  keys: { list: () => listKeys(auth), rotate: () => rotateKey(auth) },
  audit: { query: (query) => queryAudit(auth, query) },
})

function users(auth: AuthContext) {
  const shown = (row: UserRow | null): UserRecord | null => row && presentRecord(row, auth.now())
  const by = async (name: 'email' | 'phone' | 'username', value: string | undefined) =>
    value === undefined ? null : shown(await findUser(auth, { [name]: value }))
  return {
    /** Throws EMAIL_TAKEN, PHONE_TAKEN, USERNAME_TAKEN, PASSWORD_TOO_WEAK, VALIDATION_FAILED. */
    create: (input: NewUserInput) => provisionUser(auth, input),
    get: async (id: string) => shown(await findUserById(auth, id)),
    findByEmail: (email: string) => by('email', canonicalEmail(email)),
    findByPhone: async (phone: string) => by('phone', await canonicalPhone(phone)),
    findByUsername: (username: string) => by('username', canonicalUsername(username)),
    list: (query?: UserQuery) => listUsers(auth, query),
    update: (id: string, patch: UserUpdate) => updateUser(auth, id, patch),
    setPassword: (id: string, password: string) => setPassword(auth, id, password),
    suspend: (id: string, how?: { until?: Date; reason?: string }) => suspendUser(auth, id, how),
    reactivate: (id: string) => reactivateUser(auth, id),
    unlock: (id: string) => unlockUser(auth, id),
    delete: (id: string) => deleteUser(auth, id),
  }
}

function sessions(auth: AuthContext) {
  return {
    create: (userId: string, how?: Parameters<typeof createSession>[2]) => createSession(auth, userId, how),
    list: (userId: string) => listSessions(auth, userId),
    revoke: (sessionId: string, reason?: string) => revokeSession(auth, sessionId, reason === undefined ? {} : { reason }),
    revokeAll: (userId: string, how?: { except?: string; reason?: string }) => revokeAllSessions(auth, userId, how),
    /** The claims of an access token that is in order. Throws TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED. */
    verifyAccessToken: async (token: string) => (await verifyAccessToken(auth, token)).claims,
  }
}

interface RoleTarget {
  guard?: string
}

function roles(auth: AuthContext) {
  return {
    create: (input: Parameters<typeof createRole>[1]) => createRole(auth, input),
    list: (query?: RoleTarget) => listRoles(auth, query),
    assign: (userId: string, role: string, target: RoleTarget = {}) => assignRole(auth, userId, role, target.guard),
    remove: (userId: string, role: string, target: RoleTarget = {}) => removeRole(auth, userId, role, target.guard),
    /** Names of the roles a user holds, live. */
    of: (userId: string, target: RoleTarget = {}) => rolesOf(auth, userId, null, target.guard),
  }
}
