import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { type Route, route } from '../../http/route.ts'
import { time } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import { reachesByEmail, reachesBySms } from '../accounts/reach.ts'
import { offeredTypes } from '../mfa/factors.ts'
import { checkHealth } from './health.ts'

const jsonSchema = z.record(z.string(), z.json())

const config = shape(() =>
  z
    .strictObject({
      signup: z.strictObject({
        enabled: z.boolean(),
        autoLogin: z.boolean(),
        twoStep: z.boolean(),
        invitationOnly: z.boolean(),
        /** JSON Schema of the app's own fields, for a form; null where there are none, or their schema cannot be told so. */
        fields: jsonSchema.nullable(),
      }),
      identifiers: z.strictObject({ email: z.boolean(), phone: z.boolean(), username: z.boolean() }),
      password: z.strictObject({ minLength: z.int(), maxLength: z.int(), common: z.boolean(), containsIdentifier: z.boolean() }),
      emailVerification: z.strictObject({ enabled: z.boolean(), required: z.boolean(), strategy: z.string() }),
      passwordReset: z.strictObject({ enabled: z.boolean(), strategy: z.string() }),
      passwordless: z.strictObject({ email: z.boolean(), sms: z.boolean() }),
      magicLink: z.boolean(),
      passkeys: z.boolean(),
      apiKeys: z.boolean(),
      codes: z.strictObject({ length: z.int(), alphabet: z.string() }),
      captcha: z.array(z.string()),
      transports: z.strictObject({ default: z.string(), allow: z.array(z.string()) }),
      providers: z.array(z.string()),
      mfa: z.strictObject({ methods: z.array(z.string()), required: z.boolean(), trustedDevices: z.boolean() }),
      tenants: z.strictObject({ mode: z.enum(['off', 'shared', 'isolated']), selfService: z.boolean(), openSignup: z.boolean() }),
    })
    .meta({ id: 'Config' }),
)

const health = shape(() =>
  z
    .strictObject({
      status: z.enum(['ok', 'unavailable']),
      database: z.enum(['ok', 'unavailable']),
      messages: z.enum(['ok', 'failing', 'off']),
      feed: z.strictObject({ status: z.enum(['ok', 'stale', 'starting']), lastReadAt: time.nullable() }),
    })
    .meta({ id: 'Health' }),
)

export const metaRoutes = (): Route[] => [
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

/** Schemas of other libraries, and of rules that JSON Schema has no words for, have none. */
function jsonSchemaOf(schema: unknown): z.output<typeof jsonSchema> | null {
  if (!schema || typeof schema !== 'object' || !('_zod' in schema)) return null
  try {
    const { $schema: _schema, ...rest } = z.toJSONSchema(schema as z.ZodType, { io: 'input' })
    return JSON.parse(JSON.stringify(rest)) as z.output<typeof jsonSchema>
  } catch {
    return null
  }
}

function publicConfig(auth: AuthContext): z.output<typeof config> {
  const { options } = auth
  const { signup, identifiers, password, transport, emailVerification, passwordReset, passwordless, magicLink, codes, captcha } = options
  const { minLength, maxLength, common, containsIdentifier } = password
  const [byEmail, bySms] = [reachesByEmail(options), reachesBySms(options)]
  return {
    signup: {
      enabled: signup.enabled,
      autoLogin: signup.autoLogin,
      twoStep: signup.enabled && signup.twoStep && byEmail,
      invitationOnly: signup.invitationOnly,
      fields: jsonSchemaOf(signup.fields),
    },
    identifiers,
    password: { minLength, maxLength, common, containsIdentifier },
    emailVerification: { enabled: byEmail, required: emailVerification.required, strategy: emailVerification.strategy },
    passwordReset: { enabled: passwordReset.enabled && (byEmail || bySms), strategy: passwordReset.strategy },
    passwordless: { email: passwordless.email && byEmail, sms: passwordless.sms && bySms },
    magicLink: magicLink.enabled && byEmail,
    passkeys: options.passkeys.enabled,
    apiKeys: options.apiKeys.enabled,
    codes: { length: codes.length, alphabet: codes.alphabet },
    captcha: [...(captcha?.routes ?? [])],
    transports: transport,
    providers: options.providers.map(({ id }) => id),
    mfa: { methods: offeredTypes(auth), required: options.mfa.required !== false, trustedDevices: options.mfa.trustedDevices !== false },
    tenants: { mode: options.tenants.mode, selfService: options.tenants.selfService, openSignup: options.tenants.openSignup },
  }
}
