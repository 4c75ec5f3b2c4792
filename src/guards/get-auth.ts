import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { failure } from '../http/problem.ts'
import type { RequestAuth, SignedIn, SignedOut } from '../shapes.ts'
import { isAnonymous } from './guards.ts'

declare global {
  namespace Express {
    interface Request {
      /** Set by latchkey's guards. */
      auth?: RequestAuth
    }
  }
}

const nobody: SignedOut = Object.freeze({ signedIn: false })

/** Who the request is from, as a union that has to be looked at. Throws a TypeError where none of the guards ran. */
export function getAuth(req: Pick<Request, 'auth'>): SignedIn | SignedOut {
  if (req.auth) return Object.freeze({ ...req.auth, signedIn: true as const })
  if (isAnonymous(req)) return nobody
  throw new TypeError('latchkey: getAuth(req) needs requireAuth() or optionalAuth() on the route, before this handler')
}

export type AuthedRequest<Params = Request['params']> = Request<Params> & { auth: RequestAuth }

const isAuthed = <Params>(req: Request<Params>): req is AuthedRequest<Params> => req.auth !== undefined

/**
 * Narrows `req.auth` for one handler behind `requireAuth()`: `authed((req, res) => res.json(req.auth.user.id))`. What the path holds cannot be told from
 * in here, so a handler that reads it says so: `authed<{ id: string }>((req, res) => res.json(req.params.id))`.
 */
export function authed<Params = Request['params']>(
  handler: (req: AuthedRequest<Params>, res: Response, next: NextFunction) => unknown,
): RequestHandler<Params> {
  return function latchkeyAuthed(req, res, next) {
    if (!isAuthed(req)) throw new TypeError('latchkey: authed(handler) needs requireAuth() on the route, before it')
    // Express 4 does not look at what a handler returns, so a rejection is passed on here.
    Promise.resolve(handler(req, res, next)).catch((error: unknown) => next(failure(error)))
  }
}
