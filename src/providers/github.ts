import type { ServerMetadata } from 'openid-client'
import type { Assertion, Provider } from '../provider.ts'
import { plain, profileOf } from './assertion.ts'
import { type BoundedFetch, jsonOf } from './bounded-fetch.ts'
import { brokenProvider } from './oidc.ts'
import { beginCode, type Client, finishCode, refreshTokens } from './openid.ts'
import { type GithubOptions, githubOptions, parseProvider } from './options.ts'
import { providerError } from './provider-error.ts'

/** Sign-in with GitHub: `github({ clientId, clientSecret })`. The address is the primary one, and verified where GitHub says so. */
export function github(options: GithubOptions): Provider {
  const { options: parsed, problems } = parseProvider(githubOptions, options)
  if (!parsed) return brokenProvider({ id: 'github', ...options }, problems)
  const { id, clientId, clientSecret, scope, authorizationURL, tokenURL, userProfileURL, linkByEmail, allowSignup, storeTokens } = parsed
  const server: ServerMetadata = {
    issuer: new URL(authorizationURL).origin,
    authorization_endpoint: authorizationURL,
    token_endpoint: tokenURL,
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  }
  const client: Client = { clientId, secret: async () => clientSecret, server: async () => server }
  return {
    id,
    key: id,
    isFormPost: false,
    linkByEmail,
    allowSignup,
    storeTokens,
    problems: [],
    begin: (context, flow) => beginCode(context, client, flow, { scope: scope.join(' ') }),
    finish: async (context, flow, params) => {
      // The callback path is GitHub's alone, which keeps providers apart where there is no issuer to compare (RFC 9700, 4.4.2.2).
      const { tokens, fetch } = await finishCode(context, client, flow, { ...params, iss: undefined }, { expectsIdToken: false })
      return { ...(await readUser(fetch, userProfileURL, tokens.accessToken)), tokens }
    },
    refresh: (context, refreshToken) => refreshTokens(context, client, refreshToken),
  }
}

async function readUser(fetch: BoundedFetch, url: string, accessToken: string): Promise<Assertion> {
  const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/vnd.github+json', 'user-agent': 'latchkey' }
  const [user, emails] = await Promise.all([fetch(url, { headers }).then(jsonOf), fetch(`${url}/emails`, { headers })])
  if (typeof user.id !== 'number' || !Number.isSafeInteger(user.id)) throw providerError(new Error('GitHub did not say who it is'))
  const { email, isVerified } = primaryOf(emails.ok ? await jsonOf(emails) : [])
  const { name, login: username, avatar_url: avatarUrl } = user
  const profile = profileOf({ name, username, avatarUrl })
  return { subject: String(user.id), ...(email !== undefined && { email }), emailVerified: email !== undefined && isVerified, profile }
}

/** The public address of a profile proves nothing; the list says which is the primary one and whether it was checked. */
function primaryOf(emails: unknown): { email: string | undefined; isVerified: boolean } {
  const list = (Array.isArray(emails) ? emails : []) as { email?: unknown; primary?: unknown; verified?: unknown }[]
  const primary = list.find((one) => one?.primary === true)
  return { email: plain(primary?.email), isVerified: primary?.verified === true }
}
