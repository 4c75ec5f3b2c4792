import path from 'node:path'
import express from 'express'
import { type Auth, AuthError, authErrorHandler, authed, createAuth, eventNames, type Logger } from '../../src/index.ts'
import { connect, dialectOf, migrate } from './database.ts'

export interface PlaygroundOptions {
  databaseUrl: string
  secret: string
  /** This folder. */
  folder: string
  logger?: Logger
}

const MOST_EVENTS = 50

/** The playground: latchkey's router, two guarded routes, and a page over them. For development; it hands out the admin role to whoever asks. */
export async function createPlayground({ databaseUrl, secret, folder, logger }: PlaygroundOptions) {
  const dialect = dialectOf(databaseUrl)
  const prisma = await connect(databaseUrl)
  await migrate(prisma, dialect, path.join(folder, '../../prisma', dialect, 'migrations'))
  const auth = createAuth({ prisma, secret, cookies: { secure: false }, identifiers: { email: true, username: true }, ...(logger && { logger }) })
  const app = express()
  app.use(securityHeaders)
  app.use('/auth', auth.router())
  mountApi(app, auth)
  app.use(express.static(path.join(folder, 'public'), { index: 'index.html' }))
  app.use(authErrorHandler)
  const close = async () => {
    await auth.close()
    await prisma.$disconnect()
  }
  return { app, auth, close, dialect }
}

const securityHeaders: express.RequestHandler = (_req, res, next) => {
  res.set({
    'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  })
  next()
}

function mountApi(app: express.Express, auth: Auth) {
  const events: { name: string; event: object }[] = []
  for (const name of eventNames) {
    auth.on(name, (event) => {
      events.unshift({ name, event })
      events.length = Math.min(events.length, MOST_EVENTS)
    })
  }
  const signedIn = [auth.sameOrigin(), auth.requireAuth()]
  app.get('/api/hello', ...signedIn, (_req, res) => void res.json({ message: 'You are signed in.' }))
  app.get('/api/admin', ...signedIn, auth.requireRole('admin'), (_req, res) => void res.json({ message: 'You are an admin.' }))
  app.get('/api/events', ...signedIn, (_req, res) => void res.set('Cache-Control', 'no-store').json(events))
  app.post(
    '/api/admin-role',
    ...signedIn,
    authed(async (req, res) => {
      await ensureRole(auth)
      await auth.roles.assign(req.auth.user.id, 'admin')
      res.status(204).end()
    }),
  )
  app.delete(
    '/api/admin-role',
    ...signedIn,
    authed(async (req, res) => {
      await ensureRole(auth)
      await auth.roles.remove(req.auth.user.id, 'admin')
      res.status(204).end()
    }),
  )
}

async function ensureRole(auth: Auth) {
  try {
    await auth.roles.create({ name: 'admin' })
  } catch (error) {
    if (!(error instanceof AuthError) || error.code !== 'ROLE_TAKEN') throw error
  }
}
