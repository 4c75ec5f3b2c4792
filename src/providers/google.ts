import type { Provider } from '../provider.ts'
import { assertionOf } from './assertion.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { createKeySet } from './key-set.ts'
import { brokenProvider, NATIVE_SECONDS } from './oidc.ts'
import { type GoogleOptions, googleOptions, parseProvider } from './options.ts'
import { type StrategyConstructor, strategyProvider } from './strategy-provider.ts'
import { verifyIdToken } from './verify-id-token.ts'

/** Google's own strategy for Passport, loaded when the first person goes there. */
async function load(): Promise<StrategyConstructor> {
  const { Strategy } = await import('passport-google-oauth20')
  return Strategy
}

/** Sign-in with Google, on passport-google-oauth20. `google({ clientId, clientSecret })`; native apps bring their ID tokens. */
export function google(options: GoogleOptions): Provider {
  const { options: parsed, problems } = parseProvider(googleOptions, options)
  if (!parsed) return brokenProvider({ id: 'google', ...options }, problems)
  const { id, clientId, clientSecret, scope, nativeClientIds, issuer, jwksURL, authorizationURL, tokenURL, userProfileURL, ...common } = parsed
  const keys = createKeySet()
  // Google has long signed tokens with either spelling.
  const issuers = [issuer, ...(issuer === 'https://accounts.google.com' ? ['accounts.google.com'] : [])]
  const places = { ...(authorizationURL && { authorizationURL }), ...(tokenURL && { tokenURL }), ...(userProfileURL && { userProfileURL }) }
  return strategyProvider({
    ...common,
    id,
    load,
    options: { clientID: clientId, clientSecret, scope, ...places },
    // Without both, Google gives a refresh token at the first consent only.
    authenticate: common.storeTokens ? { accessType: 'offline', prompt: 'consent' } : {},
    read: async (profile) => {
      const { _json: claims = {} } = profile as { _json?: Record<string, unknown> }
      return assertionOf(typeof claims.sub === 'string' ? claims.sub : '', claims)
    },
    verifyIdToken: async (context, token, nonce) => {
      const expected = { issuers, audiences: [clientId, ...nativeClientIds], nonce, jwksUrl: jwksURL, keys, fetch: boundedFetch(), maxAge: NATIVE_SECONDS }
      const claims = await verifyIdToken(context, token, expected)
      return assertionOf(claims.sub, claims)
    },
  })
}
