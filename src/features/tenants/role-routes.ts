import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type Route, route } from '../../http/route.ts'
import { idParams, pageQuery, paging, text } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import type { ResolvedOptions } from '../../options.ts'
import type { Person } from '../../shapes.ts'
import { createRole, deleteRole, type Role, updateRole } from '../rbac/manage-roles.ts'
import { refuseExcess } from '../rbac/refuse-excess.ts'
import { ownerRoleOf } from '../rbac/role-map.ts'
import { findTenantRole, pageTenantRoles } from '../rbac/tenant-roles.ts'
import { permitted } from './permitted.ts'

const role = shape(() =>
  z
    .strictObject({
      id: z.string(),
      name: z.string(),
      guard: z.string(),
      tenantId: z.string().nullable(),
      description: z.string().nullable(),
      isSystem: z.boolean(),
      isDefault: z.boolean(),
      isActive: z.boolean(),
      permissions: z.array(z.string()),
      inherits: z.array(z.string()),
    })
    .meta({ id: 'TenantRole' }),
)
const isOn = ({ tenants }: ResolvedOptions) => tenants.mode !== 'off'
const names = z.array(text(128)).max(200).optional()
const content = { description: text(190).nullable().optional(), permissions: names, inherits: z.array(text(64)).max(50).optional() }
const newRole = z.strictObject({ name: text(64), ...content })
const changes = z.strictObject({ name: text(64).optional(), isActive: z.boolean().optional(), ...content })
const roleParams = z.strictObject({ id: text(64), roleId: text(64) })
const refusals = ['NOT_FOUND', 'FORBIDDEN', 'NOT_A_MEMBER', 'TENANT_MISMATCH', 'TENANT_SUSPENDED'] as const
const writeRefusals = [...refusals, 'PRIVILEGE_EXCEEDED', 'ROLE_TAKEN', 'ROLE_CYCLE', 'ROLE_IS_SYSTEM'] as const

/** A tenant's own roles, within what the actor may do there. */
export const tenantRoleRoutes = (): Route[] => [
  route({
    method: 'GET',
    path: '/tenants/:id/roles',
    summary: "A tenant's own roles",
    access: 'signed-in',
    tenant: 'path',
    enabled: isOn,
    params: idParams,
    query: paging,
    answers: { 200: () => z.strictObject({ data: z.array(role()), nextCursor: z.string().nullable() }) },
    errors: refusals,
    audit: [],
    handler: async ({ auth, who, params, query }) => {
      const { id: tenantId } = await permitted(auth, who, params.id, 'role:read')
      return { status: 200, body: await pageTenantRoles(auth, tenantId, pageQuery(query)) }
    },
  }),
  route({
    method: 'POST',
    path: '/tenants/:id/roles',
    summary: 'Make a role of this tenant',
    access: 'signed-in',
    tenant: 'path',
    enabled: isOn,
    params: idParams,
    body: newRole,
    answers: { 201: role },
    errors: writeRefusals,
    audit: ['role.created'],
    handler: async ({ auth, who, params, body }) => {
      const { id: tenantId } = await permitted(auth, who, params.id, 'role:write')
      await refuseBeyond(auth, who, tenantId, body)
      return { status: 201, body: await createRole(auth, { name: body.name, tenantId, ...given(body) }) }
    },
  }),
  route({
    method: 'PATCH',
    path: '/tenants/:id/roles/:roleId',
    summary: 'Change a role of this tenant',
    access: 'signed-in',
    tenant: 'path',
    enabled: isOn,
    params: roleParams,
    body: changes,
    answers: { 200: role },
    errors: writeRefusals,
    audit: ['role.updated'],
    handler: async ({ auth, who, params, body }) => {
      const own = await ownRole(auth, who, params)
      await refuseBeyond(auth, who, own.tenantId, body)
      const { name, isActive } = body
      const patch = { ...(name !== undefined && { name }), ...(isActive !== undefined && { isActive }), ...given(body) }
      return { status: 200, body: await updateRole(auth, own.id, patch) }
    },
  }),
  route({
    method: 'DELETE',
    path: '/tenants/:id/roles/:roleId',
    summary: 'Delete a role of this tenant',
    access: 'signed-in',
    tenant: 'path',
    enabled: isOn,
    params: roleParams,
    answers: { 204: null },
    errors: writeRefusals,
    audit: ['role.deleted'],
    handler: async ({ auth, who, params }) => {
      await deleteRole(auth, (await ownRole(auth, who, params)).id)
      return { status: 204 }
    },
  }),
]

type Content = { name?: string | undefined; description?: string | null | undefined; permissions?: string[] | undefined; inherits?: string[] | undefined }

const given = ({ description, permissions, inherits }: Content) => ({
  ...(description !== undefined && { description }),
  ...(permissions && { permissions }),
  ...(inherits && { inherits }),
})

/** Throws PRIVILEGE_EXCEEDED for what the actor does not hold, ROLE_TAKEN for the name that makes an owner. */
async function refuseBeyond(auth: AuthContext, who: Person, tenantId: string | null, { name, permissions = [], inherits = [] }: Content) {
  if (name === ownerRoleOf(auth)) throw new AuthError('ROLE_TAKEN')
  await refuseExcess(auth, who.user.id, { tenantId, permissions, roles: inherits })
}

/** A role of the tenant of the path that the actor may change: one that grants no more than they hold. Throws NOT_FOUND, ROLE_IS_SYSTEM, PRIVILEGE_EXCEEDED. */
async function ownRole(auth: AuthContext, who: Person, params: { id: string; roleId: string }): Promise<Role> {
  const { id: tenantId } = await permitted(auth, who, params.id, 'role:write')
  const own = await findTenantRole(auth, tenantId, params.roleId)
  if (own.isSystem) throw new AuthError('ROLE_IS_SYSTEM')
  await refuseBeyond(auth, who, tenantId, { permissions: own.permissions, inherits: own.inherits })
  return own
}
