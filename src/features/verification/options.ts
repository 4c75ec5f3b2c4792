import * as z from 'zod'
import { duration } from '../../durations.ts'

export const emailVerificationOptions = z
  .strictObject({
    /** Refuses sign-ins with an address that is not confirmed; a sign-up then answers 202, the same for a taken address. */
    required: z.boolean().default(false),
    /** 'both': one message with link and code; using one spends both. A code lives as long as `codes.ttl`, and so does the link beside it. */
    strategy: z.enum(['link', 'code', 'both']).default('link'),
    /** Of a link; at most a day. */
    ttl: duration('24h').refine((seconds) => seconds >= 60 && seconds <= 86_400, 'at most 24 hours, at least a minute'),
    /** Confirming the address signs in. */
    signIn: z.boolean().default(false),
  })
  .prefault({})

/** Whoever signs up would wait for a message that nobody sends. */
export const verificationProblems = ({ emailVerification, mailer }: { emailVerification: { required: boolean }; mailer?: unknown }) =>
  emailVerification.required && mailer === undefined ? ['emailVerification.required: needs a mailer, which sends what proves the address'] : []
