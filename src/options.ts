import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { type Backend, isBackend } from './backend.ts'
import { type AuthPrismaClient, clientProblem } from './database.ts'
import { duration } from './durations.ts'
import { type AuthEvents, eventNames } from './events.ts'
import { identifierOptions, metadataOption, signupOptions } from './features/accounts/options.ts'
import { apiKeyOptions } from './features/api-keys/options.ts'
import { auditOptions, cleanupOptions } from './features/cleanup/options.ts'
import { codeOptions } from './features/codes/options.ts'
import { stepUpOptions } from './features/confirmation/options.ts'
import { limitOptions, lockoutOptions } from './features/limits/options.ts'
import { messageOptions, senderOption } from './features/messages/options.ts'
import { mfaOptions } from './features/mfa/options.ts'
import { providerOptions } from './features/oauth/options.ts'
import { passkeyOptions } from './features/passkeys/options.ts'
import { magicLinkOptions, passwordlessOptions } from './features/passwordless/options.ts'
import { passwordOptions, passwordResetOptions } from './features/passwords/options.ts'
import { platformOptions } from './features/platform/options.ts'
import { rbacOptions } from './features/rbac/options.ts'
import { sessionOptions, tokenOptions } from './features/sessions/options.ts'
import { tenantOptions } from './features/tenants/options.ts'
import { emailVerificationOptions } from './features/verification/options.ts'
import { type AuthHooks, hookNames } from './hooks.ts'
import { consoleLogger, type Logger } from './logger.ts'

const isFunction = (value: unknown) => typeof value === 'function'
const functionOf = <F>() => z.custom<F>(isFunction, 'must be a function')
/** Functions by name; a misspelt name would be a function that never runs. */
const mapOfFunctions = <Map>(kind: string, names: readonly string[]) =>
  z
    .custom<Map>((value) => typeof value === 'object' && value !== null && Object.values(value).every((one) => one === undefined || isFunction(one)), {
      message: `must map ${kind} names to functions`,
      abort: true,
    })
    .superRefine((map, context) => {
      for (const name of Object.keys(map as object)) {
        if (!names.includes(name)) context.addIssue({ code: 'custom', message: `there is no ${kind} '${name}'` })
      }
    })

const isUrl = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
const url = z
  .string()
  .refine(isUrl, 'must be an absolute http(s) URL')
  .transform((text) => text.replace(/\/+$/, ''))
const origin = z.string().refine((text) => isUrl(text) && new URL(text).origin === text, "must be an origin such as 'https://app.example.com'")

const placeholder = /change.?me|your.?secret|example.?secret|secret.?here|replace.?me|insecure/i
const makeOne = 'make one with `openssl rand -base64 32`'
function secretProblem(secret: unknown): string | undefined {
  if (typeof secret !== 'string' || Buffer.byteLength(secret) < 32) return `must be text of at least 32 bytes; ${makeOne}`
  return placeholder.test(secret) && process.env.NODE_ENV === 'production' ? `is a placeholder; ${makeOne}` : undefined
}
const secretOption = z
  .custom<string | readonly string[]>()
  .superRefine((value, context) => {
    const all: unknown[] = Array.isArray(value) && value.length > 0 ? value : [value]
    for (const message of new Set(all.map(secretProblem))) if (message) context.addIssue({ code: 'custom', message })
  })
  .transform((value) => [value].flat() as string[])

const isLogger = (value: unknown) => ['debug', 'info', 'warn', 'error'].every((level) => isFunction((value as Record<string, unknown> | null)?.[level]))

const transportOptions = z
  .strictObject({
    /** For a request that does not say with `X-Auth-Transport`. */
    default: z.enum(['bearer', 'cookie']).default('bearer'),
    allow: z
      .array(z.enum(['bearer', 'cookie']))
      .min(1)
      .default(['bearer', 'cookie']),
  })
  .refine((transport) => transport.allow.includes(transport.default), 'default must be one of allow')
  .prefault({})

const cookieOptions = z
  .strictObject({
    /** False only where a page is served over plain http, as in development. */
    secure: z.boolean().default(true),
    sameSite: z.enum(['lax', 'strict', 'none']).default('lax'),
    /** Shares the cookies with subdomains; they then carry `__Secure-` instead of `__Host-`. */
    domain: z.string().min(1).optional(),
    prefix: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,31}$/i)
      .default('lk'),
  })
  .refine((cookies) => cookies.secure || cookies.sameSite !== 'none', "sameSite 'none' needs secure: true")
  .prefault({})

