import { CliError, type Io } from './io.ts'
import { withAuth } from './with-auth.ts'

interface Common {
  config?: string
  json?: boolean
}

const shown = (value: unknown) => `${JSON.stringify(value)}\n`
const day = (date: Date) => date.toISOString().slice(0, 10)

/** The signing keys, the oldest first. */
export const listKeys = (io: Io, { config, json = false }: Common) =>
  withAuth(io, config, async (auth) => {
    const keys = await auth.keys.list()
    if (json) io.out(shown(keys))
    else
      for (const { kid, algorithm, state, activatesAt, expiresAt } of keys)
        io.out(`${kid}  ${algorithm}  ${state}  from ${day(activatesAt)}, gone ${day(expiresAt)}\n`)
    return 0
  })

/** A new key signs from now on; processes that run hear of it through the change feed. */
export const rotateKeys = (io: Io, { config, json = false }: Common) =>
  withAuth(io, config, async (auth) => {
    const made = await auth.keys.rotate()
    io.out(json ? shown(made) : `The key ${made.kid} signs from now on; the ones before it verify what they have signed until that has ended.\n`)
    return 0
  })

/** Deletes what has expired. */
export const purge = (io: Io, { config, json = false }: Common) =>
  withAuth(io, config, async (auth) => {
    const report = await auth.cleanup.run()
    if (!report) throw new CliError('another process is at it: try again in a minute', 3)
    if (json) io.out(shown(report))
    else for (const [what, count] of Object.entries(report)) io.out(`${what}: ${count} deleted\n`)
    return 0
  })

export interface AdminInput extends Common {
  email: string
  name?: string
  passwordStdin?: boolean
}

/** An account for the console, with a password of its own: from standard input, or made here and shown once. */
export const createAdmin = (io: Io, { config, json = false, email, name, passwordStdin = false }: AdminInput) =>
  withAuth(io, config, async (auth) => {
    const given = passwordStdin ? (await io.readInput()).replace(/\r?\n$/, '') : undefined
    if (given === '') throw new CliError('--password-stdin: there was no password on standard input')
    const { password, ...admin } = await auth.admins.create({ email, ...(name !== undefined && { name }), ...(given !== undefined && { password: given }) })
    if (json) io.out(shown({ ...admin, ...(password !== undefined && { password }) }))
    else io.out(`${admin.email} is an administrator.${password === undefined ? '' : `\nPassword, shown this once: ${password}`}\n`)
    return 0
  })
