import type { Request, RequestHandler } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { sendProblem } from './problem.ts'
import { readCredential } from './transport.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Throws CSRF_REJECTED for an unsafe request that another site may have sent. Browsers say so themselves: by Fetch Metadata, and
 * the older ones by Origin. A request with neither must carry `X-Auth-Transport`, which a page elsewhere cannot send without a preflight.
 */
export function refuseCrossSite(auth: AuthContext, req: Request) {
  if (safeMethods.has(req.method)) return
  const { origin, 'sec-fetch-site': site } = req.headers
  if (site === 'same-origin' || site === 'none') return
  if (origin !== undefined && isOwn(auth, req, origin)) return
  if (origin !== undefined || site !== undefined) throw new AuthError('CSRF_REJECTED')
  if (req.headers['x-auth-transport'] !== undefined) return
  throw new AuthError('CSRF_REJECTED', { detail: 'The request does not say where it comes from: send X-Auth-Transport, or Origin.' })
}

/**
 * Throws CSRF_REJECTED for a navigation that another site began: what it leads to is nothing that a link elsewhere may set off.
 * Older browsers do not say so themselves, but where they come from; a sibling host has to be one that is trusted, and to say that it is.
 */
export function refuseForeignNavigation(auth: AuthContext, req: Request) {
  const { referer, 'sec-fetch-site': site } = req.headers
  if (site === 'same-origin' || site === 'none') return
  const isOurs = referer === undefined ? site === undefined : URL.canParse(referer) && isOwn(auth, req, new URL(referer).origin)
  if (site === 'cross-site' || !isOurs) throw new AuthError('CSRF_REJECTED')
}

function isOwn(auth: AuthContext, req: Request, origin: string) {
  const { app, server } = auth.process.ownOrigins
  return app.has(origin) || origin === (server ?? `${req.protocol}://${req.get('host') ?? ''}`)
}

/** The router's cross-site check, for the app's own routes that cookies sign in. Requests with a token in a header pass. */
export const sameOrigin = (auth: AuthContext): RequestHandler =>
  function latchkeySameOrigin(req, res, next) {
    try {
      if (!['bearer', 'api-key'].includes(readCredential(auth, req).via)) refuseCrossSite(auth, req)
    } catch (error) {
      if (error instanceof AuthError) return sendProblem(res, error)
      return next(error)
    }
    next()
  }
