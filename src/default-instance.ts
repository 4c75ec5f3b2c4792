import type { RequestHandler, Router } from 'express'
import { type Auth, createAuth } from './create-auth.ts'
import type { RoleRequirement } from './guards/guards.ts'
import type { AuthOptions } from './options.ts'

let instance: Auth | undefined

function theInstance(): Auth {
  if (instance) return instance
  throw new TypeError('latchkey: call authRouter(options) before a request reaches this guard, or use the guards of createAuth(options)')
}

/** Makes an instance, keeps it as the process's default for the guards below, and gives its router. */
export function authRouter(options: AuthOptions): Router {
  instance = createAuth(options)
  return instance.router()
}

/** A guard of the default instance, which is looked up when the first request comes, so that routes may be declared before it is made. */
function later(make: (auth: Auth) => RequestHandler): RequestHandler {
  let made: { auth: Auth; handler: RequestHandler } | undefined
  return function latchkeyDefaultGuard(req, res, next) {
    const auth = theInstance()
    if (made?.auth !== auth) made = { auth, handler: make(auth) }
    made.handler(req, res, next)
  }
}

/** Lets only signed-in people through and sets `req.auth`. */
export const requireAuth = () => later((auth) => auth.requireAuth())

/** Sets `req.auth` where there is a valid credential, and lets everyone through. */
export const optionalAuth = () => later((auth) => auth.optionalAuth())

/** Lets only people through who are not signed in; others get 409 ALREADY_SIGNED_IN. */
export const requireGuest = () => later((auth) => auth.requireGuest())

/** Lets only people through who hold one of the roles (or what `{ any }` or `{ all }` asks for). Signs in by itself. */
export const requireRole = (...wanted: readonly string[] | readonly [RoleRequirement]) => later((auth) => auth.requireRole(...wanted))

/** The router's cross-site check, for the app's own routes that cookies sign in. */
export const sameOrigin = () => later((auth) => auth.sameOrigin())
