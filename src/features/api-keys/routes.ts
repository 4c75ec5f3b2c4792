import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type Route, route } from '../../http/route.ts'
import { idParams, text, time } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import type { ResolvedOptions } from '../../options.ts'
import type { Person } from '../../shapes.ts'
import { findTenant, isMember } from '../tenants/find-tenant.ts'
import { tokenTenant } from '../tenants/permitted.ts'
import { createApiKey } from './create-api-key.ts'
import { listOwnApiKeys } from './list-api-keys.ts'
import { findWritableKey, requireWriter } from './owner.ts'
import { revokeApiKey } from './revoke-api-key.ts'
import { updateApiKey } from './update-api-key.ts'

const apiKey = shape(() =>
  z
    .strictObject({
      id: z.string(),
      name: z.string(),
      prefix: z.string(),
      tenantId: z.string().nullable(),
      permissions: z.array(z.string()).nullable(),
      createdAt: time,
      expiresAt: time.nullable(),
      lastUsedAt: time.nullable(),
    })
    .meta({ id: 'ApiKey' }),
)
const created = shape(() => z.strictObject({ ...apiKey().shape, key: z.string() }).meta({ id: 'NewApiKey' }))

const permissions = z.array(text(128)).max(200)
const expiresAt = time.nullable().optional()
const newKey = z.strictObject({ name: text(100), expiresAt, permissions: permissions.nullable().optional(), tenant: text(191).optional() })
const changes = z.strictObject({ name: text(100).optional(), expiresAt, permissions: permissions.nullable().optional() })
const dateOf = (text: string | null) => (text === null ? null : new Date(text))

const isOn = ({ apiKeys }: ResolvedOptions) => apiKeys.enabled
const ownerOf = (who: Person): Owner => ({ userId: who.user.id, tenantId: tokenTenant(who) })

/** By a session alone: no key makes, changes or ends a key. In a tenant they ask for `api-key:read` and `api-key:write`; who has a key may always end it. */
export const apiKeyRoutes = (): Route[] => [
  route({
    method: 'GET',
    path: '/api-keys',
    summary: "The user's API keys",
    access: 'signed-in',
    tenant: 'session',
    enabled: isOn,
    answers: { 200: () => z.array(apiKey()) },
    audit: [],
    handler: async (call) => ({ status: 200, body: await listOwnApiKeys(call.auth, call.who.user.id) }),
  }),
  route({
    method: 'POST',
    path: '/api-keys',
    summary: 'Make an API key; `key` is shown this once',
    access: 'recent',
    tenant: 'session',
    enabled: isOn,
    body: newKey,
    answers: { 201: created },
    errors: ['NOT_FOUND', 'FORBIDDEN', 'PRIVILEGE_EXCEEDED'],
    limit: { ip: { max: 30, per: 60 } },
    audit: ['api_key.created'],
    handler: async (call) => {
      const { name, permissions, expiresAt, tenant } = call.body
      const owner = await placeOf(call.auth, ownerOf(call.who), tenant)
      const body = await createApiKey(call.auth, {
        ...owner,
        name,
        ...(permissions && { permissions }),
        ...(expiresAt !== undefined && { expiresAt: dateOf(expiresAt) }),
      })
      return { status: 201, body }
    },
  }),
  route({
    method: 'PATCH',
    path: '/api-keys/:id',
    summary: 'Change the name, the end or the permissions of an API key',
    access: 'recent',
    enabled: isOn,
    params: idParams,
    body: changes,
    answers: { 200: apiKey },
    errors: ['NOT_FOUND', 'FORBIDDEN', 'PRIVILEGE_EXCEEDED'],
    audit: ['api_key.updated'],
    handler: async (call) => {
      const { expiresAt, ...rest } = call.body
      const key = await findWritableKey(call.auth, call.who.user.id, call.params.id)
      const body = await updateApiKey(call.auth, key, { ...rest, ...(expiresAt !== undefined && { expiresAt: dateOf(expiresAt) }) })
      return { status: 200, body }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api-keys/:id',
    summary: 'End an API key, at once',
    access: 'signed-in',
    enabled: isOn,
    params: idParams,
    answers: { 204: null },
    errors: ['NOT_FOUND'],
    audit: ['api_key.revoked'],
    handler: async (call) => {
      await revokeApiKey(call.auth, call.params.id, { userId: call.who.user.id })
      return { status: 204 }
    },
  }),
]

interface Owner {
  userId: string
  tenantId: string | null
}

/** Where a new key acts: in the tenant named by id or slug, or else in that of the session. Throws NOT_FOUND, FORBIDDEN. */
async function placeOf(auth: AuthContext, { userId, tenantId: own }: Owner, named: string | undefined): Promise<Owner> {
  const tenantId = named === undefined ? own : (await findTenant(auth, named))?.id
  // A tenant one is not in is as one that does not exist.
  if (tenantId === undefined) throw new AuthError('NOT_FOUND')
  if (tenantId !== null && !(await isMember(auth, userId, tenantId))) throw new AuthError('NOT_FOUND')
  await requireWriter(auth, { userId, tenantId })
  return { userId, tenantId }
}
