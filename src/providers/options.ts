import * as z from 'zod'

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/

/** https, or plain http to this machine itself. */
export const isSafeUrl = (text: string) => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  return username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && loopback.test(hostname)))
}

const given = z.string().min(1, 'is needed')
export const safeUrl = z.string().refine(isSafeUrl, 'must be an https URL (http only on loopback)')
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "must be 1 to 32 of a-z, 0-9 and '-'")
const flag = (fallback: boolean) => z.boolean().default(fallback)

/** What every provider takes. */
const common = {
  /** A verified address finds the account that has proved the same address. False for a provider that hands out addresses it does not own. */
  linkByEmail: flag(true),
  /** People without an account get one, as far as `signup` allows. */
  allowSignup: flag(true),
  /** Keeps the provider's tokens, encrypted; `auth.identities.accessToken()` gives them. */
  storeTokens: flag(false),
}
const scope = (...fallback: string[]) => z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is no scope')).default(fallback)
/** Client ids of native apps, whose ID tokens are taken beside those for `clientId`. */
const nativeClientIds = z.array(given).default([])
// What keeps a trip safe is not the app's to change.
const ours = /^(client_id|client_secret|redirect_uri|response_type|response_mode|scope|state|nonce|code_challenge|code_challenge_method|request|request_uri)$/
const extraParams = z
  .record(
    z.string().refine((name) => !ours.test(name), 'is set by latchkey'),
    z.string(),
  )
  .default({})

export const oidcOptions = z.strictObject({
  id,
  /** As the provider writes it; its configuration is read from `<issuer>/.well-known/openid-configuration`. */
  issuer: safeUrl.max(180).refine((text) => !text.includes('?') && !text.includes('#'), 'must be an issuer, without query and fragment'),
  clientId: given,
  /** Left out: a public client, which PKCE alone protects. */
  clientSecret: given.optional(),
  scope: scope('openid', 'email', 'profile').refine((all) => all.includes('openid'), "must hold 'openid'"),
  nativeClientIds,
  /** Further parameters of the authorization request, such as `prompt`. */
  authorizationParams: extraParams,
  ...common,
})

export const googleOptions = z.strictObject({
  id: id.default('google'),
  clientId: given,
  clientSecret: given,
  scope: scope('openid', 'email', 'profile'),
  nativeClientIds,
  authorizationURL: safeUrl.optional(),
  tokenURL: safeUrl.optional(),
  userProfileURL: safeUrl.optional(),
  /** Of the ID tokens that native apps bring. */
  issuer: safeUrl.default('https://accounts.google.com'),
  jwksURL: safeUrl.default('https://www.googleapis.com/oauth2/v3/certs'),
  ...common,
})

export const githubOptions = z.strictObject({
  id: id.default('github'),
  clientId: given,
  clientSecret: given,
  scope: scope('read:user', 'user:email'),
  authorizationURL: safeUrl.default('https://github.com/login/oauth/authorize'),
  tokenURL: safeUrl.default('https://github.com/login/oauth/access_token'),
  userProfileURL: safeUrl.default('https://api.github.com/user'),
  ...common,
})

export const appleOptions = z.strictObject({
  id: id.default('apple'),
  /** The Services ID. */
  clientId: given,
  teamId: given,
  keyId: given,
  /** The .p8 file's text. */
  privateKey: given,
  scope: scope('name', 'email'),
  /** Bundle ids of native apps. */
  nativeClientIds,
  issuer: safeUrl.default('https://appleid.apple.com'),
  authorizationURL: safeUrl.default('https://appleid.apple.com/auth/authorize'),
  tokenURL: safeUrl.default('https://appleid.apple.com/auth/token'),
  jwksURL: safeUrl.default('https://appleid.apple.com/auth/keys'),
  ...common,
})

export type OidcOptions = z.input<typeof oidcOptions>
export type GoogleOptions = z.input<typeof googleOptions>
export type GithubOptions = z.input<typeof githubOptions>
export type AppleOptions = z.input<typeof appleOptions>

const isFunction = (value: unknown) => typeof value === 'function'

export const oauthOptions = z.strictObject({
  id,
  /** The constructor of a Passport strategy that is built on passport-oauth2. */
  strategy: z.unknown().refine(isFunction, 'must be the constructor of a Passport strategy'),
  /** Its own options: `clientID`, `clientSecret`, `scope` and so on; the callback URL, state and PKCE are ours. */
  options: z.record(z.string(), z.unknown()),
  /** Reads `{ id, email, emailVerified, name, avatarUrl }` from the strategy's profile. */
  profile: z.unknown().refine(isFunction, 'must be a function'),
  ...common,
})

/** Parsed options, or every mistake with its path. */
export function parseProvider<Schema extends z.ZodType>(schema: Schema, options: unknown): { options: z.output<Schema> | undefined; problems: string[] } {
  const result = schema.safeParse(options)
  if (result.success) return { options: result.data, problems: [] }
  const problems = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => `${[...issue.path, key].join('.')}: there is no such option`)
      : [`${issue.path.join('.') || 'options'}: ${issue.message}`],
  )
  return { options: undefined, problems }
}
