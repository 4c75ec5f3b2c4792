import type { Configuration, ServerMetadata } from 'openid-client'
import { AuthError } from '../errors.ts'
import type { CallbackParams, ProviderContext, ProviderFlow, ProviderTokens } from '../provider.ts'
import { type BoundedFetch, boundedFetch } from './bounded-fetch.ts'
import { isSafeUrl } from './options.ts'
import { providerError } from './provider-error.ts'

const KEEP_MS = 3_600_000
const RETRY_MS = 30_000
/** Seconds. The library reads the machine's clock; the times in an ID token are checked by verifyIdToken, by the context's. */
const ANY_TIME = 3_000_000_000

/** What an OAuth 2.0 client of ours is to one provider. */
export interface Client {
  readonly clientId: string
  /** Made anew for each request where it is a signed token. */
  readonly secret: (context: ProviderContext) => Promise<string | undefined>
  readonly server: ServerLookup
}

/** The provider's endpoints. */
export type ServerLookup = (context: ProviderContext, fetch: BoundedFetch) => Promise<ServerMetadata>

const isLoopback = (url: string) => url.startsWith('http:') && isSafeUrl(url)

/**
 * Reads a provider's configuration (OpenID Connect Discovery 1.0) and keeps it for an hour, and beyond where it cannot be read again. The
 * issuer in it must be the one configured.
 */
export function discovered(issuer: string): ServerLookup {
  let known: ServerMetadata | undefined
  let readAt = 0
  let triedAt = Number.NEGATIVE_INFINITY
  let reading: Promise<ServerMetadata> | undefined
  const read = async (fetch: BoundedFetch, now: number) => {
    triedAt = now
    known = await discover(issuer, fetch)
    readAt = now
    return known
  }
  return async (context, fetch) => {
    const now = context.now().getTime()
    const isFresh = Math.abs(now - readAt) < KEEP_MS || Math.abs(now - triedAt) < RETRY_MS
    if (known && isFresh) return known
    reading ??= read(fetch, now).finally(() => {
      reading = undefined
    })
    const last = known
    return last ? reading.catch(() => last) : reading
  }
}

async function discover(issuer: string, fetch: BoundedFetch): Promise<ServerMetadata> {
  const { allowInsecureRequests, customFetch, discovery } = await import('openid-client')
  try {
    const execute = isLoopback(issuer) ? [allowInsecureRequests] : []
    const config = await discovery(new URL(issuer), 'unused', undefined, undefined, { execute, [customFetch]: asCustom(fetch) })
    const server = config.serverMetadata()
    return { ...server }
  } catch (cause) {
    throw providerError(cause)
  }
}

const asCustom = (fetch: BoundedFetch) => (url: string, init: object) => fetch(url, init as RequestInit)

/** The library's configuration for one trip: our fetch, our way to authenticate. */
async function configure(context: ProviderContext, client: Client, server: ServerMetadata, fetch: BoundedFetch): Promise<Configuration> {
  const library = await import('openid-client')
  const secret = await client.secret(context)
  // Core, 9: a provider that does not say takes the secret by HTTP Basic.
  const takesPost = server.token_endpoint_auth_methods_supported?.includes('client_secret_post')
  const bySecret = takesPost ? library.ClientSecretPost : library.ClientSecretBasic
  const metadata = { [library.clockTolerance]: ANY_TIME }
  const config = new library.Configuration(server, client.clientId, metadata, secret === undefined ? library.None() : bySecret(secret))
  config[library.customFetch] = asCustom(fetch)
  if (isLoopback(server.token_endpoint ?? '')) library.allowInsecureRequests(config)
  return config
}

const random = (context: ProviderContext) => Buffer.from(context.random(32)).toString('base64url')

/** The authorization request with state and PKCE (RFC 7636, S256). */
export async function beginCode(context: ProviderContext, client: Client, { callbackUrl, state }: ProviderFlow, parameters: Readonly<Record<string, string>>) {
  const { buildAuthorizationUrl, calculatePKCECodeChallenge } = await import('openid-client')
  const fetch = boundedFetch()
  const server = await client.server(context, fetch)
  const codeVerifier = random(context)
  try {
    const config = await configure(context, { ...client, secret: async () => undefined }, server, fetch)
    const pkce = { code_challenge: await calculatePKCECodeChallenge(codeVerifier), code_challenge_method: 'S256' }
    const url = buildAuthorizationUrl(config, { ...parameters, redirect_uri: callbackUrl, state, ...pkce })
    return { url: url.href, codeVerifier }
  } catch (cause) {
    throw providerError(cause)
  }
}

export interface CodeGrant {
  tokens: ProviderTokens
  idToken: string | undefined
  server: ServerMetadata
  config: Configuration
  fetch: BoundedFetch
}

/** Redeems the code: state, `iss` where advertised (RFC 9207), PKCE, and the nonce of the ID token where there must be one. */
export async function finishCode(
  context: ProviderContext,
  client: Client,
  flow: ProviderFlow & { codeVerifier: string },
  params: CallbackParams,
  { expectsIdToken }: { expectsIdToken: boolean },
): Promise<CodeGrant> {
  if (params.error === 'access_denied') throw new AuthError('PROVIDER_DENIED')
  const { authorizationCodeGrant } = await import('openid-client')
  const fetch = boundedFetch()
  const server = await client.server(context, fetch)
  const answer = new URL(flow.callbackUrl)
  for (const name of ['code', 'state', 'iss', 'error'] as const) if (params[name] !== undefined) answer.searchParams.set(name, params[name])
  try {
    const config = await configure(context, client, server, fetch)
    const nonce = expectsIdToken ? { expectedNonce: flow.nonce, idTokenExpected: true } : {}
    const answered = await authorizationCodeGrant(config, answer, { expectedState: flow.state, pkceCodeVerifier: flow.codeVerifier, ...nonce })
    return { tokens: tokensOf(context, answered), idToken: answered.id_token, server, config, fetch }
  } catch (cause) {
    throw providerError(cause)
  }
}

/** New tokens for a refresh token (RFC 6749, 6); the old one stays where no new one comes. */
export async function refreshTokens(context: ProviderContext, client: Client, refreshToken: string): Promise<ProviderTokens> {
  const { refreshTokenGrant } = await import('openid-client')
  const fetch = boundedFetch()
  const server = await client.server(context, fetch)
  try {
    const answered = await refreshTokenGrant(await configure(context, client, server, fetch), refreshToken)
    return { refreshToken, ...tokensOf(context, answered) }
  } catch (cause) {
    throw providerError(cause)
  }
}

interface TokenAnswer {
  access_token: string
  refresh_token?: string | undefined
  expires_in?: number | undefined
  scope?: string | undefined
}

export function tokensOf(context: ProviderContext, { access_token, refresh_token, expires_in, scope }: TokenAnswer): ProviderTokens {
  return {
    accessToken: access_token,
    ...(refresh_token !== undefined && { refreshToken: refresh_token }),
    ...(typeof expires_in === 'number' && { expiresAt: context.now().getTime() + expires_in * 1000 }),
    ...(scope !== undefined && { scope }),
  }
}
