import type { Request } from 'express'
import type { AuthContext } from '../context.ts'
import { invalidField } from '../errors.ts'
import type { VerifiedKey } from '../features/api-keys/key-cache.ts'
import type { VerifiedToken } from '../features/sessions/token-cache.ts'
import { cookieName, hasHeaderCredential, readCookie } from './cookies.ts'

export type Transport = 'bearer' | 'cookie'
/** `verified`: what is known of it, where it was looked up on the way. */
export type Credential =
  | { via: Transport; token: string; verified?: VerifiedToken | undefined }
  | { via: 'api-key'; token: string; verified?: VerifiedKey | undefined }
  | { via: 'none' }

interface Scheme {
  prefix: string
  pattern: RegExp
}
const BEARER: Scheme = { prefix: 'Bearer ', pattern: /^Bearer +([A-Za-z0-9._~+/=-]+)$/i }
const API_KEY: Scheme = { prefix: 'ApiKey ', pattern: /^ApiKey +([A-Za-z0-9_]+)$/i }

type Headers = Request['headers']

/** What the client asked for by `X-Auth-Transport`, or undefined. Throws VALIDATION_FAILED for one that is not allowed. */
function chosenTransport({ options }: AuthContext, req: Request): Transport | undefined {
  const chosen = req.headers['x-auth-transport']
  if (chosen === undefined) return undefined
  const allowed = options.transport.allow.find((transport) => transport === chosen)
  if (allowed) return allowed
  throw invalidField('X-Auth-Transport', `must be one of: ${options.transport.allow.join(', ')}`)
}

/** Where the access token or API key of a request is. With a header, cookies are not looked at. */
export function readCredential(auth: AuthContext, req: Request): Credential {
  const { headers } = req
  if (hasHeaderCredential(req)) return headerCredential(auth, headers)
  const { allow } = auth.options.transport
  if (!allow.includes('cookie') || headers['x-auth-transport'] === 'bearer') return { via: 'none' }
  const token = readCookie(req, cookieName(auth, 'access'))
  return token ? { via: 'cookie', token } : { via: 'none' }
}

/** Keys come in a header only: a query string ends up in logs and histories. */
function headerCredential({ options, process }: AuthContext, headers: Headers): Credential {
  const { authorization, 'x-api-key': ownHeader } = headers
  if (authorization === undefined) return options.apiKeys.enabled && typeof ownHeader === 'string' ? { via: 'api-key', token: ownHeader } : { via: 'none' }
  const bearer = valueIn(authorization, BEARER, process.tokens)
  if (bearer) return { via: 'bearer', ...bearer }
  const key = options.apiKeys.enabled ? valueIn(authorization, API_KEY, process.apiKeys) : undefined
  return key ? { via: 'api-key', ...key } : { via: 'none' }
}

/** What was verified before has the form of one, and the cache tells sooner than the pattern. */
function valueIn<Verified>(header: string, { prefix, pattern }: Scheme, known: { get: (token: string) => Verified | undefined }) {
  if (header.startsWith(prefix)) {
    const token = header.slice(prefix.length)
    const verified = known.get(token)
    if (verified) return { token, verified }
  }
  const token = pattern.exec(header)?.[1]
  return token === undefined ? undefined : { token }
}

/**
 * How tokens travel in this request and its answer: as the client says, else as the session it goes on with came, else as the default has
 * it. `continues`: the route goes on with a session rather than beginning one.
 */
export function transportOf(auth: AuthContext, req: Request, { continues }: { continues: boolean }): Transport {
  const chosen = chosenTransport(auth, req)
  if (chosen) return chosen
  const { allow, default: usual } = auth.options.transport
  const isBearerAllowed = allow.includes('bearer')
  // Whatever the header holds, it begins no session whose tokens a script could read where only cookies are allowed.
  if (hasHeaderCredential(req) && (continues || isBearerAllowed)) return 'bearer'
  if (continues && hasBodyToken(req) && isBearerAllowed) return 'bearer'
  return continues && hasSessionCookie(auth, req) ? 'cookie' : usual
}

const hasBodyToken = (req: Request) => typeof (req.body as { refreshToken?: unknown } | undefined)?.refreshToken === 'string'

function hasSessionCookie(auth: AuthContext, req: Request) {
  const { allow } = auth.options.transport
  return allow.includes('cookie') && (['access', 'refresh'] as const).some((use) => readCookie(req, cookieName(auth, use)) !== undefined)
}
