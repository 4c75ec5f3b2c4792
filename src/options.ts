import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { type Backend, isBackend } from './backend.ts'
import { type AuthPrismaClient, clientProblem } from './database.ts'
import { duration } from './durations.ts'
import { type AuthEvents, eventNames } from './events.ts'
import { identifierOptions, metadataOption, signupOptions } from './features/accounts/options.ts'
import { apiKeyOptions } from './features/api-keys/options.ts'
import { auditOptions } from './features/audit/options.ts'
import { cleanupOptions } from './features/cleanup/options.ts'
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
import { consoleLogger, discreet, type Logger } from './logger.ts'
import { problemsOfNamed } from './named-functions.ts'

const isFunction = (value: unknown) => typeof value === 'function'
const namedFunctions = <Map extends object>(names: readonly string[], what: string) =>
  z.custom<Map>().superRefine((value, context) => {
    for (const message of problemsOfNamed(value, names, what)) context.addIssue({ code: 'custom', message })
  })
const functionOf = <F>() => z.custom<F>(isFunction, 'must be a function')

const isUrl = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
const isPlain = (text: string) =>
  !URL.canParse(text) || Object.entries({ search: '', hash: '', username: '', password: '' }).every(([part, none]) => new URL(text)[part as 'hash'] === none)
const url = z
  .string()
  .refine(isUrl, 'must be an absolute http(s) URL')
  .refine(isPlain, 'must have no query, fragment or credentials: paths are added to it')
  .transform((text) => text.replace(/\/+$/, ''))
const origin = z.string().refine((text) => isUrl(text) && new URL(text).origin === text, "must be an origin such as 'https://app.example.com'")

const placeholder = /change.?(me|this)|your.?(\w+.)?secret|example.?secret|secret.?here|replace.?(me|this)|insecure/i
const makeOne = 'make one with `npx latchkey secret`, or `openssl rand -base64 32`'
/** In production, and where nothing says that it is not, a secret that came with an example does not start (R-013). */
function secretProblem(secret: unknown): string | undefined {
  if (typeof secret !== 'string' || Buffer.byteLength(secret) < 32) return `must be text of at least 32 bytes; ${makeOne}`
  const { NODE_ENV = 'production' } = process.env
  if (placeholder.test(secret) && !/^(development|test)$/.test(NODE_ENV)) return `is a placeholder; ${makeOne}`
  return process.env.NODE_ENV === 'production' && isRepeated(secret) ? `repeats itself; ${makeOne}` : undefined
}
/** A unit over and over, or fewer kinds of characters than 16 random bytes in hexadecimal have. */
const isRepeated = (secret: string) => new Set(secret).size < 9 || /^(.+?)\1+$/.test(secret)
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
    domain: z
      .string()
      .regex(/^\.?[a-z0-9-]+(\.[a-z0-9-]+)*$/i, "must be a host name such as 'example.com'")
      .optional(),
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
  /** Carries who a request is from along to `auth.context()`: true always, false never; left out, unless nobody asks in a thousand requests. */
  context: z.boolean().optional(),
  hooks: namedFunctions<AuthHooks>(hookNames, 'hook').default({}),
  /** Listeners, as with `auth.on`. */
  on: namedFunctions<Partial<AuthEvents>>(eventNames, 'event').default({}),
  logger: z.custom<Logger>(isLogger, 'must have debug, info, warn and error').default(consoleLogger).transform(discreet),
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

/** What is wrong with options taken together, each line beginning with the option's name. */
type Problems = (options: ResolvedOptions) => readonly string[]

// zod would compile each schema to a function first, which takes longer than reading options once.
const ONCE = { jitless: true }

/** Fills defaults; throws one TypeError that lists every mistake and how to mend it. */
export function parseOptions(options: AuthOptions, problemsOf: Problems = () => []): ResolvedOptions {
  const result = optionsSchema.safeParse(options, ONCE)
  const lines = result.success ? problemsOf(result.data) : [...result.error.issues.flatMap(describe), ...problemsOfTheRest(options, result.error, problemsOf)]
  if (result.success && lines.length === 0) return result.data
  throw new TypeError(`latchkey: these options are not right:\n${lines.map((line) => `  ${line.trim()}`).join('\n')}`)
}

/** Of the options that are right each by itself; what they lack only because another is wrong is not their fault. */
function problemsOfTheRest(options: unknown, { issues }: z.ZodError, problemsOf: Problems): string[] {
  if (typeof options !== 'object' || options === null) return []
  const wrong = new Set(issues.flatMap((issue) => (issue.path.length > 0 ? [String(issue.path[0])] : issue.code === 'unrecognized_keys' ? issue.keys : [])))
  const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !wrong.has(name)))
  const parsed = optionsSchema.extend({ prisma: z.any(), secret: z.any() }).safeParse(rest, ONCE)
  const names = [...wrong].map((name) => new RegExp(`\\b${name.replace(/\W/g, '.')}\\b`))
  return parsed.success ? problemsOf(parsed.data).filter((line) => !names.some((name) => name.test(line))) : []
}
