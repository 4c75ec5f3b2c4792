// An app that ends in order on SIGTERM, as docs/production-checklist.md has it. Arguments: provider, database URL.
const [, , provider, url] = process.argv as [string, string, string, string]
Object.assign(globalThis, { LATCHKEY_PROVIDER: provider, LATCHKEY_URL: url })

async function main() {
  const { clientOf } = await import('./databases.ts')
  const { createAuth } = await import('../../src/index.ts')
  const express = (await import('express')).default
  const prisma = clientOf(url)
  const auth = createAuth({
    prisma,
    secret: 'test-only-secret-test-only-secret-0001',
    baseUrl: 'https://api.example.com/auth',
    // A sender that takes its time: what is under way when the process ends must not be lost.
    mailer: { send: () => new Promise((resolve) => setTimeout(resolve, 300)) },
    messages: { pollEvery: '1s' },
    limits: { enabled: false },
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    password: { allowWeakHash: true, argon2: { memoryCost: 8192, timeCost: 2 } },
  })
  const app = express().use('/auth', auth.router())
  const server = app.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }))
  process.once('SIGTERM', () => {
    process.send?.({ stopping: true })
    server.close(async () => {
      await auth.close()
      await prisma.$disconnect()
      process.disconnect?.()
      // Nothing is left that keeps the process: it ends by itself.
    })
    server.closeIdleConnections()
  })
}

void main()
