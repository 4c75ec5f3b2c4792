import type { CookieOptions, Request, Response } from 'express'
import type { AuthContext, RequestInfo } from '../context.ts'
import { sha256Hex } from '../crypto/hashing.ts'
import type { ResolvedOptions } from '../options.ts'

type CookieUse = 'access' | 'refresh' | 'device' | 'ceremony'
/** With what the names of the cookies begin that belong to trips to providers. */
type NamePart = CookieUse | 'oauth.'
export type CookieNames = Readonly<Record<NamePart, string>>

/** `__Host-lk.access`: the prefix makes browsers keep it to this host and to https (RFC 6265bis, 4.1.3). */
export function cookieNames({ cookies }: ResolvedOptions): CookieNames {
  const guard = cookies.secure ? (cookies.domain === undefined ? '__Host-' : '__Secure-') : ''
  const named = (part: NamePart) => `${guard}${cookies.prefix}.${part}`
  return { access: named('access'), refresh: named('refresh'), device: named('device'), ceremony: named('ceremony'), 'oauth.': named('oauth.') }
}

export const cookieName = ({ process }: AuthContext, use: CookieUse) => process.cookieNames[use]

/** Whether a header carries a credential; cookies are then not looked at, whatever it holds. */
export const hasHeaderCredential = ({ headers }: Request) => headers.authorization !== undefined || headers['x-api-key'] !== undefined

/**
 * Undefined where it is missing, a header carries a credential, or it is given twice: a second one may have been tossed in by another host
 * (R-078).
 */
export function readCookie(req: Request, name: string): string | undefined {
  const header = req.headers.cookie
  // Most cookies that are asked for are not there, and this tells it at a fraction of what taking the header apart costs.
  if (!header?.includes(name) || hasHeaderCredential(req)) return undefined
  let value: string | undefined
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals <= 0 || withoutBlanks(pair.slice(0, equals)) !== name) continue
    if (value !== undefined) return undefined
    value = withoutBlanks(pair.slice(equals + 1))
  }
  return value
}

const isBlank = (char: string | undefined) => char === ' ' || char === '\t'

/** RFC 6265bis, 5.6: without spaces and tabs around it. trim() would take more, and a name that browsers let anyone set would pass for one with a prefix. */
function withoutBlanks(text: string) {
  let [from, to] = [0, text.length]
  while (from < to && isBlank(text[from])) from++
  while (to > from && isBlank(text[to - 1])) to--
  return text.slice(from, to)
}

function attributes({ options: { cookies } }: AuthContext): CookieOptions {
  const { secure, sameSite, domain } = cookies
  return { httpOnly: true, secure, sameSite, path: '/', ...(domain !== undefined && { domain }) }
}

// RFC 6265bis, 5.6: browsers drop a longer one without a word, and nobody would be signed in.
const MOST_BYTES = 4096

/** What a sign-in or refresh has to know of the cookies that its answer sets, before it writes anything. */
export function cookiesAhead(auth: AuthContext, req: Request): Pick<RequestInfo, 'refreshToken' | 'longestToken'> {
  const refreshToken = readCookie(req, cookieName(auth, 'refresh'))
  return { longestToken: MOST_BYTES - cookieName(auth, 'access').length, ...(refreshToken !== undefined && { refreshToken }) }
}

interface Tokens {
  accessToken: string
  refreshToken: string
  expiresIn: number
  session: { expiresAt: Date }
}

export function setSessionCookies(auth: AuthContext, res: Response, { accessToken, refreshToken, expiresIn, session }: Tokens, remember: boolean) {
  const common = attributes(auth)
  const lasting = (milliseconds: number) => (remember ? { maxAge: milliseconds } : {})
  res.cookie(cookieName(auth, 'access'), accessToken, { ...common, ...lasting(expiresIn * 1000) })
  res.cookie(cookieName(auth, 'refresh'), refreshToken, { ...common, ...lasting(session.expiresAt.getTime() - auth.now().getTime()) })
}

/** A cookie of a single purpose; it lasts for `seconds`, or, without them, as long as the browser runs. */
export function setCookie(auth: AuthContext, res: Response, use: 'device' | 'ceremony', value: string, seconds: number | undefined) {
  res.cookie(cookieName(auth, use), value, { ...attributes(auth), ...(seconds !== undefined && { maxAge: seconds * 1000 }) })
}

export const clearCookie = (auth: AuthContext, res: Response, use: 'device' | 'ceremony') => void res.clearCookie(cookieName(auth, use), attributes(auth))

/** Of each trip to a provider its own, so that two tabs may both be under way. */
const flowCookie = ({ process }: AuthContext, state: string) => `${process.cookieNames['oauth.']}${sha256Hex(state).slice(0, 8)}`
const MOST_TRIPS = 4

/** What binds the trip of this state to this browser. */
export const readFlowCookie = (auth: AuthContext, req: Request, state: string) => readCookie(req, flowCookie(auth, state))
export const clearFlowCookie = (auth: AuthContext, res: Response, state: string) => void res.clearCookie(flowCookie(auth, state), attributes(auth))

/** Trips that were begun and never ended leave their cookies behind; several are too much for the headers of a request. */
function clearOldTrips(auth: AuthContext, req: Request, res: Response) {
  const start = auth.process.cookieNames['oauth.']
  const names = (req.headers.cookie ?? '').split(';').map((pair) => withoutBlanks(pair.split('=')[0] ?? ''))
  const trips = names.filter((name) => name.startsWith(start) && /^[0-9a-f]{8}$/.test(name.slice(start.length)))
  if (trips.length >= MOST_TRIPS) for (const name of trips) res.clearCookie(name, attributes(auth))
}

/**
 * What binds a trip to a provider to this browser. It comes back from another site, so it is never Strict; with a form that the provider
 * posts it comes only as None.
 */
export function setFlowCookie(auth: AuthContext, { req, res }: { req: Request; res: Response }, { state, sealed, seconds, isFormPost }: FlowCookie) {
  clearOldTrips(auth, req, res)
  res.cookie(flowCookie(auth, state), sealed, { ...attributes(auth), sameSite: isFormPost ? 'none' : 'lax', maxAge: seconds * 1000 })
}

interface FlowCookie {
  state: string
  sealed: string
  seconds: number
  isFormPost: boolean
}

/** With the attributes they were set with, or browsers keep them. */
export function clearSessionCookies(auth: AuthContext, res: Response) {
  for (const use of ['access', 'refresh'] as const) res.clearCookie(cookieName(auth, use), attributes(auth))
}
