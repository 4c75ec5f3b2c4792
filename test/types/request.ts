// Type tests, compiled by `npm run types`: what handlers see of a request, without a cast.
import express from 'express'
import { authed, getAuth, requireAuth, requireRole } from '../../src/index.ts'

const app = express()
app.get('/me', requireAuth(), (req, res) => {
  const id: string | undefined = req.auth?.user.id
  // @ts-expect-error a guard cannot narrow the request of the next handler: authed does
  const certain: string = req.auth.user.id
  res.json([id, certain])
})
app.get(
  '/narrow',
  requireAuth(),
  requireRole({ all: ['admin'] }),
  authed((req, res) => {
    const id: string = req.auth.user.id
    const roles: readonly string[] = req.auth.roles
    // @ts-expect-error it is read-only
    req.auth.roles = roles
    res.json(id)
  }),
)
app.get('/union', (req, res) => {
  const auth = getAuth(req)
  // @ts-expect-error it has to be looked at first
  auth.user
  if (auth.signedIn) res.json(auth.user.id)
})
app.get('/files/*path', requireAuth(), (req, res) => {
  const path: string[] = req.params.path
  res.json(path)
})
app.get('/maybe{/:id}', requireAuth(), (req, res) => {
  const id: string | undefined = req.params.id
  res.json([id, getAuth(req)])
})
