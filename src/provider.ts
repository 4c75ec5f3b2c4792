import type { AuthContext } from './context.ts'
import type { JsonObject } from './json.ts'

/** What a provider needs of us: clock, randomness, log. */
export type ProviderContext = Pick<AuthContext, 'now' | 'random' | 'log'>

/** One trip to a provider and back. */
export interface ProviderFlow {
  /** From configuration, never from the request. */
  callbackUrl: string
  state: string
  nonce: string
}

/** What came back with the person. */
export interface CallbackParams {
  code?: string | undefined
  state?: string | undefined
  iss?: string | undefined
  error?: string | undefined
  /** Apple's only: JSON with the name, at the first sign-in. */
  user?: string | undefined
}

export interface ProviderTokens {
  accessToken: string
  refreshToken?: string
  /** Milliseconds since 1970; left out where the provider does not say. */
  expiresAt?: number
  scope?: string
}

/** What a provider says of a person, checked. */
export interface Assertion {
  /** The provider's own id of the person; never an address. */
  subject: string
  email?: string
  /** True only where the provider asserts it with the boolean `true`. */
  emailVerified: boolean
  /** Of `name givenName familyName username avatarUrl locale`, what there is. */
  profile: JsonObject
  tokens?: ProviderTokens
}

/**
 * A place where people sign in, made by `google()`, `github()`, `apple()`, `oidc()` or `oauth()`. Its methods throw PROVIDER_ERROR where
 * the provider cannot be reached or says what does not hold, PROVIDER_DENIED where the person or the provider refused.
 */
export interface Provider {
  /** Its name in paths and options. */
  readonly id: string
  /** What identities are kept under: the issuer of an OpenID provider, else the id. */
  readonly key: string
  /** The callback comes as a form posted from the provider's site. */
  readonly isFormPost: boolean
  /** Its verified address may find an existing account. */
  readonly linkByEmail: boolean
  /** People without an account get one. */
  readonly allowSignup: boolean
  /** Its tokens are kept, encrypted. */
  readonly storeTokens: boolean
  /** What is wrong with its options; named at the start. */
  readonly problems: readonly string[]
  /** Where the browser goes, and the PKCE verifier that the callback needs. */
  readonly begin: (context: ProviderContext, flow: ProviderFlow) => Promise<{ url: string; codeVerifier: string }>
  readonly finish: (context: ProviderContext, flow: ProviderFlow & { codeVerifier: string }, params: CallbackParams) => Promise<Assertion>
  /** Checks an ID token that a native app got. Throws TOKEN_INVALID. Left out: this provider has none. */
  readonly verifyIdToken?: (context: ProviderContext, idToken: string, nonce: string | undefined) => Promise<Assertion>
  /** New tokens for a refresh token. */
  readonly refresh: (context: ProviderContext, refreshToken: string) => Promise<ProviderTokens>
}
