import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type Call, type Route, route } from '../../http/route.ts'
import { idParams, text, time } from '../../http/schemas.ts'
import type { ResolvedOptions } from '../../options.ts'
import { refuseOtherTenant } from '../tenants/permitted.ts'
import { createApiKey } from './create-api-key.ts'
import { listApiKeys } from './list-api-keys.ts'
import { revokeApiKey } from './revoke-api-key.ts'
import { updateApiKey } from './update-api-key.ts'

const apiKey = z
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
  .meta({ id: 'ApiKey' })
const created = z.strictObject({ ...apiKey.shape, key: z.string() }).meta({ id: 'NewApiKey' })

const permissions = z.array(text(128)).max(200)
const expiresAt = time.nullable().optional()
const newKey = z.strictObject({ name: text(100), expiresAt, permissions: permissions.nullable().optional(), tenant: text(191).optional() })
const changes = z.strictObject({ name: text(100).optional(), expiresAt, permissions: permissions.optional() })
const dateOf = (text: string | null) => (text === null ? null : new Date(text))

const isOn = ({ apiKeys }: ResolvedOptions) => apiKeys.enabled
const userOf = ({ who }: Pick<Call<unknown, unknown, unknown>, 'who'>) => {
  if (!who) throw new AuthError('UNAUTHENTICATED')
  return who.user.id
}

/** By a session alone: no key makes, changes or ends a key. */
export const apiKeyRoutes = (): Route[] => [
  route({
    method: 'GET',
    path: '/api-keys',
    summary: "The user's API keys",
    access: 'signed-in',
    enabled: isOn,
    answers: { 200: z.array(apiKey) },
    audit: [],
    handler: async (call) => ({ status: 200, body: await listApiKeys(call.auth, userOf(call)) }),
  }),
  route({
    method: 'POST',
    path: '/api-keys',
    summary: 'Make an API key; `key` is shown this once',
    access: 'recent',
    enabled: isOn,
    body: newKey,
    answers: { 201: created },
    errors: ['NOT_FOUND', 'PRIVILEGE_EXCEEDED', 'TENANT_MISMATCH'],
    limit: { ip: { max: 30, per: 60 } },
    audit: ['api_key.created'],
    handler: async (call) => {
      const { name, permissions, expiresAt, tenant } = call.body
      if (call.who) await refuseOtherTenant(call.auth, call.who)
      const tenantId = tenant === undefined ? (call.who?.tenantId ?? null) : await tenantIdOf(call.auth, tenant)
      const body = await createApiKey(call.auth, {
        userId: userOf(call),
        name,
        tenantId,
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
    errors: ['NOT_FOUND', 'PRIVILEGE_EXCEEDED'],
    audit: ['api_key.updated'],
    handler: async (call) => {
      const { expiresAt, ...rest } = call.body
      const body = await updateApiKey(call.auth, userOf(call), call.params.id, { ...rest, ...(expiresAt !== undefined && { expiresAt: dateOf(expiresAt) }) })
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
      await revokeApiKey(call.auth, call.params.id, { userId: userOf(call) })
      return { status: 204 }
    },
  }),
]

/** An id or a slug. Throws NOT_FOUND. */
async function tenantIdOf(auth: AuthContext, tenant: string): Promise<string> {
  const found = (await auth.db.authTenant.findUnique({ where: { id: tenant } })) ?? (await auth.db.authTenant.findUnique({ where: { slug: tenant } }))
  if (!found) throw new AuthError('NOT_FOUND')
  return found.id
}
