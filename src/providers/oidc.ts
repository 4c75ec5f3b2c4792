import { AuthError } from '../errors.ts'
import type { Assertion, CallbackParams, Provider, ProviderContext, ProviderFlow } from '../provider.ts'
import { assertionOf } from './assertion.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { createKeySet } from './key-set.ts'
import { beginCode, type Client, type CodeGrant, discovered, finishCode, refreshTokens } from './openid.ts'
import { type OidcOptions, oidcOptions, parseProvider } from './options.ts'
import { providerError } from './provider-error.ts'
import { type IdTokenClaims, verifyIdToken } from './verify-id-token.ts'

/** Native apps bring an ID token that is at most this old, in seconds. */
export const NATIVE_SECONDS = 600

export interface OidcSettings extends Pick<Provider, 'id' | 'key' | 'isFormPost' | 'linkByEmail' | 'allowSignup' | 'storeTokens'> {
  client: Client
  nativeClientIds: readonly string[]
  authorizationParams: Readonly<Record<string, string>>
  /** Changes the assertion by what else came back. */
  refine?: (assertion: Assertion, claims: Readonly<Record<string, unknown>>, params: CallbackParams) => Assertion
}

/**
 * Sign-in at an OpenID provider: Okta, Entra ID, Auth0, Keycloak, a company's own. `oidc({ id: 'okta', issuer, clientId, clientSecret })`.
 * Identities are kept under the issuer, so another issuer behind the same id finds none of them.
 */
export function oidc(options: OidcOptions): Provider {
  const { options: parsed, problems } = parseProvider(oidcOptions, options)
  if (!parsed) return brokenProvider(options, problems)
  const { id, issuer, clientId, clientSecret, scope, nativeClientIds, authorizationParams, ...common } = parsed
  return oidcProvider({
    ...common,
    id,
    key: issuer.replace(/\/$/, ''),
    isFormPost: false,
    client: { clientId, secret: async () => clientSecret, server: discovered(issuer) },
    nativeClientIds,
    authorizationParams: { ...authorizationParams, scope: scope.join(' ') },
  })
}

/** Stands for a provider whose options are not right; createAuth names the problems. */
export function brokenProvider(options: unknown, problems: readonly string[]): Provider {
  const { id } = (options ?? {}) as { id?: unknown }
  const unusable = () => Promise.reject(new TypeError('latchkey: the options of this provider are not right'))
  const traits = { key: '', isFormPost: false, linkByEmail: false, allowSignup: false, storeTokens: false }
  return { ...traits, id: typeof id === 'string' ? id : '', problems, begin: unusable, finish: unusable, refresh: unusable }
}

export function oidcProvider({ client, nativeClientIds, authorizationParams, refine = (same) => same, ...traits }: OidcSettings): Provider {
  const keys = createKeySet()
  const audiences = [client.clientId, ...nativeClientIds]
  const finish = async (context: ProviderContext, flow: ProviderFlow & { codeVerifier: string }, params: CallbackParams) => {
    const grant = await finishCode(context, client, flow, params, { expectsIdToken: true })
    const expected = { issuers: [grant.server.issuer], audiences: [client.clientId], nonce: flow.nonce, keys, fetch: grant.fetch }
    const idToken = await verifyIdToken(context, grant.idToken ?? '', { ...expected, jwksUrl: grant.server.jwks_uri ?? '' }).catch(asProviderError)
    const claims = await withUserInfo(grant, idToken)
    return { ...refine(assertionOf(idToken.sub, claims), claims, params), tokens: grant.tokens }
  }
  return {
    ...traits,
    problems: [],
    begin: (context, flow) => beginCode(context, client, flow, { ...authorizationParams, nonce: flow.nonce }),
    finish,
    verifyIdToken: async (context, token, nonce) => {
      const fetch = boundedFetch()
      const { issuer, jwks_uri: jwksUrl = '' } = await client.server(context, fetch)
      const claims = await verifyIdToken(context, token, { issuers: [issuer], audiences, nonce, jwksUrl, keys, fetch, maxAge: NATIVE_SECONDS })
      return refine(assertionOf(claims.sub, claims), claims, {})
    },
    refresh: (context, refreshToken) => refreshTokens(context, client, refreshToken),
  }
}

/** An ID token that the provider itself handed us and that does not hold is the provider's fault, not the person's. */
function asProviderError(cause: unknown): never {
  throw cause instanceof AuthError && cause.code === 'TOKEN_INVALID' ? new AuthError('PROVIDER_ERROR', { cause }) : cause
}

/** Many providers name the address at the userinfo endpoint only (Core, 5.4); it must speak of the same person (5.3.2). */
async function withUserInfo({ config, server, tokens }: CodeGrant, claims: IdTokenClaims): Promise<Readonly<Record<string, unknown>>> {
  if (claims.email !== undefined || server.userinfo_endpoint === undefined) return claims
  const { fetchUserInfo } = await import('openid-client')
  // Whether an address is proved is told where the address is, or one place would vouch for what the other names.
  const { email_verified: _verified, ...own } = claims
  try {
    return { ...(await fetchUserInfo(config, tokens.accessToken, claims.sub)), ...own }
  } catch (cause) {
    throw providerError(cause)
  }
}
