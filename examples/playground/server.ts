import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createPlayground } from './app.ts'

const folder = import.meta.dirname
const secretFile = path.join(folder, '.env')

/** AUTH_SECRET, or one made at the first start and kept beside the database, so that sessions outlive a restart. */
function readSecret() {
  if (process.env.AUTH_SECRET) return process.env.AUTH_SECRET
  if (!existsSync(secretFile)) writeFileSync(secretFile, `AUTH_SECRET=${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 })
  return /^AUTH_SECRET=(.+)$/m.exec(readFileSync(secretFile, 'utf8'))?.[1] ?? ''
}

const port = Number(process.env.PORT ?? 3000)
const databaseUrl = process.env.DATABASE_URL ?? `file:${path.join(folder, 'playground.db')}`
const { app, close, dialect } = await createPlayground({ databaseUrl, secret: readSecret(), folder, url: `http://localhost:${port}` })
const server = app.listen(port, (error) => {
  if (error) {
    console.error(`The playground cannot listen on port ${port}: ${error.message}. Say another: PORT=3001 npm start`)
    process.exit(1)
  }
  console.log(`latchkey playground on ${dialect}: http://localhost:${port}`)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => void close())
    server.closeIdleConnections()
  })
}
