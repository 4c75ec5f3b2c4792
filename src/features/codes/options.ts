import * as z from 'zod'
import { duration } from '../../durations.ts'

export const codeOptions = z
  .strictObject({
    /** Characters. */
    length: z.int().min(6).max(12).default(6),
    /** 'alphanumeric' leaves out what is easily mistaken: 0, 1, I and O. */
    alphabet: z.enum(['numeric', 'alphanumeric']).default('numeric'),
    /** At most ten minutes (NIST SP 800-63B-4, 3.1.3.2). */
    ttl: duration('10m').refine((seconds) => seconds >= 1 && seconds <= 600, 'at most 10 minutes, at least a second'),
    /** Wrong tries until a code is dead. A new code does not reset the count. */
    maxAttempts: z.int().min(1).max(10).default(5),
  })
  .prefault({})
