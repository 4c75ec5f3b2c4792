import type { Router } from 'express'
import { type Auth, createAuth } from './create-auth.ts'
import type { Guard } from './guards/as-guard.ts'
import { permissionRequirement, roleRequirement, stepUpSeconds, tenantRequirement } from './guards/guard-arguments.ts'
import type { TenantRequirement } from './guards/require-tenant.ts'
import type { PermissionRequirement, RoleRequirement } from './guards/requirements.ts'
import type { StepUpRequirement } from './guards/step-up.ts'
import type { AuthOptions } from './options.ts'

let instance: Auth | undefined

function theInstance(): Auth {
  if (instance) return instance
  throw new TypeError(
    'latchkey: call authRouter(options) before a request reaches this guard, or, where the app made its instance by createAuth(), take the guard from it: auth.requireAuth()',
  )
}

/** Makes an instance, keeps it as the process's default for the guards below, and gives its router. */
export function authRouter(options: AuthOptions): Router {
  instance = createAuth(options)
  return instance.router()
}

/** A guard of the default instance, which is looked up when the first request comes, so that routes may be declared before it is made. */
function later(make: (auth: Auth) => Guard): Guard {
  let made: { auth: Auth; handler: Guard } | undefined
  return function latchkeyDefaultGuard(req, res, next) {
    const auth = theInstance()
    if (made?.auth !== auth) made = { auth, handler: make(auth) }
    made.handler(req, res, next)
  }
}

/** Lets only signed-in people through and sets `req.auth`. */
export const requireAuth = (): Guard => later((auth) => auth.requireAuth())

/** Sets `req.auth` where there is a valid credential, and lets everyone through. */
export const optionalAuth = (): Guard => later((auth) => auth.optionalAuth())

/** Lets only people through who are not signed in; others get 409 ALREADY_SIGNED_IN. */
export const requireGuest = (): Guard => later((auth) => auth.requireGuest())

/** Lets only people through who hold one of the roles (or what `{ any }` or `{ all }` asks for). Signs in by itself. */
export function requireRole(...wanted: readonly string[] | readonly [RoleRequirement]): Guard {
  roleRequirement(wanted)
  return later((auth) => auth.requireRole(...wanted))
}

/** Lets only people through who may do this (or what `{ any }` or `{ all }` asks for). Signs in by itself. */
export function requirePermission(wanted: string | PermissionRequirement): Guard {
  permissionRequirement(wanted)
  return later((auth) => auth.requirePermission(wanted))
}

/** Lets only people through who signed in or confirmed that it is them within `maxAge`, in this session; others get 403 STEP_UP_REQUIRED. Signs in by itself. */
export function requireStepUp(requirement?: StepUpRequirement): Guard {
  stepUpSeconds(requirement?.maxAge)
  return later((auth) => auth.requireStepUp(requirement))
}

/** Lets only people through who have confirmed their email address; others get 403 EMAIL_NOT_VERIFIED. Signs in by itself. */
export const requireVerifiedEmail = (): Guard => later((auth) => auth.requireVerifiedEmail())

/** Lets only people through whose session proved two factors; others get 403 MFA_ENROLLMENT_REQUIRED or STEP_UP_REQUIRED. Signs in by itself. */
export const requireMfa = (): Guard => later((auth) => auth.requireMfa())

/** Lets only people through whose session is in an active tenant that they are a member of; what the request names must be that one. Signs in by itself. */
export function requireTenant(requirement?: TenantRequirement): Guard {
  tenantRequirement(requirement)
  return later((auth) => auth.requireTenant(requirement))
}

/** The router's cross-site check, for the app's own routes that cookies sign in. */
export const sameOrigin = (): Guard => later((auth) => auth.sameOrigin())
