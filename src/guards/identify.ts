import type { Request } from 'express'
import type { AuthContext } from '../context.ts'
import { runHook } from '../hooks.ts'
import type { RequestAuth } from '../shapes.ts'
import { authenticate } from './authenticate.ts'

/** As `authenticate`, for whatever is no guard: whoever it finds has passed the app's hook `request.authenticated` too. */
export async function identify(auth: AuthContext, req: Request): Promise<RequestAuth | undefined> {
  const who = await authenticate(auth, req)
  if (who) await runHook(auth, 'request.authenticated', { auth: who })
  return who
}