export const optionsSchema = z.strictObject({
  /** The app's PrismaClient. Its schema must have the models of `prisma/auth.prisma`. */
  prisma: z.custom<AuthPrismaClient>().superRefine((value, context) => {
    const message = clientProblem(value)
    if (message) context.addIssue({ code: 'custom', message })
  }),
  /** At least 32 bytes; several while one replaces another: the first signs, all verify. */
  secret: secretOption,
  /** Public URL of the mount, such as 'https://api.example.com/auth'. */
  baseUrl: url.optional(),
  /** Public URL of the app's pages; its origin is trusted. */
  appUrl: url.optional(),
  /** Where links in messages lead: this router's own small pages, or the same paths under `appUrl`. */
  pages: z.enum(['built-in', 'app']).default('built-in'),
  /** Origins whose pages may use the cookies, beside the server's own and that of `appUrl`. */
  trustedOrigins: z.array(origin).default([]),
  transport: transportOptions,
  cookies: cookieOptions,
  tokens: tokenOptions,
  sessions: sessionOptions,
  signup: signupOptions,
  identifiers: identifierOptions,
  metadata: metadataOption,
  password: passwordOptions,
  passwordReset: passwordResetOptions,
  emailVerification: emailVerificationOptions,
  passwordless: passwordlessOptions,
  magicLink: magicLinkOptions,
  codes: codeOptions,
  mfa: mfaOptions,
  passkeys: passkeyOptions,
  /** Where people sign in with an account they have elsewhere. */
  providers: providerOptions,
  tenants: tenantOptions,
  platform: platformOptions,
  /** Delivers email. Without it, what needs email is switched off. */
  mailer: senderOption,
  /** Delivers text messages; the same interface. */
  sms: senderOption,
  messages: messageOptions,
  limits: limitOptions,
  lockout: lockoutOptions,
  rbac: rbacOptions,
  apiKeys: apiKeyOptions,
  stepUp: stepUpOptions,
  /** Has a person prove to be one on the routes named: `{ verify: (token, { ip, route }) => boolean, routes: ['POST /signup'] }`. */
  captcha: z
    .strictObject({
      verify: functionOf<(token: string, from: { ip: string | null; route: string }) => boolean | Promise<boolean>>(),
      routes: z.array(z.string()).min(1).default(['POST /signup']),
    })
    .optional(),
  audit: auditOptions,
  /** Deletes what has expired; false leaves that to `auth.cleanup.run()`. */
  cleanup: cleanupOptions,
  /** What several processes share beside the database: `redisBackend(client)` of `latchkey/redis`. */
  backend: z.custom<Backend>(isBackend, 'must be a backend such as redisBackend(client) of latchkey/redis').optional(),
  /** How often the change feed is read for what other processes changed. */
  feed: z.strictObject({ pollEvery: duration('2s').refine((seconds) => seconds >= 1, 'at least a second') }).prefault({}),
  hooks: mapOfFunctions<AuthHooks>('hook', hookNames).default({}),
  /** Listeners, as with `auth.on`. */
  on: mapOfFunctions<Partial<AuthEvents>>('event', eventNames).default({}),
  logger: z.custom<Logger>(isLogger, 'must have debug, info, warn and error').default(consoleLogger),
  /** The clock, for tests. */
  now: functionOf<() => Date>().default(() => () => new Date()),
  /** Randomness, for tests. */
  random: functionOf<(bytes: number) => Uint8Array>().default(() => randomBytes),
})

export type AuthOptions = z.input<typeof optionsSchema>
export type ResolvedOptions = Readonly<z.output<typeof optionsSchema>>

const describe = (issue: z.core.$ZodIssue) =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => `  ${[...issue.path, key].join('.')}: there is no such option`)
    : [`  ${issue.path.join('.') || 'options'}: ${issue.message}`]

/** Fills defaults; throws one TypeError that lists every mistake and how to mend it. */
export function parseOptions(options: AuthOptions): ResolvedOptions {
  const result = optionsSchema.safeParse(options)
  if (result.success) return result.data
  throw optionsError(result.error.issues.flatMap(describe))
}

export const optionsError = (lines: readonly string[]) => new TypeError(`latchkey: these options are not right:\n${lines.join('\n')}`)
