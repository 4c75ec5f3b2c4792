import * as z from 'zod'
import { duration } from '../../durations.ts'
import type { Mailer, Templates } from './kinds.ts'

const isMailer = (value: unknown) => typeof (value as { send?: unknown } | null)?.send === 'function'

/** `mailer` and `sms`: how messages leave. Without one, what needs it is switched off. */
export const senderOption = z.custom<Mailer>(isMailer, 'must have a send(message) function').optional()

export const messageOptions = z
  .strictObject({
    /** Named in subjects and texts. Left out: the host of `appUrl` or `baseUrl`. */
    appName: z.string().min(1).max(80).optional(),
    /** The language of messages to people of whom none is known; handed to templates and senders. */
    locale: z.string().min(2).max(35).optional(),
    /** Tries until a message is given up. They are 10 s, 30 s, 1, 2, 5, 10, 30 and then 60 minutes apart. */
    maxAttempts: z.int().min(1).max(20).default(8),
    /** How often a process looks for messages that others left, or whose next try is due. Its own leave at once. */
    pollEvery: duration('5s').refine((seconds) => seconds >= 1, 'at least a second'),
    /** Your own words for a kind: `{ reset_password: ({ appName, data, locale }) => ({ subject, text, html }) }`. */
    templates: z.custom<Templates>((value) => typeof value === 'object' && value !== null, 'must map message kinds to functions').default({}),
  })
  .prefault({})
