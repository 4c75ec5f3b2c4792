import type { Provider } from '../provider.ts'
import { plain, profileOf } from './assertion.ts'
import { brokenProvider } from './oidc.ts'
import { oauthOptions, parseProvider } from './options.ts'
import { type StrategyConstructor, strategyProblem, strategyProvider } from './strategy-provider.ts'

/** What the app reads from a strategy's profile. */
export interface OAuthProfile {
  /** The provider's own id of the person: never an address, which may change hands. */
  id: string | number
  email?: string | null | undefined
  /** True only where the provider says that it has checked the address. */
  emailVerified?: boolean | undefined
  name?: string | null | undefined
  givenName?: string | null | undefined
  familyName?: string | null | undefined
  username?: string | null | undefined
  avatarUrl?: string | null | undefined
  locale?: string | null | undefined
}

export interface OAuthOptions {
  id: string
  /** The constructor of a Passport strategy that is built on passport-oauth2. */
  strategy: StrategyConstructor
  /** The strategy's own: `clientID`, `clientSecret`, `scope` and so on. Callback URL, state and PKCE are ours. */
  options: Readonly<Record<string, unknown>>
  // biome-ignore lint/suspicious/noExplicitAny: each strategy has a profile of its own shape
  profile: (profile: any) => OAuthProfile | Promise<OAuthProfile>
  linkByEmail?: boolean
  allowSignup?: boolean
  storeTokens?: boolean
}

/**
 * Sign-in by any Passport strategy that is built on passport-oauth2:
 * `oauth({ id: 'facebook', strategy: FacebookStrategy, options: { clientID, clientSecret }, profile: (profile) => ({ id: profile.id }) })`.
 */
export function oauth(options: OAuthOptions): Provider {
  const { options: parsed, problems } = parseProvider(oauthOptions, options)
  if (!parsed) return brokenProvider(options, problems)
  const { id, linkByEmail, allowSignup, storeTokens } = parsed
  const { strategy, options: own, profile: readProfile } = options
  const problem = strategyProblem(strategy, own)
  if (problem !== undefined) return brokenProvider(options, [`strategy: ${problem}`])
  return strategyProvider({
    id,
    linkByEmail,
    allowSignup,
    storeTokens,
    load: () => strategy,
    options: own,
    read: async (profile) => {
      const { id: subject, email: given, emailVerified, ...fields } = await readProfile(profile)
      const email = plain(given)
      const isSubject = typeof subject === 'string' || typeof subject === 'number'
      const verified = email !== undefined && emailVerified === true
      return { subject: isSubject ? String(subject) : '', ...(email !== undefined && { email }), emailVerified: verified, profile: profileOf(fields) }
    },
  })
}
