// Type tests, compiled by `npm run types` and with Express 4's types: what a guard leaves of the types of the route that it is put before.
import express, { type RequestHandler } from 'express'
import { type Auth, authed, type Guard, getAuth, optionalAuth, requireAuth, requireRole, requireTenant, sameOrigin } from '../../src/index.ts'

declare const auth: Auth
declare const byId: (id: string) => object
const app = express()

app.get('/posts/:id', requireAuth(), (req, res) => {
  // @ts-expect-error the path has no such parameter
  byId(req.params.other)
  res.json(byId(req.params.id))
})
app.get('/posts/:id/comments/:commentId', auth.requireAuth(), auth.requirePermission('comment:read'), auth.sameOrigin(), (req, res) => {
  const { id, commentId }: { id: string; commentId: string } = req.params
  res.json([byId(id), byId(commentId), getAuth(req)])
})
app.post<'/typed/:id', { id: string }, { ok: boolean }, { name: string }>('/typed/:id', requireRole('admin'), sameOrigin(), (req, res) => {
  const name: string = req.body.name
  // @ts-expect-error it is no answer of this route
  res.json({ name })
  res.json({ ok: name === req.params.id })
})
app
  .route('/posts/:id')
  .all(optionalAuth())
  .get(requireTenant(), (req, res) => void res.json(byId(req.params.id)))

// The path cannot be told from within `authed`.
app.get(
  '/posts/:id',
  requireAuth(),
  authed<{ id: string }>((req, res) => res.json([byId(req.params.id), req.auth.user.id])),
)

// Wherever a handler goes, a guard goes.
const all: RequestHandler[] = [requireAuth(), auth.requireMfa()]
const both: readonly Guard[] = [requireAuth(), auth.requireStepUp()]
const one: RequestHandler = requireAuth()
const typed: RequestHandler<{ id: string }, { ok: true }, { name: string }, { q: string }, { tenant: object }> = requireAuth()
app.use(requireAuth(), one)
app.use('/area', both[0] ?? one, express.Router().use(requireAuth()))
app.use(all)
app.use('/area/:id', [requireAuth(), auth.requireGuest()])
app.get('/list', ...all)
app.get('/posts/:id', all, typed as RequestHandler<{ id: string }>)
app.param('id', (req, res, next) => requireAuth()(req, res, next))
