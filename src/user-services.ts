import type { AuthContext } from './context.ts'
import { deleteUser } from './features/accounts/delete-user.ts'
import { blockEmailDomains, listBlockedEmailDomains, unblockEmailDomain } from './features/accounts/email-domains.ts'
import { exportUser } from './features/accounts/export-user.ts'
import { findUser, findUserById } from './features/accounts/find-user.ts'
import { canonicalEmail, canonicalPhone, canonicalUsername } from './features/accounts/identifiers.ts'
import { listUsers, type UserQuery } from './features/accounts/list-users.ts'
import { presentRecord } from './features/accounts/present-user.ts'
import { reactivateUser, suspendUser, unlockUser } from './features/accounts/suspend-user.ts'
import type { UserRow } from './features/accounts/tables.ts'
import { type UserUpdate, updateUser } from './features/accounts/update-user.ts'
import { forgetImport, type ImportedUser, type ImportOptions, importedUpTo, importUsers } from './features/import/import-users.ts'
import { hashNewPassword } from './features/passwords/hash-new-password.ts'
import { type NewUserInput, provisionUser } from './features/passwords/provision-user.ts'
import { startResetOf } from './features/passwords/request-reset.ts'
import { setPassword } from './features/passwords/set-password.ts'
import type { UserRecord } from './shapes.ts'

interface OfTenant {
  tenantId?: string
}

/** Null where there is none. */
function finders(auth: AuthContext) {
  const shown = (row: UserRow | null): UserRecord | null => row && presentRecord(row, auth.now())
  const by = async (name: 'email' | 'phone' | 'username', value: string | undefined, { tenantId = '' }: OfTenant = {}) => {
    const realm = auth.options.tenants.mode === 'isolated' ? tenantId : ''
    return value === undefined ? null : shown(await findUser({ ...auth, realm }, { [name]: value }))
  }
  return {
    get: async (id: string) => shown(await findUserById(auth, id)),
    /** `tenantId`: whose accounts are meant, in isolated mode. */
    findByEmail: (email: string, of?: OfTenant) => by('email', canonicalEmail(email), of),
    findByPhone: async (phone: string, of?: OfTenant) => by('phone', await canonicalPhone(phone), of),
    findByUsername: (username: string, of?: OfTenant) => by('username', canonicalUsername(username), of),
  }
}

/** `auth.users`. */
export function users(auth: AuthContext) {
  return {
    ...finders(auth),
    /**
     * Makes an account; with `tenantId` its membership too. Throws EMAIL_TAKEN, PHONE_TAKEN, USERNAME_TAKEN, PASSWORD_TOO_WEAK, NOT_FOUND for the
     * tenant, TENANT_MISMATCH, SEATS_TAKEN, VALIDATION_FAILED, BUSY.
     */
    create: (input: NewUserInput) => provisionUser(auth, input),
    /** By pages, the newest first. */
    list: (query?: UserQuery) => listUsers(auth, query),
    /** Changes what is given; null empties. Throws NOT_FOUND, EMAIL_TAKEN, PHONE_TAKEN, USERNAME_TAKEN, VALIDATION_FAILED. */
    update: (id: string, patch: UserUpdate) => updateUser(auth, id, patch),
    /** Ends every session. Throws NOT_FOUND, PASSWORD_TOO_WEAK, PASSWORD_REUSED, CONFLICT, BUSY. */
    setPassword: (id: string, password: string) => setPassword(auth, id, password),
    /** Ends every session and refuses sign-ins, until `until` where it is given. Throws NOT_FOUND. */
    suspend: (id: string, how?: { until?: Date; reason?: string }) => suspendUser(auth, id, how),
    /** Throws NOT_FOUND. */
    reactivate: (id: string) => reactivateUser(auth, id),
    /** Ends a lock that failed sign-ins brought. Throws NOT_FOUND. */
    unlock: (id: string) => unlockUser(auth, id),
    /** With everything attached; audit rows keep the id. Throws NOT_FOUND. */
    delete: (id: string) => deleteUser(auth, id),
    /** Users from elsewhere, with their hashes, as they come: nothing but a batch is kept in memory. See docs/migrating-users.md. */
    import: (users: AsyncIterable<unknown> | Iterable<ImportedUser>, how: ImportOptions = {}) => importUsers(auth, users, how, hashNewPassword),
    /** How many users of the source of this name (`resume`) earlier runs have settled. */
    importedUpTo: (name: string) => importedUpTo(auth, name),
    /** The next run of the source of this name (`resume`) begins at its first line. */
    forgetImport: (name: string) => forgetImport(auth, name),
    /** Everything stored about a user, without secrets. Throws NOT_FOUND. */
    export: (id: string) => exportUser(auth, id),
    /** Sends what a password is reset with. Throws NOT_FOUND where the user has no address. */
    startPasswordReset: (id: string) => startResetOf(auth, id),
  }
}

/** `auth.emailDomains`. */
export function emailDomains(auth: AuthContext) {
  return {
    /** Adds domains whose addresses may not sign up where `signup.blockDisposable` is on; gives how many are new. */
    block: (domains: Iterable<string>, how?: { source?: string | null }) => blockEmailDomains(auth, domains, how),
    /** Throws NOT_FOUND. */
    unblock: (domain: string) => unblockEmailDomain(auth, domain),
    list: (query?: { after?: string; limit?: number }) => listBlockedEmailDomains(auth, query),
  }
}
