import { type Auth, createAuth } from '../create-auth.ts'
import type { AuthOptions } from '../options.ts'
import type { Io } from './io.ts'
import { loadOptions } from './load-options.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Runs a command with the app's own options, and closes what it opened. */
export async function withAuth<Value>(io: Io, config: string | undefined, work: (auth: Auth, options: AuthOptions) => Promise<Value>): Promise<Value> {
  const options = await loadOptions(io, config)
  const auth = createAuth({ ...options, cleanup: false, logger: options.logger ?? quiet })
  try {
    return await work(auth, options)
  } finally {
    await auth.close()
    await (options.prisma as { $disconnect?: () => Promise<void> }).$disconnect?.()
  }
}
