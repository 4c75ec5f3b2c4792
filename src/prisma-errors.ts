import { isError } from './errors.ts'

// Prisma 7 wraps what a driver adapter reports; its classes cannot be imported here (the app generates its client),
// so errors are told apart by `code` and `name`, and a unique violation is settled by reading again, never by its text.
const codeOf = (error: unknown) => {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : undefined
}

/** P2002: a unique constraint refused the write. */
export const isUniqueViolation = (error: unknown) => codeOf(error) === 'P2002'

/** What the database itself said, where Prisma has no code for it; it is no Error and so not found along `cause`. */
function driverCodeOf(error: unknown): string {
  const { meta } = (error ?? {}) as { meta?: { driverAdapterError?: { cause?: { originalCode?: unknown } } } }
  return String(meta?.driverAdapterError?.cause?.originalCode ?? '')
}

// MySQL: 1020 the row has changed since the transaction's snapshot, 1205 a lock was waited for too long. PostgreSQL: 55P03 likewise.
const conflicts = new Set(['1020', '1205', '55P03'])

/** P2034: a deadlock or a serialization failure; nothing was written and the transaction may be tried again. */
export const isWriteConflict = (error: unknown) => codeOf(error) === 'P2034' || conflicts.has(driverCodeOf(error))

/** What another request has just written: thrown, it ends the transaction, and the next try finds it. */
export const writeConflict = (message: string, cause?: unknown) => Object.assign(new Error(message, { cause }), { code: 'P2034' })

/** P2003: the row that this one points to is not there (any more). */
export const isMissingParent = (error: unknown) => codeOf(error) === 'P2003'

/** Another request has just written, or taken away, what this one was about to use: a second reading sees it. P2025: the row itself is gone. */
export const isOvertaken = (error: unknown) => isUniqueViolation(error) || isMissingParent(error) || codeOf(error) === 'P2025'

// P1xxx: the server cannot be reached, refuses us, or took too long. P2024, P2028, P2037: no connection or transaction to be had. 1317: a query was killed.
const unavailableCodes =
  /^(P1\d{3}|P2024|P2028|P2034|P2037|ECONN\w+|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|57P0\d|53\d{3}|08\w{3}|1317|SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN)\w*)$/
const unavailableTexts =
  /connection terminated|connection error and is not queryable|timeout exceeded when trying to connect|query read timeout|statement timeout|pool timeout|pool is (closed|draining)|can't reach database|server has closed the connection|database is locked|server shutdown in progress|connection was killed|socket hang up|connection (is )?closed|socket (has|was) (unexpectedly )?(closed|ended)/i

/** The database (or the way to it) failed, rather than the request or this package. */
export function isDatabaseUnavailable(error: unknown, depth = 0): boolean {
  if (!isError(error) || depth > 4) return false
  const code = codeOf(error)
  if (code && unavailableCodes.test(code)) return true
  if (isWriteConflict(error) || unavailableCodes.test(driverCodeOf(error))) return true
  if (error.name === 'PrismaClientInitializationError' || error.name === 'PrismaClientRustPanicError') return true
  if (/^08/.test(stateOf(error))) return true
  if (fromDatabase(error) && unavailableTexts.test(error.message)) return true
  return isDatabaseUnavailable(error.cause, depth + 1) || isDatabaseUnavailable(adapterError(error), depth + 1)
}

/** SQLSTATE, as MariaDB's driver tells it, or the adapter around it; class 08 is a connection that failed. */
function stateOf(error: Error): string {
  const { sqlState, cause } = error as { sqlState?: unknown; cause?: { state?: unknown } | null }
  return String(sqlState ?? cause?.state ?? '')
}

const fromDatabase = (error: Error) => /^(Prisma|DriverAdapter|Sql|Libsql|Error$)/.test(error.name)
const adapterError = (error: Error) => (error as { meta?: { driverAdapterError?: unknown } }).meta?.driverAdapterError

const missingCodes = new Set(['P2021', 'P2022', '42P01', '42703', '1146', '1054'])

/** The database has no such table or column. P2021, P2022, or what the database itself says where the adapter hands that on. */
export function isMissingTable(error: unknown): boolean {
  if (!isError(error)) return false
  const { originalCode, originalMessage } = ((adapterError(error) as { cause?: unknown } | undefined)?.cause ?? {}) as Record<string, unknown>
  return missingCodes.has(codeOf(error) ?? '') || missingCodes.has(String(originalCode)) || /\bno such (table|column)\b/.test(String(originalMessage))
}
