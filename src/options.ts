import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { type AuthPrismaClient, clientProblem } from './database.ts'
import { duration } from './durations.ts'
import type { AuthEvents } from './events.ts'
import { identifierOptions, metadataOption, signupOptions } from './features/accounts/options.ts'
import { limitOptions, lockoutOptions } from './features/limits/options.ts'
import { passwordOptions } from './features/passwords/options.ts'
import { sessionOptions, tokenOptions } from './features/sessions/options.ts'
import type { AuthHooks } from './hooks.ts'
import { consoleLogger, type Logger } from './logger.ts'

const isFunction = (value: unknown) => typeof value === 'function'
const functionOf = <F>() => z.custom<F>(isFunction, 'must be a function')
const mapOfFunctions = <Map>(what: string) =>
  z.custom<Map>((value) => typeof value === 'object' && value !== null && Object.values(value).every((one) => one === undefined || isFunction(one)), what)

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
  limits: limitOptions,
  lockout: lockoutOptions,
  /** How recent a sign-in must be for what is sensitive, such as deleting the account. */
  stepUp: z.strictObject({ maxAge: duration('15m') }).prefault({}),
  audit: z.strictObject({ enabled: z.boolean().default(true) }).prefault({}),
  /** How often the change feed is read for what other processes changed. */
  feed: z.strictObject({ pollEvery: duration('2s').refine((seconds) => seconds >= 1, 'at least a second') }).prefault({}),
  hooks: mapOfFunctions<AuthHooks>('must map hook names to functions').default({}),
  /** Listeners, as with `auth.on`. */
  on: mapOfFunctions<Partial<AuthEvents>>('must map event names to functions').default({}),
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
  throw new TypeError(`latchkey: these options are not right:\n${result.error.issues.flatMap(describe).join('\n')}`)
}
