import { Router } from 'express'
import type { AuthContext } from './context.ts'
import { features } from './features.ts'
import { cookieName } from './http/cookies.ts'
import { answerError, mountRoutes } from './http/mount.ts'
import { openApi } from './http/openapi.ts'
import { checkRoutes, type Route, routeName } from './http/route.ts'
import type { ResolvedOptions } from './options.ts'
import { mountPages } from './pages/pages.ts'
import { version } from './version.ts'

/** The route table. Throws for a route without a policy. */
export function routeTable(): readonly Route[] {
  const routes = features.flatMap((feature) => feature.routes())
  checkRoutes(routes)
  return routes
}

/** Limits and captchas for routes that there are not. */
export function routeProblems({ limits, captcha }: ResolvedOptions, routes: readonly Route[]): string[] {
  const names = new Set(routes.map(routeName))
  const strangers = (option: string, named: readonly string[] = []) =>
    named.filter((name) => !names.has(name)).map((name) => `${option}: there is no route ${name}; say for example 'POST /login'`)
  return [...strangers('limits', Object.keys(limits.routes)), ...strangers('captcha', captcha?.routes)]
}

/** What the app mounts. It reads its own bodies and answers its own refusals; paths it does not know go on to the app. */
export function createRouter(auth: AuthContext, routes: readonly Route[]): Router {
  const router = Router()
  // Before the routes: the page of an invitation stands where its preview would take 'accept' for a token.
  mountPages(router, auth)
  mountRoutes(router, auth, routes)
  router.get('/openapi.json', function latchkeyOpenApi(req, res) {
    const cookies = { access: cookieName(auth, 'access'), refresh: cookieName(auth, 'refresh') }
    res.set('Cache-Control', 'public, max-age=300').json(openApi(routes, { server: auth.options.baseUrl ?? (req.baseUrl || '/'), version, cookies }))
  })
  router.use(answerError(auth))
  return router
}
