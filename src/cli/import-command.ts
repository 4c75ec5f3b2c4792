import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import path from 'node:path'
import { CliError, type Io } from './io.ts'
import { readUsers } from './read-users.ts'
import { cutReport, openReport } from './refusal-report.ts'
import { withAuth } from './with-auth.ts'

interface ImportCommand {
  config?: string
  json?: boolean
  resume?: boolean
  report?: string
}

/** Takes in users from lines of JSON or CSV. 0 where all went in, 2 where lines were refused, each named with its reason. */
export async function importFile(io: Io, named: string, { config, json = false, resume = false, report: reportName }: ImportCommand): Promise<number> {
  const file = path.resolve(io.cwd, named)
  if (!existsSync(file)) throw new CliError(`there is no ${named}`)
  const reportFile = reportName === undefined ? undefined : path.resolve(io.cwd, reportName)
  return withAuth(io, config, async (auth) => {
    const key = await fingerprint(file)
    if (!resume) await auth.users.forgetImport(key)
    else if (reportFile !== undefined) await cutReport(reportFile, await lineOf(file, await auth.users.importedUpTo(key)))
    const report = openReport(io, reportFile, { append: resume })
    const onProgress = ({ line, imported, refused }: { line: number; imported: number; refused: number }) =>
      io.err(`\r${line} lines, ${imported} imported, ${refused} refused`)
    try {
      const result = await auth.users.import(readUsers(file), { resume: key, onProgress, onRefused: report.refused })
      const { imported, refused, skipped } = result
      io.err('\n')
      io.out(json ? `${JSON.stringify(result)}\n` : `${imported} imported, ${refused} refused${skipped > 0 ? `, ${skipped} were done before` : ''}\n`)
      return refused === 0 ? 0 : 2
    } finally {
      report.close()
    }
  })
}

/** The line of the file on which its user of this number stands; before the first one there is none. */
async function lineOf(file: string, number: number): Promise<number> {
  if (number === 0) return 0
  let count = 0
  for await (const { line } of readUsers(file)) if (++count === number) return line
  return Number.POSITIVE_INFINITY
}

/** What a run that was stopped is known by: the content, wherever the file lies by then. */
async function fingerprint(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex').slice(0, 40)
}
