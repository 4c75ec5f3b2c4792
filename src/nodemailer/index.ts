import type { Mailer } from '../features/messages/kinds.ts'

/** What is used of a Nodemailer transport. */
export interface NodemailerTransport {
  sendMail: (mail: {
    from: string
    to: string
    subject: string
    text: string
    html?: string
    messageId: string
    headers: Record<string, string>
    disableFileAccess: true
    disableUrlAccess: true
  }) => Promise<unknown>
}

/**
 * A `mailer` that sends through a Nodemailer transport: `nodemailerMailer(createTransport(process.env.SMTP_URL), { from: 'App <no-reply@example.com>' })`.
 * A message keeps its Message-ID when it is tried again, so that a server that took it already can drop the second.
 */
export function nodemailerMailer(transport: NodemailerTransport, { from }: { from: string }): Mailer {
  const host = /@([^\s>]+)/.exec(from)?.[1]
  if (!host) throw new TypeError("latchkey: nodemailerMailer needs { from: 'App <no-reply@example.com>' }")
  return {
    send: async ({ id, to, subject, text, html, kind }) => {
      await transport.sendMail({
        from,
        to,
        subject,
        text,
        ...(html !== undefined && { html }),
        messageId: `<${id}@${host}>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Message-Kind': kind },
        disableFileAccess: true,
        disableUrlAccess: true,
      })
    },
  }
}
