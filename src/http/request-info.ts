import type { Request } from 'express'
import type { AuthContext, RequestInfo } from '../context.ts'
import { newId } from '../crypto/ids.ts'
import { canonicalIp, plainUserAgent } from '../features/sessions/request-origin.ts'
import { cookieName, readCookie } from './cookies.ts'

const requestIdShape = /^[\w.:-]{1,64}$/

/** Who asks, as audit rows and events show it. The address is Express's `req.ip`: the app decides which proxies to trust. */
export function requestInfo(auth: AuthContext, req: Request): RequestInfo {
  const given = req.get('x-request-id')
  return {
    ip: canonicalIp(req.ip),
    userAgent: plainUserAgent(req.get('user-agent')),
    requestId: given !== undefined && requestIdShape.test(given) ? given : newId(auth.now(), auth.random),
    ...deviceOf(auth, req),
    req,
  }
}

/** The token of a trusted device: `X-Trusted-Device`, or the cookie where no header carries a credential. */
function deviceOf(auth: AuthContext, req: Request) {
  const header = req.headers['x-trusted-device']
  const token = typeof header === 'string' ? header : readCookie(req, cookieName(auth, 'device'))
  return token === undefined ? {} : { deviceToken: token }
}

const warned = new WeakSet<object>()
const isForwarded = ({ headers }: Request) =>
  headers['x-forwarded-for'] !== undefined || headers['x-forwarded-proto'] !== undefined || headers['x-forwarded-host'] !== undefined

/** Says once that the app sits behind a proxy it does not trust, so that everyone seems to have the proxy's address, scheme and host. */
export function warnOfProxy(auth: AuthContext, req: Request) {
  if (!isForwarded(req) || warned.has(auth.process) || req.app.get('trust proxy')) return
  warned.add(auth.process)
  auth.log.warn(
    {},
    "requests carry X-Forwarded headers but 'trust proxy' is not set: say app.set('trust proxy', 1) for one proxy, or all callers share its address",
  )
}
