import type { Mailer } from './kinds.ts'

/**
 * Prints messages, with their codes and links, for development: as `mailer`, as `sms`, or both. Throws a TypeError where NODE_ENV is
 * 'production', because a log is no place for them.
 */
export function consoleMailer({ print = (line: string) => console.info(line) }: { print?: (line: string) => void } = {}): Mailer {
  if (process.env.NODE_ENV === 'production') throw new TypeError('latchkey: consoleMailer() is for development; set a mailer that sends')
  return {
    send: async ({ channel, to, subject, text }) => {
      print(
        [
          `── ${channel} to ${to}: ${subject}`,
          ...text
            .trim()
            .split('\n')
            .map((line) => `   ${line}`),
        ].join('\n'),
      )
    },
  }
}
