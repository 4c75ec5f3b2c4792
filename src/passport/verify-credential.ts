import type { Request } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { attach } from '../guards/attach.ts'
import { identify } from '../guards/identify.ts'
import { passportUser } from '../guards/request-auth.ts'
import { refuseCrossSite } from '../http/same-origin.ts'
import { readCredential } from '../http/transport.ts'
import { type Accepted, type Refused, refusal } from './strategy.ts'

/** Whose access token it is. One in a cookie comes with the browser, so another site's request is refused. */
export async function bearerOf(auth: AuthContext, req: Request): Promise<Accepted | Refused> {
  const { via } = readCredential(auth, req)
  if (via !== 'bearer' && via !== 'cookie') return refusal(new AuthError('UNAUTHENTICATED'))
  if (via === 'cookie') refuseCrossSite(auth, req)
  return accept(auth, req)
}

export async function keyOf(auth: AuthContext, req: Request): Promise<Accepted | Refused> {
  const { via } = readCredential(auth, req)
  return via === 'api-key' ? accept(auth, req) : refusal(new AuthError('UNAUTHENTICATED'))
}

/** Guards of ours further on find the request verified. */
async function accept(auth: AuthContext, req: Request): Promise<Accepted | Refused> {
  const who = await identify(auth, req)
  if (!who) return refusal(new AuthError('UNAUTHENTICATED'))
  attach(req, who)
  return { user: passportUser(who) }
}
