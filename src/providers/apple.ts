import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { ServerMetadata } from 'openid-client'
import { signatureOf } from '../crypto/jwt.ts'
import { toSeconds } from '../durations.ts'
import type { Assertion, CallbackParams, Provider, ProviderContext } from '../provider.ts'
import { profileOf } from './assertion.ts'
import { brokenProvider, oidcProvider } from './oidc.ts'
import { type AppleOptions, appleOptions, parseProvider } from './options.ts'

const SECRET_SECONDS = 300

/**
 * Sign in with Apple: `apple({ clientId, teamId, keyId, privateKey })`. The client secret is a token signed for each request. Apple posts its
 * answer from its own site, which needs secure cookies, and tells the name at the very first sign-in only.
 */
export function apple(options: AppleOptions): Provider {
  const { options: parsed, problems } = parseProvider(appleOptions, options)
  if (!parsed) return brokenProvider({ id: 'apple', ...options }, problems)
  const { id, clientId, teamId, keyId, privateKey, scope, nativeClientIds, issuer, authorizationURL, tokenURL, jwksURL, ...common } = parsed
  const key = readKey(privateKey)
  if (!key) return brokenProvider({ id, ...options }, ['privateKey: must be the text of the .p8 file, a P-256 key'])
  const server: ServerMetadata = {
    issuer,
    authorization_endpoint: authorizationURL,
    token_endpoint: tokenURL,
    jwks_uri: jwksURL,
    id_token_signing_alg_values_supported: ['RS256', 'ES256'],
    token_endpoint_auth_methods_supported: ['client_secret_post'],
  }
  const secret = async (context: ProviderContext) => clientSecret(context, key, { keyId, teamId, clientId, issuer })
  return oidcProvider({
    ...common,
    id,
    key: id,
    isFormPost: true,
    client: { clientId, secret, server: async () => server },
    nativeClientIds,
    authorizationParams: { scope: scope.join(' '), response_mode: 'form_post' },
    refine,
  })
}

function readKey(text: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(text)
    return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined
  } catch {
    return undefined // createPrivateKey throws on what is no key; the start names the option
  }
}

interface SecretFacts {
  keyId: string
  teamId: string
  clientId: string
  issuer: string
}

/** Apple's "client secret": a JWT of the team's, for this client, signed with its key. */
function clientSecret(context: ProviderContext, key: KeyObject, { keyId, teamId, clientId, issuer }: SecretFacts): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const now = toSeconds(context.now())
  const input = `${encode({ alg: 'ES256', kid: keyId })}.${encode({ iss: teamId, iat: now, exp: now + SECRET_SECONDS, aud: issuer, sub: clientId })}`
  return `${input}.${signatureOf('ES256', key, input).toString('base64url')}`
}

/** Apple documents `email_verified` as a boolean or its text, and posts the name beside the code, signed by nobody: it is shown, and no more. */
function refine(assertion: Assertion, claims: Readonly<Record<string, unknown>>, { user }: CallbackParams): Assertion {
  const isVerified = claims.email_verified === true || claims.email_verified === 'true'
  return { ...assertion, emailVerified: assertion.email !== undefined && isVerified, profile: { ...assertion.profile, ...nameIn(user) } }
}

function nameIn(user: string | undefined) {
  try {
    const { firstName, lastName } = ((JSON.parse(user ?? '{}') as { name?: unknown } | null)?.name ?? {}) as Record<string, unknown>
    const name = [firstName, lastName].filter((part) => typeof part === 'string').join(' ')
    return profileOf({ name, givenName: firstName, familyName: lastName })
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return {} // the form came through a browser and may hold anything
  }
}
