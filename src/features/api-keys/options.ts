import * as z from 'zod'
import { lasting } from '../../durations.ts'

export const apiKeyOptions = z
  .strictObject({
    enabled: z.boolean().default(false),
    /** Requests that one key may make; counted by the `backend`, or in each process where there is none. Left out: as many as it likes. */
    limit: z.strictObject({ max: z.int().min(1), per: lasting('1m') }).optional(),
    /** Keys that are not valid, from one address, before it has to wait; counted where `limits.store` says. Off with `limits.enabled: false`. */
    failures: z.strictObject({ max: z.int().min(1), per: lasting('1m') }).prefault({ max: 20 }),
  })
  .prefault({})
