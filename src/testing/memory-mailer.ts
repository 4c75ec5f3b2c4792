import type { Mailer, OutgoingMessage } from '../features/messages/kinds.ts'

export interface Mailbox extends Mailer {
  /** All that were sent, in order. */
  readonly messages: readonly OutgoingMessage[]
  /** Those to one address. */
  readonly to: (address: string) => OutgoingMessage[]
  /** The newest to one address, of one kind where it is named. */
  readonly last: (address: string, kind?: OutgoingMessage['kind']) => OutgoingMessage | undefined
  readonly clear: () => void
}

/** Keeps messages in memory, for tests; give it as `mailer` and as `sms`. */
export function memoryMailer(): Mailbox {
  const messages: OutgoingMessage[] = []
  const to = (address: string) => messages.filter((message) => message.to === address)
  return {
    messages,
    to,
    last: (address, kind) => to(address).findLast((message) => kind === undefined || message.kind === kind),
    clear: () => void messages.splice(0),
    send: async (message) => void messages.push(message),
  }
}
