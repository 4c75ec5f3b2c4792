import * as z from 'zod'
import { duration } from '../../durations.ts'

export const cleanupOptions = z
  .union([
    z.literal(false),
    z.strictObject({
      /** How often what has expired is deleted, by one process of all. */
      every: duration('15m').refine((seconds) => seconds >= 1 && seconds <= 7 * 86_400, 'from a second to a week'),
    }),
  ])
  .prefault({})
