import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import { hashProblem } from '../accounts/hash-problem.ts'
import type { Identifiers } from '../accounts/identifiers.ts'
import { defaultRoles } from '../rbac/default-roles.ts'
import { DEFAULT_GUARD } from '../rbac/roles-of.ts'
import { findTenant } from '../tenants/find-tenant.ts'
import { type ImportFields, readFields } from './line-options.ts'

/** A line that holds up, with everything in it found. */
export interface ReadyUser {
  fields: Omit<ImportFields, 'password' | 'passwordHash'>
  passwordHash?: string
  identifiers: Identifiers
  realm: string
  /** Ids of roles outside tenants. */
  roleIds: string[]
  memberships: { tenantId: string; status: 'active' | 'suspended'; roleIds: string[] }[]
}

/** What is wrong with a line, for the report. */
export class LineRefused extends Error {}
const refuse = (why: string): never => {
  throw new LineRefused(why)
}

/** Checks a new password by the policy and hashes it. Throws an AuthError that says what is wrong with it. */
export type HashPassword = (auth: AuthContext, password: string, identifiers: readonly string[]) => Promise<string>

/** Looks roles and tenants up once for each name. */
export interface Lookups {
  role: (name: string, tenantId: string | null) => Promise<string>
  tenant: (name: string) => Promise<string>
  /** Ids of the roles that new members of a tenant get. */
  defaults: (tenantId: string) => Promise<readonly string[]>
}

export function createLookups(auth: AuthContext): Lookups {
  const found = new Map<string, Promise<unknown>>()
  const once = <T>(key: string, find: () => Promise<T>): Promise<T> => {
    const known = found.get(key) ?? find()
    found.set(key, known)
    return known as Promise<T>
  }
  return {
    defaults: (tenantId) => once(`defaults ${tenantId}`, async () => (await defaultRoles(auth, tenantId)).map(({ id }) => id)),
    tenant: (name) => once(`tenant ${name}`, async () => (await findTenant(auth, name))?.id ?? refuse(`there is no tenant '${name}'`)),
    role: (name, tenantId) => once(`role ${tenantId} ${name}`, () => roleId(auth, name, tenantId)),
  }
}

async function roleId(auth: AuthContext, name: string, tenantId: string | null): Promise<string> {
  for (const scope of tenantId === null ? ['global'] : [tenantId, 'global']) {
    const role = await auth.db.authRole.findUnique({ where: { guard_scope_name: { guard: DEFAULT_GUARD, scope, name } } })
    if (role?.name === name) return role.id
  }
  return refuse(`there is no role '${name}'`)
}

/** Checks a line. Throws LineRefused. */
export async function readyUser(auth: AuthContext, input: unknown, lookups: Lookups, hashPassword: HashPassword): Promise<ReadyUser> {
  const fields = readFields(input)
  if (typeof fields === 'string') return refuse(fields)
  const identifiers = await canonicalIdentifiers({ email: fields.email, phone: fields.phone, username: fields.username }).catch(asRefusal)
  if (Object.keys(identifiers).length === 0) refuse('has no email, phone or username')
  const memberships = await membershipsOf(fields, lookups)
  const roleIds = await Promise.all([...new Set(fields.roles ?? [])].map((role) => lookups.role(role, null)))
  const ready = { fields, identifiers, realm: realmOf(auth, memberships), roleIds, memberships }
  // Last, since a hash takes long.
  const passwordHash = await hashOf(auth, fields, Object.values(identifiers), hashPassword)
  return { ...ready, ...(passwordHash !== undefined && { passwordHash }) }
}

async function membershipsOf({ tenantId: own, memberships: others = [] }: ImportFields, lookups: Lookups): Promise<ReadyUser['memberships']> {
  const memberships: ReadyUser['memberships'] = []
  if (own) {
    if ((await lookups.tenant(own)) !== own) refuse(`tenantId is no id: '${own}' is what the tenant is called`)
    memberships.push({ tenantId: own, status: 'active', roleIds: [...(await lookups.defaults(own))] })
  }
  for (const { tenant, roles = [], status = 'active' } of others) {
    const tenantId = await lookups.tenant(tenant)
    if (memberships.some((other) => other.tenantId === tenantId)) refuse(`names the tenant '${tenant}' twice`)
    memberships.push({ tenantId, status, roleIds: await Promise.all([...new Set(roles)].map((role) => lookups.role(role, tenantId))) })
  }
  return memberships
}

async function hashOf(auth: AuthContext, { password, passwordHash }: ImportFields, identifiers: readonly string[], hashPassword: HashPassword) {
  if (password && passwordHash) return refuse('has both password and passwordHash')
  const problem = passwordHash ? hashProblem(auth, passwordHash) : undefined
  if (problem !== undefined) refuse(`passwordHash ${problem}`)
  return password ? hashPassword(auth, password, identifiers).catch(asWeakPassword) : (passwordHash ?? undefined)
}

/** What the policy or the app's own hook says against a password; a refusal for want of time is none. */
function asWeakPassword(error: unknown): never {
  if (!(error instanceof AuthError) || error.status >= 500) throw error
  const { reasons = [] } = error.details as { reasons?: readonly { message: string }[] }
  return refuse(`password: ${reasons.length > 0 ? reasons.map(({ message }) => message).join(' ') : error.code}`)
}

function asRefusal(error: unknown): never {
  const { details } = error as { details?: { errors?: { path: string; message: string }[] } }
  if (!details?.errors) throw error
  return refuse(details.errors.map(({ path, message }) => `${path} ${message}`).join('; '))
}

/** In isolated mode an account belongs to the one tenant it is a member of. */
function realmOf(auth: AuthContext, memberships: ReadyUser['memberships']): string {
  if (auth.options.tenants.mode !== 'isolated') return ''
  if (memberships.length > 1) refuse('has several memberships, and accounts are isolated')
  return memberships[0]?.tenantId ?? ''
}
