import * as z from 'zod'
import { lasting } from '../../durations.ts'

const limit = z.strictObject({ max: z.int().min(1), per: lasting('1m') })

export const lockoutOptions = z
  .strictObject({
    enabled: z.boolean().default(true),
    /** Failed sign-ins of one account, wherever they come from, before it is locked. NIST SP 800-63B, 3.2.2: never more than 100. */
    maxAttempts: z.int().min(1).max(100).default(10),
    /** Failures count together when the first of them is no older. */
    window: lasting('15m'),
    /** How long the lock lasts. */
    duration: lasting('15m'),
  })
  .prefault({})

export const limitOptions = z
  .looseObject({
    enabled: z.boolean().default(true),
    /** Messages that one address may be sent because someone asked for them: codes and links, not notices. */
    messagesPerRecipient: z.strictObject({ max: z.int().min(1), per: lasting('1h') }).prefault({ max: 5 }),
    /** Where counters live. 'memory' counts in this process, 'database' in the table auth_rate_limits for all of them, 'backend' in the `backend`: the default where there is one. */
    store: z.enum(['memory', 'database', 'backend']).optional(),
  })
  // Every other key is a route: `{ 'POST /login': { max: 20, per: '1m' } }` replaces what one address may do there.
  .transform(({ enabled, store, messagesPerRecipient, ...byRoute }, context) => {
    const routes = z.record(z.string(), limit).safeParse(byRoute)
    for (const issue of routes.error?.issues ?? []) context.addIssue({ code: 'custom', path: issue.path, message: "must be { max: 20, per: '1m' }" })
    return { enabled, store, messagesPerRecipient, routes: routes.data ?? {} }
  })
  .prefault({})

export const backendProblems = ({ limits, backend }: { limits: { store?: string | undefined }; backend?: unknown }) =>
  limits.store === 'backend' && backend === undefined ? ["limits.store: 'backend' needs the option backend"] : []
