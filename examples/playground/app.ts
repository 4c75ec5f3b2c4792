import path from 'node:path'
import express from 'express'
import {
  type Auth,
  AuthError,
  type AuthOptions,
  authErrorHandler,
  authed,
  createAuth,
  eventNames,
  type Logger,
  type Mailer,
  type OutgoingMessage,
} from '../../src/index.ts'
import { connect, dialectOf, migrate } from './database.ts'

export interface PlaygroundOptions {
  databaseUrl: string
  secret: string
  /** Where the page is served: links in messages lead there. */
  url?: string
  /** This folder. */
  folder: string
  logger?: Logger
  /** Where people may sign in with an account elsewhere. */
  providers?: AuthOptions['providers']
}

const MOST_EVENTS = 50
const MOST_MESSAGES = 30

/** The playground: latchkey's router, two guarded routes, and a page over them. For development; it hands out the admin role to whoever asks. */
export async function createPlayground({ databaseUrl, secret, folder, logger, providers = [], url = 'http://localhost:3000' }: PlaygroundOptions) {
  const dialect = dialectOf(databaseUrl)
  const prisma = await connect(databaseUrl)
  await migrate(prisma, dialect, path.join(folder, '../../prisma', dialect, 'migrations'))
  const messages: OutgoingMessage[] = []
  const auth = createAuth(playgroundOptions({ prisma, secret, url, messages, providers, ...(logger && { logger }) }))
  const app = express()
  app.use(securityHeaders)
  app.use('/auth', auth.router())
  mountApi(app, auth)
  mountMessages(app, messages)
  app.use(express.static(path.join(folder, 'public'), { index: 'index.html' }))
  app.use(authErrorHandler)
  const close = async () => {
    await auth.close()
    await prisma.$disconnect()
  }
  return { app, auth, close, dialect }
}

/** Everything that can be tried without an account elsewhere is on. Messages are kept for the page to show instead of being sent. */
function playgroundOptions({
  messages,
  url,
  ...rest
}: { messages: OutgoingMessage[]; url: string } & Pick<AuthOptions, 'prisma' | 'secret' | 'logger' | 'providers'>) {
  const keep: Mailer = {
    send: async (message) => {
      messages.unshift(message)
      messages.length = Math.min(messages.length, MOST_MESSAGES)
    },
  }
  return {
    ...rest,
    baseUrl: `${url}/auth`,
    appUrl: url,
    cookies: { secure: false },
    identifiers: { email: true, phone: true, username: true },
    mailer: keep,
    sms: keep,
    messages: { appName: 'the playground' },
    emailVerification: { strategy: 'both' },
    passwordless: { email: true, sms: true },
    magicLink: { enabled: true },
    mfa: { email: true },
    passkeys: { enabled: true, rpName: 'latchkey playground' },
    tenants: { mode: 'shared', selfService: true },
    apiKeys: { enabled: true },
  } satisfies AuthOptions
}

/** What has been sent, to whoever can open the page: a playground has nobody to keep it from. */
function mountMessages(app: express.Express, messages: readonly OutgoingMessage[]) {
  app.get('/api/messages', (_req, res) => {
    const shown = messages.map(({ id, channel, kind, to, subject, data: { code, url } }) => ({ id, channel, kind, to, subject, code, url }))
    res.set('Cache-Control', 'no-store').json(shown)
  })
  app.get('/api/messages/:id', (req, res) => {
    const message = messages.find(({ id }) => id === req.params.id)
    if (!message) return void res.status(404).end()
    const policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox allow-popups"
    res
      .set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-store' })
      .type('html')
      .send(message.html ?? message.text)
  })
}

const securityHeaders: express.RequestHandler = (_req, res, next) => {
  res.set({
    'Content-Security-Policy': "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
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
  // Two routes of a team: any member's, and one for who may read its members. API keys are welcome.
  app.get('/api/team', auth.sameOrigin(), auth.requireTenant(), (req, res) => void res.json({ message: `You are in team ${req.auth?.tenantId}.` }))
  app.get(
    '/api/team/members',
    auth.sameOrigin(),
    auth.requireTenant(),
    auth.requirePermission('member:read'),
    (_req, res) => void res.json({ message: 'You may read the members.' }),
  )
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
