import type { Request } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { refuseOtherTenant } from '../features/tenants/permitted.ts'
import { runHook } from '../hooks.ts'
import type { Route } from '../http/route.ts'
import type { Person, RequestAuth } from '../shapes.ts'
import { authenticate } from './authenticate.ts'

/** As `authenticate`, for whatever is no guard: whoever it finds has passed the app's hook `request.authenticated` too. */
export async function identify(auth: AuthContext, req: Request): Promise<RequestAuth | undefined> {
  const who = await authenticate(auth, req)
  if (who) await runHook(auth, 'request.authenticated', { auth: who })
  return who
}

export const isPerson = (who: RequestAuth): who is Person => who.session !== null

/**
 * Someone who is signed in, for what no API key may do. `tenant`: as a route has it. Throws UNAUTHENTICATED, FORBIDDEN for a key, and as
 * `authenticate` and `refuseOtherTenant`.
 */
export async function identifyPerson(auth: AuthContext, req: Request, tenant?: Route['tenant']): Promise<Person> {
  const who = await identify(auth, req)
  if (!who) throw new AuthError('UNAUTHENTICATED')
  if (!isPerson(who)) throw keysCannot()
  if (tenant !== 'path') await refuseOtherTenant(auth, who, { isWithin: tenant === 'session' })
  return who
}

type Actor = { user: { id: string }; session: { id: string } | null; platformRoles: readonly string[] }

/** With whoever asks as the actor of what is written. */
export const actingAs = (auth: AuthContext, { user, session, platformRoles }: Actor): AuthContext => ({
  ...auth,
  request: { ip: null, userAgent: null, requestId: null, ...auth.request, actorId: user.id, sessionId: session?.id ?? null, platformRoles },
})

const keysCannot = () => new AuthError('FORBIDDEN', { detail: 'An API key cannot do this: sign in.' })
