import { type AuthContext, transaction } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { type Page, pageOf } from '../../paging.ts'
import { isMissingParent, isUniqueViolation } from '../../prisma-errors.ts'
import { deleteUser } from '../accounts/delete-user.ts'
import { endApiKeys } from '../api-keys/revoke-api-key.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { ownerRoleOf } from '../rbac/role-map.ts'
import { DEFAULT_GUARD, GLOBAL } from '../rbac/roles-of.ts'
import { endSessions } from '../sessions/revoke-sessions.ts'
import { presentTenant, type Tenant } from './find-tenant.ts'
import { lockTenant } from './keep-owner.ts'
import { addMember } from './manage-members.ts'
import { checkParent, checkTenantFields, freeSlug, type TenantFields } from './tenant-fields.ts'

export interface NewTenant extends TenantFields {
  /** Who owns it: becomes its first member, with the owner role. */
  ownerId?: string
}
export type TenantUpdate = Partial<TenantFields>

/** Makes a tenant and, with `ownerId`, its owner, as one. Throws SLUG_TAKEN, NOT_FOUND for an owner or parent that does not exist, VALIDATION_FAILED. */
export async function createTenant(auth: AuthContext, input: NewTenant): Promise<Tenant> {
  const { name, ownerId, parentId = null, metadata, locale = null } = input
  const { domain = null } = checkTenantFields(input)
  await ensureOwnerRole(auth)
  const now = auth.now()
  const fields = { id: newId(now, auth.random), name, domain, parentId, status: 'active', locale, createdAt: now, updatedAt: now }
  return transaction(auth, async (auth) => {
    const slug = input.slug ?? (await freeSlug(auth, name))
    const row = { ...fields, slug, ...(metadata && { metadata }) }
    if (domain !== null && (await auth.db.authTenant.findUnique({ where: { domain } }))) throw new AuthError('SLUG_TAKEN')
    // A slug that nobody chose, and that another request has just taken: the transaction is tried again and finds another.
    await whereFree(() => auth.db.authTenant.createMany({ data: [row] }), input.slug === undefined)
    await recordAudit(auth, { event: 'tenant.created', tenantId: row.id, data: { slug } })
    emit(auth, 'tenant.created', { tenantId: row.id, slug })
    if (ownerId !== undefined) await addMember(auth, { userId: ownerId, tenantId: row.id, roles: [ownerRoleOf(auth)] })
    return presentTenant({ metadata: null, ...row })
  })
}

/** The owner role is one for all tenants; it is made with the first tenant. In a transaction, which a refused insert ends, the second try finds it. */
async function ensureOwnerRole(auth: AuthContext) {
  const name = ownerRoleOf(auth)
  if (await auth.db.authRole.findUnique({ where: { guard_scope_name: { guard: DEFAULT_GUARD, scope: GLOBAL, name } } })) return
  const now = auth.now()
  const row = {
    id: newId(now, auth.random),
    guard: DEFAULT_GUARD,
    scope: GLOBAL,
    tenantId: null,
    name,
    description: 'Owns a tenant',
    isSystem: true,
    isDefault: false,
    isActive: true,
  }
  try {
    await auth.db.authRole.createMany({ data: [{ ...row, createdAt: now, updatedAt: now }] })
  } catch (error) {
    if (auth.inTransaction || !isUniqueViolation(error)) throw error // another request made it first
  }
}

async function whereFree<T>(write: () => Promise<T>, isMade = false): Promise<T> {
  try {
    return await write()
  } catch (cause) {
    if (isMissingParent(cause)) throw new AuthError('NOT_FOUND', { detail: 'There is no such parent.', cause })
    throw isUniqueViolation(cause) && !isMade ? new AuthError('SLUG_TAKEN', { cause }) : cause
  }
}

/** Changes what is given. Throws NOT_FOUND, SLUG_TAKEN for a slug or domain that another one has, VALIDATION_FAILED. */
export async function updateTenant(auth: AuthContext, id: string, patch: TenantUpdate): Promise<Tenant> {
  const { name, slug, parentId, metadata, locale } = patch
  const { domain } = checkTenantFields(patch)
  return transaction(auth, async (auth) => {
    if (typeof parentId === 'string') await checkParent(auth, id, parentId)
    return changeTenant(auth, id, 'tenant.updated', {
      ...(name !== undefined && { name }),
      ...(slug !== undefined && { slug }),
      ...(domain !== undefined && { domain }),
      ...(parentId !== undefined && { parentId }),
      ...(metadata !== undefined && { metadata }),
      ...(locale !== undefined && { locale }),
    })
  })
}

