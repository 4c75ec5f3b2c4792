import { isError } from './errors.ts'
import { isMissingTable } from './prisma-errors.ts'

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

// A cause may lead back to its error.
const MOST_CAUSES = 4

/** Prisma prints the arguments of a call that it refuses, and hashes are among them. What it has against them is in the last line. */
function withoutArguments(error: unknown, depth = 0): unknown {
  if (!isError(error) || depth > MOST_CAUSES) return error
  const cause = withoutArguments(error.cause, depth + 1)
  const isPrinted = error.name === 'PrismaClientValidationError'
  if (!isPrinted && cause === error.cause) return error
  const lines = error.message.trim().split('\n')
  const message = isPrinted ? `${lines[0]} ${lines.at(-1)}` : error.message
  const calls = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line))
  const { name, code } = error as Error & { code?: unknown }
  const stack = [`${name}: ${message}`, ...calls].join('\n')
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), { name, stack, ...(code !== undefined && { code }) })
}

const told = (fields: object) => ('err' in fields ? { ...fields, err: withoutArguments(fields.err) } : fields)

/** Whoever reads the line may not know what Prisma's code means for the app. */
const withMend = (fields: object, message: string) =>
  'err' in fields && isMissingTable(fields.err) ? `${message}: the database lacks a table or column, run npx prisma migrate deploy` : message

/** The same logger, which is told no secret that an error carries. */
export const discreet = (logger: Logger): Logger => ({
  debug: (fields, message) => logger.debug(told(fields), withMend(fields, message)),
  info: (fields, message) => logger.info(told(fields), withMend(fields, message)),
  warn: (fields, message) => logger.warn(told(fields), withMend(fields, message)),
  error: (fields, message) => logger.error(told(fields), withMend(fields, message)),
})

/** One JSON line for each warning and error on standard error; nothing below that. */
export const consoleLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: (fields, message) => console.warn(line('warn', fields, message)),
  error: (fields, message) => console.error(line('error', fields, message)),
}
