import { Router } from 'express'
import type { AuthContext } from './context.ts'
import { features } from './features.ts'
import { answerError, mountRoutes } from './http/mount.ts'
import { openApi } from './http/openapi.ts'
import { checkRoutes, type Route, routeName } from './http/route.ts'
import { mountPages } from './pages/pages.ts'
import { version } from './version.ts'

/** The route table. Throws for a route without a policy, and for a limit that names no route. */
export function routeTable(auth: AuthContext): readonly Route[] {
  const routes = features.flatMap((feature) => feature.routes(auth))
  checkRoutes(routes)
  const names = new Set(routes.map(routeName))
  const named = [...Object.keys(auth.options.limits.routes), ...(auth.options.captcha?.routes ?? [])]
  const unknown = named.filter((name) => !names.has(name))
  if (unknown.length > 0)
    throw new TypeError(`latchkey: these options are not right:\n  limits, captcha: there is no route ${unknown.join(', ')}; say for example 'POST /login'`)
  return routes
}

/** What the app mounts. It reads its own bodies and answers its own refusals; paths it does not know go on to the app. */
export function createRouter(auth: AuthContext, routes: readonly Route[]): Router {
  const router = Router()
  // Before the routes: the page of an invitation stands where its preview would take 'accept' for a token.
  mountPages(router, auth)
  mountRoutes(router, auth, routes)
  router.get('/openapi.json', function latchkeyOpenApi(req, res) {
    res.set('Cache-Control', 'public, max-age=300').json(openApi(routes, { server: auth.options.baseUrl ?? (req.baseUrl || '/'), version }))
  })
  router.use(answerError(auth))
  return router
}