/** Nobody is in it from the next request on. Throws NOT_FOUND. */
export const suspendTenant = (auth: AuthContext, id: string) => changeTenant(auth, id, 'tenant.suspended', { status: 'suspended' })
/** Throws NOT_FOUND. */
export const reactivateTenant = (auth: AuthContext, id: string) => changeTenant(auth, id, 'tenant.updated', { status: 'active' })

async function changeTenant(
  auth: AuthContext,
  id: string,
  event: 'tenant.updated' | 'tenant.suspended',
  data: Parameters<AuthContext['db']['authTenant']['updateMany']>[0]['data'],
): Promise<Tenant> {
  return transaction(auth, async (auth) => {
    const { count } = await whereFree(() => auth.db.authTenant.updateMany({ where: { id }, data: { ...data, updatedAt: auth.now() } }))
    const row = count > 0 ? await auth.db.authTenant.findUnique({ where: { id } }) : null
    if (!row) throw new AuthError('NOT_FOUND')
    // Guards that remember having let someone in, by this name, ask again.
    if (data.status !== undefined || data.slug !== undefined) await recordChanges(auth, 'roles', [id])
    await recordAudit(auth, { event, tenantId: id, data: { fields: Object.keys(data) } })
    emit(auth, event, { tenantId: id, slug: row.slug })
    return presentTenant(row)
  })
}

/**
 * Deletes a tenant with its memberships, roles and invitations. Its users stay, and their sessions and API keys in it end; in isolated mode they belong to it and
 * are deleted one by one, before it: it is suspended in the meantime. Throws NOT_FOUND.
 */
export async function deleteTenant(auth: AuthContext, id: string) {
  if (auth.options.tenants.mode === 'isolated') await deleteAccounts(auth, id)
  await transaction(auth, async (auth) => {
    await lockTenant(auth, id) // what is made in it meanwhile is found below, or finds no tenant
    const row = await auth.db.authTenant.findUnique({ where: { id } })
    const live = await auth.db.authSession.findMany({ where: { tenantId: id, revokedAt: null, expiresAt: { gt: auth.now() } } })
    await endSessions(auth, live, 'tenant_deleted')
    await endApiKeys(auth, await auth.db.authAccessKey.findMany({ where: { tenantId: id, revokedAt: null }, orderBy: { id: 'asc' } }))
    const { count } = await auth.db.authTenant.deleteMany({ where: { id } })
    if (!row || count === 0) throw new AuthError('NOT_FOUND')
    await recordChanges(auth, 'roles', [id])
    await recordAudit(auth, { event: 'tenant.deleted', tenantId: id, data: { slug: row.slug } })
    emit(auth, 'tenant.deleted', { tenantId: id, slug: row.slug })
  })
}

async function deleteAccounts(auth: AuthContext, id: string) {
  await suspendTenant(auth, id)
  for (;;) {
    const users = await auth.db.authUser.findMany({ where: { realm: id }, orderBy: { id: 'desc' }, take: 100 })
    for (const user of users) await deleteUser(auth, user.id)
    if (users.length === 0) return
  }
}

export interface TenantQuery {
  status?: 'active' | 'suspended'
  /** The tenants right below this one; null: those that are below none. */
  parentId?: string | null
  cursor?: string
  /** 1 to 200; 50 where it is left out. */
  limit?: number
}

/** Tenants, the newest first. */
export const listTenants = (auth: AuthContext, { status, parentId, ...query }: TenantQuery = {}): Promise<Page<Tenant>> =>
  pageOf(query, async (after, take) => {
    const where = {
      ...(status !== undefined && { status }),
      ...(parentId !== undefined && { parentId }),
      ...(after !== undefined && { id: { lt: after } }),
    }
    return (await auth.db.authTenant.findMany({ where, orderBy: { id: 'desc' }, take })).map(presentTenant)
  })
