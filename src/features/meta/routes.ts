import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { type Route, route } from '../../http/route.ts'
import { time } from '../../http/schemas.ts'
import { checkHealth } from './health.ts'

const config = z
  .strictObject({
    signup: z.strictObject({ enabled: z.boolean(), autoLogin: z.boolean() }),
    identifiers: z.strictObject({ email: z.boolean(), phone: z.boolean(), username: z.boolean() }),
    password: z.strictObject({ minLength: z.int(), maxLength: z.int(), common: z.boolean(), containsIdentifier: z.boolean() }),
    transports: z.strictObject({ default: z.string(), allow: z.array(z.string()) }),
    providers: z.array(z.string()),
    mfa: z.strictObject({ methods: z.array(z.string()), required: z.boolean() }),
    tenants: z.strictObject({ mode: z.enum(['off', 'shared', 'isolated']) }),
  })
  .meta({ id: 'Config' })

const health = z
  .strictObject({
    status: z.enum(['ok', 'unavailable']),
    database: z.enum(['ok', 'unavailable']),
    feed: z.strictObject({ status: z.enum(['ok', 'stale', 'starting']), lastReadAt: time.nullable() }),
  })
  .meta({ id: 'Health' })

export const metaRoutes = (_auth: AuthContext): Route[] => [
  route({
    method: 'GET',
    path: '/config',
    summary: 'What is switched on; nothing secret',
    access: 'public',
    answers: { 200: config },
    audit: [],
    handler: async ({ auth }) => ({ status: 200, body: publicConfig(auth) }),
  }),
  route({
    method: 'GET',
    path: '/health',
    summary: 'Whether the database and the change feed can be reached',
    access: 'public',
    answers: { 200: health, 503: health },
    audit: [],
    handler: async ({ auth }) => {
      const body = await checkHealth(auth)
      return body.status === 'ok' ? { status: 200, body } : { status: 503, body, headers: { 'Retry-After': '2' } }
    },
  }),
]

function publicConfig({ options: { signup, identifiers, password, transport } }: AuthContext): z.output<typeof config> {
  const { minLength, maxLength, common, containsIdentifier } = password
  return {
    signup: { enabled: signup.enabled, autoLogin: signup.autoLogin },
    identifiers,
    password: { minLength, maxLength, common, containsIdentifier },
    transports: transport,
    providers: [],
    mfa: { methods: [], required: false },
    tenants: { mode: 'off' },
  }
}
