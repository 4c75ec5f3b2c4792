import * as z from 'zod'
import { duration } from '../../durations.ts'

export const auditOptions = z
  .strictObject({
    enabled: z.boolean().default(true),
    /** How long audit rows are kept; cleanup deletes older ones. */
    retain: duration('400d').refine((seconds) => seconds >= 86_400, 'at least a day'),
  })
  .prefault({})
