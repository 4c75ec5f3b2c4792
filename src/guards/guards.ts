import type { NextFunction, Request, Response } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { runHook } from '../hooks.ts'
import { asAuthError, failure, sendProblem } from '../http/problem.ts'
import { requestInfo, warnOfProxy } from '../http/request-info.ts'
import { withDeadline } from '../in-time.ts'
import type { RequestAuth } from '../shapes.ts'
import { asGuard, type Guard } from './as-guard.ts'
import { attach } from './attach.ts'
import { authenticate } from './authenticate.ts'
import { isMadeBy } from './request-auth.ts'
import { runAs } from './request-context.ts'

/** Requests without a credential that a guard has looked at, so that `getAuth` can tell "nobody" from "nobody asked". */
const anonymous = new WeakSet<object>()
export const isAnonymous = (req: object) => anonymous.has(req)

type Found = RequestAuth | undefined

/** Answers what this package or the database refuses; any other error goes to the app's own handler. */
function fail(auth: AuthContext, res: Response, next: NextFunction, error: unknown) {
  const known = asAuthError(error)
  if (!known || res.headersSent) return next(failure(error))
  if (known.status >= 500) auth.log.error({ err: error }, 'a request could not be authenticated')
  sendProblem(res, known)
}

/** The frame of every guard: finds out who asks, lets `decide` refuse by throwing, and goes on with `req.auth` set. */
function guard(auth: AuthContext, decide: (found: Found) => Found, { ignoreInvalid = false } = {}): Guard {
  const accept = (req: Request, next: NextFunction, found: Found) => {
    const who = decide(found)
    if (!who) {
      anonymous.add(req)
      return next()
    }
    attach(req, who)
    runAs(auth, who, next)
  }
  const isHooked = auth.options.hooks['request.authenticated'] !== undefined
  const settle = async (req: Request, next: NextFunction, pending: Promise<RequestAuth> | Found) => {
    const asked = pending instanceof Promise ? withDeadline(pending) : pending
    const found = await (ignoreInvalid ? Promise.resolve(asked).catch(ignoreRefusal) : asked)
    if (found && isHooked) await runHook({ ...auth, request: requestInfo(auth, req) }, 'request.authenticated', { auth: found })
    accept(req, next, found)
  }
  return asGuard(function latchkeyGuard(req, res, next) {
    warnOfProxy(auth, req)
    try {
      const before = req.auth
      const found = before && isMadeBy(before, auth) ? before : attempt(auth, req, ignoreInvalid)
      if (found instanceof Promise || isHooked) settle(req, next, found).catch((error) => fail(auth, res, next, error))
      else accept(req, next, found)
    } catch (error) {
      fail(auth, res, next, error)
    }
  })
}

function attempt(auth: AuthContext, req: Request, ignoreInvalid: boolean) {
  try {
    return authenticate(auth, req)
  } catch (error) {
    if (ignoreInvalid) return ignoreRefusal(error)
    throw error
  }
}

/** A credential that is no good counts as none; a database that is gone does not. */
function ignoreRefusal(error: unknown): undefined {
  if (error instanceof AuthError && error.status === 401) return undefined
  throw error
}

/** A guard that lets in whoever is signed in, unless `check` refuses them by throwing. */
export const signedInGuard = (auth: AuthContext, check: (who: RequestAuth) => void): Guard =>
  guard(auth, (found) => {
    if (!found) throw new AuthError('UNAUTHENTICATED')
    check(found)
    return found
  })

/** A guard that may have to ask the database: first `requireAuth()`, then `check`, which refuses by throwing and gives a promise only where it asks. */
export function askingGuard(auth: AuthContext, check: (who: RequestAuth, req: Request) => Promise<void> | undefined): Guard {
  const signedIn = requireAuth(auth)
  return asGuard(function latchkeyAskingGuard(req, res, next) {
    signedIn(req, res, (error?: unknown) => {
      if (error !== undefined) return next(error)
      const refuse = (reason: unknown) => fail(auth, res, next, reason)
      let asked: Promise<void> | undefined
      try {
        if (!req.auth) throw new AuthError('UNAUTHENTICATED')
        asked = check(req.auth, req)
      } catch (reason) {
        return refuse(reason)
      }
      // The check may have let someone in as more than they came as.
      if (asked) withDeadline(asked).then(() => (req.auth ? runAs(auth, req.auth, next) : next()), refuse)
      else next()
    })
  })
}

export const requireAuth = (auth: AuthContext): Guard => signedInGuard(auth, () => {})

export const optionalAuth = (auth: AuthContext): Guard => guard(auth, (found) => found, { ignoreInvalid: true })

/** Lets only people in who are not signed in. */
export const requireGuest = (auth: AuthContext): Guard =>
  guard(
    auth,
    (found) => {
      if (found) throw new AuthError('ALREADY_SIGNED_IN')
      return undefined
    },
    { ignoreInvalid: true },
  )
