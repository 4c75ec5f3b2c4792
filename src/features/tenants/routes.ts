import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { idsOf, type Route, route } from '../../http/route.ts'
import { idParams, jsonObject, shapes, text, time, tokenText } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import { answerSignIn } from '../../http/sign-in-answer.ts'
import type { ResolvedOptions } from '../../options.ts'
import { selectTenant, switchTenant } from './choose-tenant.ts'
import { findTenant, presentTenant } from './find-tenant.ts'
import { membershipsOf, setDefaultTenant } from './manage-members.ts'
import { createTenant, deleteTenant, updateTenant } from './manage-tenants.ts'
import { memberRoutes } from './member-routes.ts'
import { permitted } from './permitted.ts'
import { tenantRoleRoutes } from './role-routes.ts'

const status = z.enum(['active', 'suspended'])
const tenant = shape(() =>
  z
    .strictObject({
      id: z.string(),
      slug: z.string(),
      name: z.string(),
      domain: z.string().nullable(),
      parentId: z.string().nullable(),
      status,
      metadata: z.record(z.string(), z.json()),
      locale: z.string().nullable(),
      createdAt: time,
      updatedAt: time,
    })
    .meta({ id: 'Tenant' }),
)
const mine = shape(() =>
  z
    .strictObject({ id: z.string(), slug: z.string(), name: z.string(), status, membershipStatus: status, isDefault: z.boolean(), roles: z.array(z.string()) })
    .meta({ id: 'MyTenant' }),
)
const isOn = ({ tenants }: ResolvedOptions) => tenants.mode !== 'off'
const reference = text(64)
const refusals = ['NOT_FOUND', 'FORBIDDEN', 'NOT_A_MEMBER', 'TENANT_MISMATCH', 'TENANT_SUSPENDED'] as const

export const tenantRoutes = (): Route[] => [
  route({
    method: 'GET',
    path: '/tenants',
    summary: 'The tenants this user is in',
    access: 'signed-in',
    enabled: isOn,
    answers: { 200: () => z.array(mine()) },
    audit: [],
    handler: async ({ auth, who }) => ({ status: 200, body: await tenantsOf(auth, who.user.id) }),
  }),
  route({
    method: 'POST',
    path: '/tenants',
    summary: 'Make a tenant and own it, where people may',
    access: 'signed-in',
    enabled: (options) => options.tenants.mode === 'shared' && options.tenants.selfService,
    body: z.strictObject({ name: text(120), slug: text(63).optional() }),
    answers: { 201: tenant },
    errors: ['SLUG_TAKEN'],
    limit: { ip: { max: 30, per: 3600 } },
    audit: ['tenant.created', 'membership.added'],
    handler: async ({ auth, who, body: { name, slug } }) => ({
      status: 201,
      body: await createTenant(auth, { name, ownerId: who.user.id, ...(slug !== undefined && { slug }) }),
    }),
  }),
  route({
    method: 'POST',
    path: '/tenants/select',
    summary: 'Choose the tenant of a sign-in that waits for it',
    access: 'public',
    enabled: isOn,
    body: z.strictObject({ tenantToken: tokenText, tenant: reference }),
    answers: { 200: shapes.signIn },
    errors: ['LINK_INVALID', 'NOT_A_MEMBER', 'TENANT_SUSPENDED', 'ACCOUNT_SUSPENDED'],
    limit: { ip: { max: 100, per: 900 } },
    audit: ['login.succeeded'],
    handler: async ({ auth, body }) => {
      const { answer, remember } = await selectTenant(auth, body.tenantToken, body.tenant)
      return answerSignIn(answer, { remember })
    },
  }),
  route({
    method: 'POST',
    path: '/tenants/switch',
    summary: 'Go over to another tenant: a new session in place of this one',
    access: 'signed-in',
    enabled: isOn,
    body: z.strictObject({ tenant: reference, default: z.boolean().optional() }),
    answers: { 200: shapes.signIn },
    errors: ['NOT_FOUND', 'TENANT_SUSPENDED'],
    limit: { ip: { max: 100, per: 900 } },
    audit: ['tenant.switched', 'session.revoked', 'membership.updated'],
    handler: async ({ auth, body, who }) => {
      const { answer, remember } = await switchTenant(auth, idsOf(who), body.tenant)
      if (body.default && answer.session.tenantId !== null) await setDefaultTenant(auth, { userId: who.user.id, tenantId: answer.session.tenantId })
      return answerSignIn(answer, { remember })
    },
  }),
  route({
    method: 'GET',
    path: '/tenants/lookup',
    summary: 'The name of a tenant by its slug',
    access: 'public',
    enabled: (options) => isOn(options) && options.tenants.lookup,
    query: z.strictObject({ slug: text(63) }),
    answers: { 200: () => z.strictObject({ id: z.string(), slug: z.string(), name: z.string() }) },
    errors: ['NOT_FOUND'],
    limit: { ip: { max: 60, per: 60 } },
    audit: [],
    handler: async ({ auth, query }) => {
      const found = await findTenant(auth, query.slug)
      if (found?.status !== 'active' || found.slug !== query.slug) throw new AuthError('NOT_FOUND')
      return { status: 200, body: { id: found.id, slug: found.slug, name: found.name } }
    },
  }),
  route({
    method: 'GET',
    path: '/tenants/:id',
    summary: 'A tenant',
    access: 'signed-in',
    tenant: 'path',
    enabled: isOn,
    params: idParams,
    answers: { 200: tenant },
    errors: refusals,
    audit: [],
    handler: async (call) => ({ status: 200, body: presentTenant(await permitted(call.auth, call.who, call.params.id, 'tenant:read')) }),
  }),
  route({
    method: 'PATCH',
    path: '/tenants/:id',
    summary: 'Change a tenant',
    access: 'signed-in',
    tenant: 'path',
    enabled: isOn,
    params: idParams,
    body: z.strictObject({ name: text(120).optional(), slug: text(63).optional(), metadata: jsonObject.optional(), locale: text(35).nullable().optional() }),
    answers: { 200: tenant },
    errors: [...refusals, 'SLUG_TAKEN'],
    audit: ['tenant.updated'],
    handler: async ({ auth, who, params, body }) => {
      const { id } = await permitted(auth, who, params.id, 'tenant:update')
      const patch = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
      return { status: 200, body: await updateTenant(auth, id, patch) }
    },
  }),
  route({
    method: 'DELETE',
    path: '/tenants/:id',
    summary: 'Delete a tenant with all that is in it',
    access: 'recent',
    tenant: 'path',
    enabled: isOn,
    params: idParams,
    answers: { 204: null },
    errors: refusals,
    audit: ['tenant.deleted', 'session.revoked', 'api_key.revoked'],
    handler: async ({ auth, who, params }) => {
      const { id } = await permitted(auth, who, params.id, 'tenant:delete')
      await deleteTenant(auth, id)
      return { status: 204 }
    },
  }),
  ...memberRoutes(),
  ...tenantRoleRoutes(),
]

async function tenantsOf(auth: AuthContext, userId: string) {
  const memberships = await membershipsOf(auth, userId)
  const ids = memberships.map(({ tenantId }) => tenantId)
  const tenants = ids.length === 0 ? [] : await auth.db.authTenant.findMany({ where: { id: { in: ids } }, orderBy: { id: 'desc' } })
  return memberships.flatMap(({ tenantId, isDefault, roles, status: membershipStatus }) => {
    const row = tenants.find(({ id }) => id === tenantId)
    if (!row) return []
    const { id, slug, name, status } = presentTenant(row)
    return { id, slug, name, status, membershipStatus, isDefault, roles }
  })
}
