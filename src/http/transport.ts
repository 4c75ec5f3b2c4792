import type { Request } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { cookieName, readCookie } from './cookies.ts'

export type Transport = 'bearer' | 'cookie'
export type Credential = { via: Transport | 'api-key'; token: string } | { via: 'none' }

const BEARER = 'Bearer '
const bearerPattern = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i
const apiKeyPattern = /^ApiKey +([A-Za-z0-9_]+)$/i

const hasHeaderCredential = (req: Request) => req.headers.authorization !== undefined || req.headers['x-api-key'] !== undefined

/** What the client asked for by `X-Auth-Transport`, or undefined. Throws VALIDATION_FAILED for one that is not allowed. */
function chosenTransport({ options }: AuthContext, req: Request): Transport | undefined {
  const chosen = req.headers['x-auth-transport']
  if (chosen === undefined) return undefined
  const allowed = options.transport.allow.find((transport) => transport === chosen)
  if (allowed) return allowed
  throw new AuthError('VALIDATION_FAILED', { errors: [{ path: 'X-Auth-Transport', message: `must be one of: ${options.transport.allow.join(', ')}` }] })
}

/** Where the access token or API key of a request is. With a header, cookies are not looked at. */
export function readCredential(auth: AuthContext, req: Request): Credential {
  if (hasHeaderCredential(req)) {
    const token = bearerOf(auth, req.headers.authorization)
    if (token !== undefined) return { via: 'bearer', token }
    const key = auth.options.apiKeys.enabled ? apiKeyOf(req) : undefined
    return key === undefined ? { via: 'none' } : { via: 'api-key', token: key }
  }
  const { allow } = auth.options.transport
  if (!allow.includes('cookie') || req.headers['x-auth-transport'] === 'bearer') return { via: 'none' }
  const token = readCookie(req, cookieName(auth, 'access'))
  return token ? { via: 'cookie', token } : { via: 'none' }
}

/** A token that was verified before has the form of one, and the cache tells sooner than the pattern. */
function bearerOf(auth: AuthContext, header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const token = header.slice(BEARER.length)
  return header.startsWith(BEARER) && auth.process.tokens.get(token) ? token : bearerPattern.exec(header)?.[1]
}

/** From a header only: a query string ends up in logs and histories. */
function apiKeyOf({ headers }: Request): string | undefined {
  if (headers.authorization !== undefined) return apiKeyPattern.exec(headers.authorization)?.[1]
  const key = headers['x-api-key']
  return typeof key === 'string' ? key : undefined
}

/**
 * How tokens travel in this request and its answer: as the client says, else as the session it goes on with came, else as the default has
 * it. `continues`: the route goes on with a session rather than beginning one.
 */
export function transportOf(auth: AuthContext, req: Request, { continues }: { continues: boolean }): Transport {
  const chosen = chosenTransport(auth, req)
  if (chosen) return chosen
  const { allow, default: usual } = auth.options.transport
  // Whatever the header holds, it begins no session whose tokens a script could read where only cookies are allowed.
  if (hasHeaderCredential(req) && (continues || allow.includes('bearer'))) return 'bearer'
  return continues && hasSessionCookie(auth, req) && !hasBodyToken(req) ? 'cookie' : usual
}

const hasBodyToken = (req: Request) => typeof (req.body as { refreshToken?: unknown } | undefined)?.refreshToken === 'string'

function hasSessionCookie(auth: AuthContext, req: Request) {
  const { allow } = auth.options.transport
  return allow.includes('cookie') && (['access', 'refresh'] as const).some((use) => readCookie(req, cookieName(auth, use)) !== undefined)
}
