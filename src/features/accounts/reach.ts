import type { ResolvedOptions } from '../../options.ts'

type Senders = Pick<ResolvedOptions, 'mailer' | 'sms' | 'identifiers'>

/** People are known by email addresses here, and mail can be sent. */
export const reachesByEmail = ({ mailer, identifiers }: Senders) => mailer !== undefined && identifiers.email
export const reachesBySms = ({ sms, identifiers }: Senders) => sms !== undefined && identifiers.phone
