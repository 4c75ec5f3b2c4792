import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { UserRecord } from '../../shapes.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import { findUser } from '../accounts/find-user.ts'
import { presentRecord } from '../accounts/present-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { transactionNaming } from '../accounts/taken.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { assignRole } from '../rbac/assign-role.ts'
import { GLOBAL } from '../rbac/roles-of.ts'
import { findTenant } from '../tenants/find-tenant.ts'
import { addMember, findMember, type Membership } from '../tenants/manage-members.ts'
import type { TenantRow } from '../tenants/tables.ts'
import { createAccount, readyPassword } from './provision-user.ts'

export interface Provision {
  email: string
  /** Set where the user is made; never changed for one that exists. */
  password?: string
  /** An id or slug. */
  tenant?: string
  /** Names; in the tenant, or outside tenants. Left out: the default ones, and any will do for a user who exists. */
  roles?: readonly string[]
  emailVerified?: boolean
}

export interface Provisioned {
  user: UserRecord
  created: boolean
  membership?: Membership
}

/**
 * Sees to it that a user is there, by the app's own word: whatever `signup` says, within the password policy, as one with membership and roles. The same
 * call again gives the same user, `created: false`. Throws PROVISION_CONFLICT where the user is there and not as asked for, NOT_FOUND for a tenant or
 * role, PASSWORD_TOO_WEAK, VALIDATION_FAILED, TENANT_REQUIRED in isolated mode.
 */
export async function provision(auth: AuthContext, input: Provision): Promise<Provisioned> {
  const { email = '' } = await canonicalIdentifiers({ email: input.email })
  const tenant = input.tenant === undefined ? null : await findTenant(auth, input.tenant)
  if (input.tenant !== undefined && !tenant) throw new AuthError('NOT_FOUND')
  const isIsolated = auth.options.tenants.mode === 'isolated'
  if (isIsolated && !tenant && !auth.options.platform.accounts) throw new AuthError('TENANT_REQUIRED')
  const there = isIsolated ? { ...auth, realm: tenant?.id ?? '' } : auth
  const existing = await findUser(there, { email })
  if (existing) return compare(there, existing, tenant, input)
  const passwordHash = await readyPassword(there, input.password, [email])
  try {
    return await transactionNaming(there, (there) => make(there, { ...input, email }, tenant, passwordHash))
  } catch (error) {
    // Another call made the user first; in the app's own transaction there is nothing left to ask.
    const isTaken = error instanceof AuthError && error.code === 'EMAIL_TAKEN'
    const other = isTaken && !auth.inTransaction ? await findUser(there, { email }) : null
    if (!other) throw isTaken ? new AuthError('PROVISION_CONFLICT', { cause: error }) : error
    return compare(there, other, tenant, input)
  }
}

async function make(auth: AuthContext, input: Provision, tenant: TenantRow | null, passwordHash: string | undefined): Promise<Provisioned> {
  const { email, roles, emailVerified = false } = input
  const withoutRoles = !tenant && roles !== undefined
  const row = await createAccount(auth, { email, emailVerified, withoutRoles, ...(passwordHash !== undefined && { passwordHash }) })
  const membership = tenant ? await addMember(auth, { userId: row.id, tenantId: tenant.id, ...(roles && { roles }) }) : undefined
  if (!tenant) for (const role of roles ?? []) await assignRole(auth, row.id, role)
  await recordAudit(auth, { event: 'user.provisioned', userId: row.id, ...(tenant && { tenantId: tenant.id }), data: { roles: [...(roles ?? [])] } })
  return { user: presentRecord(row, auth.now()), created: true, ...(membership && { membership }) }
}

/** The very same user and target, or a conflict. */
async function compare(auth: AuthContext, user: UserRow, tenant: TenantRow | null, { roles, emailVerified }: Provision): Promise<Provisioned> {
  const there = await findMember(auth, { userId: user.id, tenantId: tenant?.id ?? GLOBAL })
  // What was given, whether it counts now or not: a role may be switched off, a tenant suspended.
  const held = there?.roles ?? []
  const isSame = roles === undefined || (roles.every((role) => held.includes(role)) && held.every((role) => roles.includes(role)))
  const isProved = !emailVerified || user.emailVerifiedAt !== null
  if ((tenant && there?.status !== 'active') || user.status !== 'active' || !isSame || !isProved) throw new AuthError('PROVISION_CONFLICT')
  return { user: presentRecord(user, auth.now()), created: false, ...(tenant && there && { membership: there }) }
}
