import { isError } from './errors.ts'

/** What pino, winston (with a small wrapper) and `console` lookalikes offer: fields first, then the message. */
export interface Logger {
  debug: (fields: object, message: string) => void
  info: (fields: object, message: string) => void
  warn: (fields: object, message: string) => void
  error: (fields: object, message: string) => void
}

const line = (level: string, fields: object, message: string) => JSON.stringify({ level, name: 'latchkey', message, ...fields }, plain)

// JSON escapes CR, LF and ESC, so a value from a request cannot start a line of its own.
const plain = (_key: string, value: unknown) =>
  isError(value) ? { name: value.name, message: value.message, stack: value.stack, cause: value.cause } : typeof value === 'bigint' ? value.toString() : value

/** One JSON line for each warning and error on standard error; nothing below that. */
export const consoleLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: (fields, message) => console.warn(line('warn', fields, message)),
  error: (fields, message) => console.error(line('error', fields, message)),
}
