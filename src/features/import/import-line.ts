import type { AuthContext } from '../../context.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import type { Identifiers } from '../accounts/identifiers.ts'
import { DEFAULT_GUARD } from '../rbac/roles-of.ts'
import { findTenant } from '../tenants/find-tenant.ts'
import { type ImportFields, readFields } from './line-options.ts'

/** A line that holds up, with everything in it found. */
export interface ReadyUser {
  fields: ImportFields
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

/** Looks roles and tenants up once for each name. */
export interface Lookups {
  role: (name: string, tenantId: string | null) => Promise<string>
  tenant: (name: string) => Promise<string>
}

export function createLookups(auth: AuthContext): Lookups {
  const found = new Map<string, Promise<string>>()
  const once = (key: string, find: () => Promise<string>) => {
    const known = found.get(key) ?? find()
    found.set(key, known)
    return known
  }
  return {
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
export async function readyUser(auth: AuthContext, input: unknown, lookups: Lookups): Promise<ReadyUser> {
  const fields = readFields(input)
  if (typeof fields === 'string') return refuse(fields)
  const identifiers = await canonicalIdentifiers({ email: fields.email, phone: fields.phone, username: fields.username }).catch(asRefusal)
  if (Object.keys(identifiers).length === 0) refuse('has no email, phone or username')
  if (fields.passwordHash && !auth.process.passwords.knows(fields.passwordHash)) refuse('passwordHash is of no kind that password.verifyLegacy names')
  const memberships: ReadyUser['memberships'] = []
  for (const { tenant, roles = [], status = 'active' } of fields.memberships ?? []) {
    const tenantId = await lookups.tenant(tenant)
    if (memberships.some((other) => other.tenantId === tenantId)) refuse(`names the tenant '${tenant}' twice`)
    memberships.push({ tenantId, status, roleIds: await Promise.all([...new Set(roles)].map((role) => lookups.role(role, tenantId))) })
  }
  const roleIds = await Promise.all([...new Set(fields.roles ?? [])].map((role) => lookups.role(role, null)))
  return { fields, identifiers, realm: realmOf(auth, memberships), roleIds, memberships }
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
