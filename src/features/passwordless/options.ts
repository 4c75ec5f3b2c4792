import * as z from 'zod'
import { duration } from '../../durations.ts'

export const passwordlessOptions = z
  .strictObject({
    /** Sign-in by a code sent to the email address. */
    email: z.boolean().default(false),
    /** Sign-in by a code sent to the phone. */
    sms: z.boolean().default(false),
    /** A code for an address that nobody has makes an account of it. */
    allowSignup: z.boolean().default(false),
  })
  .prefault({})

export const magicLinkOptions = z
  .strictObject({
    enabled: z.boolean().default(false),
    allowSignup: z.boolean().default(false),
    ttl: duration('15m').refine((seconds) => seconds >= 60 && seconds <= 3600, 'at most an hour, at least a minute'),
  })
  .prefault({})
