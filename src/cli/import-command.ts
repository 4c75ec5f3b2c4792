import { createHash } from 'node:crypto'
import { closeSync, createReadStream, existsSync, openSync, writeSync } from 'node:fs'
import path from 'node:path'
import { CliError, type Io } from './io.ts'
import { readUsers } from './read-users.ts'
import { withAuth } from './with-auth.ts'

interface ImportCommand {
  config?: string
  json?: boolean
  resume?: boolean
  report?: string
}

/** Takes in users from lines of JSON or CSV. 0 where all went in, 2 where lines were refused, each named with its reason. */
export async function importFile(io: Io, named: string, { config, json = false, resume = false, report }: ImportCommand): Promise<number> {
  const file = path.resolve(io.cwd, named)
  if (!existsSync(file)) throw new CliError(`there is no ${named}`)
  const out = report === undefined ? undefined : openSync(path.resolve(io.cwd, report), resume ? 'a' : 'w')
  try {
    return await withAuth(io, config, async (auth) => {
      const key = await fingerprint(file)
      if (!resume) await auth.users.forgetImport(key)
      const result = await auth.users.import(readUsers(file), {
        resume: key,
        onProgress: ({ line, imported, refused }) => io.err(`\r${line} lines, ${imported} imported, ${refused} refused`),
        onRefused: ({ line, reason }) => {
          if (out !== undefined) writeSync(out, `${JSON.stringify({ line, reason })}\n`)
          else io.err(`\rline ${line}: ${reason}\n`)
        },
      })
      io.err('\n')
      io.out(
        json
          ? `${JSON.stringify(result)}\n`
          : `${result.imported} imported, ${result.refused} refused${result.skipped > 0 ? `, ${result.skipped} were done before` : ''}\n`,
      )
      return result.refused === 0 ? 0 : 2
    })
  } finally {
    if (out !== undefined) closeSync(out)
  }
}

/** What a run that was stopped is known by: the content, wherever the file lies by then. */
async function fingerprint(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex').slice(0, 40)
}
