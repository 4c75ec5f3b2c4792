import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { github, google, oidc } from '../../src/index.ts'
import { createPlayground } from './app.ts'
import { startLocalProvider } from './provider.ts'

const folder = import.meta.dirname
const secretFile = path.join(folder, '.env')

/** AUTH_SECRET, or one made at the first start and kept beside the database, so that sessions outlive a restart. */
function readSecret() {
  if (process.env.AUTH_SECRET) return process.env.AUTH_SECRET
  if (!existsSync(secretFile)) writeFileSync(secretFile, `AUTH_SECRET=${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 })
  return /^AUTH_SECRET=(.+)$/m.exec(readFileSync(secretFile, 'utf8'))?.[1] ?? ''
}

/** Without the provider the playground is still one. */
async function startOwnProvider(port: number, redirectUri: string) {
  try {
    return await startLocalProvider({ port, redirectUris: [redirectUri] })
  } catch (error) {
    console.error(`No local provider on port ${port}: ${(error as Error).message}. Say another: PROVIDER_PORT=3009 npm start`)
    return undefined
  }
}

/** A provider of the playground's own, where any name signs in; Google and GitHub where there are credentials for them. */
async function findProviders(url: string, port: number) {
  const local = await startOwnProvider(port, `${url}/auth/oauth/local/callback`)
  const { GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET } = process.env
  const providers = [
    ...(local ? [oidc({ id: 'local', issuer: local.issuer, clientId: local.clientId, clientSecret: local.clientSecret })] : []),
    ...(GOOGLE_CLIENT_ID && GOOGLE_CLIENT_SECRET ? [google({ clientId: GOOGLE_CLIENT_ID, clientSecret: GOOGLE_CLIENT_SECRET })] : []),
    ...(GITHUB_CLIENT_ID && GITHUB_CLIENT_SECRET ? [github({ clientId: GITHUB_CLIENT_ID, clientSecret: GITHUB_CLIENT_SECRET })] : []),
  ]
  return { local, providers }
}

const port = Number(process.env.PORT ?? 3000)
const databaseUrl = process.env.DATABASE_URL ?? `file:${path.join(folder, 'playground.db')}`
const url = `http://localhost:${port}`
const { local, providers } = await findProviders(url, Number(process.env.PROVIDER_PORT ?? port + 1))
const { app, close, dialect } = await createPlayground({ databaseUrl, secret: readSecret(), folder, url, providers })
const server = app.listen(port, (error) => {
  if (error) {
    console.error(`The playground cannot listen on port ${port}: ${error.message}. Say another: PORT=3001 npm start`)
    process.exit(1)
  }
  console.log(`latchkey playground on ${dialect}: http://localhost:${port}`)
  if (local) console.log(`a provider to sign in with, where any name will do: ${local.issuer}`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => void Promise.all([close(), local?.close()]))
    server.closeIdleConnections()
  })
}
