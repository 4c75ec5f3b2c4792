import type { TestApp } from './make-app.ts'

/** The newest code or token that was sent to an address. */
export async function sentTo({ mailbox }: Pick<TestApp, 'mailbox'>, address: string, kind?: Parameters<TestApp['mailbox']['last']>[1]) {
  await mailbox.settle()
  const message = mailbox.last(address, kind)
  if (!message) throw new Error(`nothing was sent to ${address}`)
  return { message, code: String(message.data.code ?? ''), token: String(message.data.token ?? ''), url: String(message.data.url ?? '') }
}

/** A code of the same shape that is not this one. */
export const otherThan = (code: string, step = 1) => String((Number(code) + step) % 10 ** code.length).padStart(code.length, '0')
