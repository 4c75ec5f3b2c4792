// A process that signs people up and resets their passwords until it is killed. Arguments: provider, database URL, file for the mail it sends.
import { appendFileSync } from 'node:fs'

const [, , provider, url, mailFile] = process.argv as [string, string, string, string, string]
Object.assign(globalThis, { LATCHKEY_PROVIDER: provider, LATCHKEY_URL: url })

async function main() {
  const { clientOf } = await import('./databases.ts')
  const { createAuth } = await import('../../src/index.ts')
  const express = (await import('express')).default
  const tokens = new Map<string, string>()
  const mailer = {
    send: async ({ id, kind, to, data }: { id: string; kind: string; to: string; data: { token?: string } }) => {
      appendFileSync(mailFile, `${JSON.stringify({ id, kind, to })}\n`)
      if (data.token) tokens.set(`${kind} ${to}`, data.token)
    },
  }
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const auth = createAuth({
    prisma: clientOf(url),
    secret: 'test-only-secret-test-only-secret-0001',
    baseUrl: 'https://api.example.com/auth',
    mailer,
    logger: quiet,
    limits: { enabled: false },
    password: { allowWeakHash: true, argon2: { memoryCost: 64, timeCost: 1 } },
  })
  const app = express().use('/auth', auth.router())
  const server = app.listen(0)
  const base = `http://127.0.0.1:${(server.address() as { port: number }).port}/auth`
  const post = (path: string, body: object) =>
    fetch(base + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const run = async (worker: number) => {
    for (let i = 0; ; i++) {
      const email = `crash-${process.pid}-${worker}-${i}@example.com`
      await post('/signup', { email, password: 'the very first password' })
      await post('/forgot-password', { email })
      for (let wait = 0; wait < 100 && !tokens.has(`reset_password ${email}`); wait++) await new Promise((resolve) => setTimeout(resolve, 10))
      await post('/reset-password', { token: tokens.get(`reset_password ${email}`) ?? '', newPassword: 'the very second password' })
      if (i === 0) process.send?.('under way')
    }
  }
  await Promise.all([run(0), run(1)])
}

void main()
