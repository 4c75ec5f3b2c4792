import type { Feature } from './feature.ts'
import { accountRoutes } from './features/accounts/routes.ts'
import { keyRoutes } from './features/keys/routes.ts'
import { metaRoutes } from './features/meta/routes.ts'
import { passwordRoutes } from './features/passwords/routes.ts'
import { sessionRoutes } from './features/sessions/routes.ts'

/** Everything there is. Start reading here. */
export const features: readonly Feature[] = [
  { name: 'passwords', routes: passwordRoutes },
  { name: 'sessions', routes: sessionRoutes },
  { name: 'accounts', routes: accountRoutes },
  { name: 'keys', routes: keyRoutes },
  { name: 'meta', routes: metaRoutes },
]
