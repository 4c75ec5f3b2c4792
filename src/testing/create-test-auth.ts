import { type Auth, createAuth } from '../create-auth.ts'
import { consoleLogger } from '../logger.ts'
import type { AuthOptions } from '../options.ts'
import { type Mailbox, memoryMailer } from './memory-mailer.ts'

export interface TestAuth {
  auth: Auth
  /** What was sent by mail and SMS; `await auth.messages.deliver()` first. */
  mailbox: Mailbox
  clock: { now: () => Date; advance: (seconds: number) => void }
}

// What went wrong on the server tells why a test got a 500.
const onlyErrors = { ...consoleLogger, warn: () => {} }
const START = Date.UTC(2026, 0, 1, 12)

/**
 * An instance for an app's own tests: quick hashes, no limits, messages in memory, a clock that moves when told, cookies that go over plain http, as
 * supertest's agents want them; errors are printed. Anything can be set otherwise; only `prisma` is needed.
 */
export function createTestAuth({ password, cookies, ...options }: Partial<AuthOptions> & Pick<AuthOptions, 'prisma'>): TestAuth {
  const mailbox = memoryMailer()
  let time = START
  const clock = { now: () => new Date(time), advance: (seconds: number) => void (time += seconds * 1000) }
  const auth = createAuth({
    secret: 'a secret that only tests use, a secret that only tests use',
    baseUrl: 'http://localhost:3000/auth',
    appUrl: 'http://localhost:3000',
    mailer: mailbox,
    sms: mailbox,
    limits: { enabled: false },
    logger: onlyErrors,
    now: clock.now,
    ...options,
    cookies: { secure: cookies?.sameSite === 'none', ...cookies },
    password: { allowWeakHash: true, argon2: { memoryCost: 64, timeCost: 1 }, ...password },
  })
  return { auth, mailbox, clock }
}
