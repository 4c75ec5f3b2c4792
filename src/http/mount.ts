import type { Request, RequestHandler, Response, Router } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError, isError } from '../errors.ts'
import { requireRecent } from '../features/confirmation/recent.ts'
import { inRealm } from '../features/tenants/in-realm.ts'
import { actingAs, identifyPerson } from '../guards/identify.ts'
import { runHook } from '../hooks.ts'
import { withDeadline } from '../in-time.ts'
import type { Person } from '../shapes.ts'
import { checkCaptcha } from './captcha.ts'
import { clearSessionCookies, cookiesAhead, setSessionCookies } from './cookies.ts'
import { inTurn } from './in-turn.ts'
import { formBody, jsonBody, refuseOtherBody } from './json-body.ts'
import { type RouteLimits, routeLimits } from './limits.ts'
import { parse } from './parse.ts'
import { asAuthError, asConflict, failure, problemOf, sendProblem } from './problem.ts'
import { requestInfo, warnOfProxy } from './request-info.ts'
import { type Answer, type Route, routeName } from './route.ts'
import { refuseCrossSite } from './same-origin.ts'
import { readCredential, type Transport, transportOf } from './transport.ts'

export function mountRoutes(router: Router, auth: AuthContext, routes: readonly Route[]) {
  const takesTurns = inTurn()
  for (const route of routes) {
    const limits = routeLimits(auth, route)
    const method = route.method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete'
    const handlers = [
      ...(route.enabled ? [refuseDisabled(auth, route.enabled)] : []),
      ...(route.hashes ? [takesTurns] : []),
      limits.ip,
      ...(route.body ? [route.form ? formBody() : jsonBody()] : []),
      handlerOf(auth, route, limits),
    ]
    router[method](route.path, ...handlers)
  }
}

/** Before anything of the request is read: for the client there is no such route. */
const refuseDisabled = (auth: AuthContext, isEnabled: NonNullable<Route['enabled']>): RequestHandler =>
  function latchkeyEnabled(_req, _res, next) {
    if (isEnabled(auth.options)) next()
    else next(new AuthError('FEATURE_DISABLED'))
  }

function handlerOf(auth: AuthContext, route: Route, limits: RouteLimits): RequestHandler {
  return function latchkeyRoute(req, res, next) {
    warnOfProxy(auth, req)
    const served = () => withDeadline(serve(auth, route, limits, req, res))
    auth.process.telemetry.route(routeName(route), served).catch((error: unknown) => next(failure(error)))
  }
}

async function serve(outer: AuthContext, route: Route, limits: RouteLimits, req: Request, res: Response) {
  const transport = transportOf(outer, req, { continues: route.continuesSession !== undefined || route.access !== 'public' })
  const base = { ...outer, request: { ...requestInfo(outer, req), ...(transport === 'cookie' && cookiesAhead(outer, req)) } }
  if (!route.crossSite && (transport === 'cookie' || readCredential(base, req).via === 'cookie')) refuseCrossSite(base, req)
  const who = await whoAsks(base, route, req)
  await checkCaptcha(base, route, req)
  if (route.body && !route.form) refuseOtherBody(req)
  const [params, query, body] = [await parse(route.params, { ...req.params }), await parse(route.query, { ...req.query }), await parse(route.body, req.body)]
  await limits.account(req, res, body)
  const known = who ? actingAs(base, who) : base
  const auth = await inNamedRealm(known, route, body)
  const answer = await route.handler({ auth, body, query, params, who, transport, req, res })
  if (!res.headersSent) await send(auth, route, { res, transport }, answer)
}

/** `if given`: a token says whose account is meant, and a tenant that is named beside it has to be that account's. */
function inNamedRealm(auth: AuthContext, { namesTenant }: Route, body: unknown): AuthContext | Promise<AuthContext> {
  const { tenant } = (body ?? {}) as { tenant?: string }
  return namesTenant === 'always' || (namesTenant === 'if given' && tenant !== undefined) ? inRealm(auth, tenant) : auth
}

async function whoAsks(auth: AuthContext, { access, tenant }: Route, req: Request): Promise<Person | undefined> {
  if (access === 'public') return undefined
  const who = await identifyPerson(auth, req, tenant)
  if (access === 'recent') await requireRecent(auth, who, { maxAge: auth.options.stepUp.maxAge })
  return who
}

interface Exchange {
  res: Response
  transport: Transport
}

async function send(auth: AuthContext, route: Route, { res, transport }: Exchange, answer: Answer) {
  const { status, signedIn, clearCookies, headers = {} } = answer
  const body = signedIn && transport === 'cookie' && answer.body !== undefined ? withoutTokens(answer.body) : answer.body
  const shown = (await runHook(auth, 'response.transform', { route: routeName(route), status, body })) ?? body
  if (signedIn && transport === 'cookie') setSessionCookies(auth, res, signedIn.tokens, signedIn.remember)
  if (clearCookies) clearSessionCookies(auth, res)
  res.set('Cache-Control', 'no-store').set(headers).status(status)
  if (shown === undefined) res.end()
  else res.json(shown)
}

/** In cookie transport no script ever sees a token. */
function withoutTokens(body: unknown) {
  const { accessToken: _access, refreshToken: _refresh, tokenType: _type, ...rest } = body as Record<string, unknown>
  return rest
}

/** As the table has it: a path may hold the token of an invitation. */
const routePath = ({ route, path }: Request): string => (route as { path?: string } | undefined)?.path ?? path

/**
 * The last handler of the router. A refusal becomes its problem document; anything else is a bug of ours or of a hook: it is logged whole
 * and answered without a word of it (R-192, docs/decisions/006).
 */
export function answerError(auth: AuthContext) {
  return function latchkeyProblem(error: unknown, req: Request, res: Response, next: (error: unknown) => void) {
    if (res.headersSent) return next(error ?? new Error('something that is no error was thrown'))
    const known = asAuthError(error)
    if (!known || (known.status >= 500 && known.code !== 'BUSY')) {
      auth.log.error({ err: isError(error) ? error : new Error(`not an error: ${typeof error}`), method: req.method, path: routePath(req) }, 'a request failed')
    }
    const refusal = known ?? asConflict(error) ?? new AuthError('INTERNAL_ERROR')
    if (!auth.options.hooks['response.transform']) return sendProblem(res, refusal)
    transformed(auth, req, refusal).then((body) => sendProblem(res, refusal, body), next)
  }
}

/** A hook that fails here has had its say: the refusal goes out as it is. */
async function transformed(auth: AuthContext, req: Request, refusal: AuthError): Promise<unknown> {
  const body = problemOf(refusal)
  try {
    return (await runHook(auth, 'response.transform', { route: `${req.method} ${routePath(req)}`, status: refusal.status, body })) ?? body
  } catch (err) {
    auth.log.error({ err }, 'the hook response.transform failed')
    return body
  }
}
