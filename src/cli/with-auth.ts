import { type Auth, createAuth } from '../create-auth.ts'
import { isError } from '../errors.ts'
import type { AuthOptions } from '../options.ts'
import { isDatabaseUnavailable, isMissingTable } from '../prisma-errors.ts'
import { messageOf } from './finding.ts'
import { CliError, type Io } from './io.ts'
import { loadOptions } from './load-options.ts'

export const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Runs a command with the app's own options, and closes what it opened. Throws a CliError where the database does not do its part. */
export async function withAuth<Value>(io: Io, config: string | undefined, work: (auth: Auth, options: AuthOptions) => Promise<Value>): Promise<Value> {
  const options = await loadOptions(io, config)
  const auth = createAuth({ ...options, cleanup: false, logger: options.logger ?? quiet })
  try {
    return await work(auth, options)
  } catch (error) {
    throw ofDatabase(error) ?? error
  } finally {
    await auth.close()
    await (options.prisma as { $disconnect?: () => Promise<void> }).$disconnect?.()
  }
}

function ofDatabase(error: unknown): CliError | undefined {
  if (isMissingTable(error)) return new CliError('the database lacks tables of latchkey: run npx prisma migrate deploy')
  // Prisma marks what comes out of the driver, whatever its class; a call that it refuses is a bug.
  const isPrismas = isError(error) && 'clientVersion' in error && error.name !== 'PrismaClientValidationError'
  return isPrismas || isDatabaseUnavailable(error) ? new CliError(`the database cannot be used: ${messageOf(error)}`) : undefined
}
