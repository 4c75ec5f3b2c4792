import { existsSync } from 'node:fs'
import path from 'node:path'
import { createAuth } from '../create-auth.ts'
import { isPlainAway } from '../is-plain-away.ts'
import type { AuthOptions } from '../options.ts'
import { databaseFindings } from './database-findings.ts'
import { findSchema } from './find-schema.ts'
import { error, type Finding, messageOf, ok, warning } from './finding.ts'
import { CliError, type Io } from './io.ts'
import { configFileIn, loadOptions } from './load-options.ts'
import { mergeModels } from './merge-models.ts'
import { modelsFor } from './package-files.ts'
import { sealedFindings } from './sealed-findings.ts'
import { quiet } from './with-auth.ts'

/** Looks over schema, options and database. Exit code 1 where a finding is an error. */
export async function doctor(io: Io, { config, json = false, schema }: { config?: string; json?: boolean; schema?: string }): Promise<number> {
  const findings = [...schemaFindings(io, schema), ...(await optionFindings(io, config))]
  const isWell = findings.every(({ level }) => level !== 'error')
  if (json) io.out(`${JSON.stringify({ ok: isWell, findings })}\n`)
  else for (const { level, what, mend } of findings) io.out(`${level === 'ok' ? 'ok     ' : level}: ${what}${mend === undefined ? '' : `\n         ${mend}`}\n`)
  return isWell ? 0 : 1
}

function schemaFindings(io: Io, named: string | undefined): Finding[] {
  try {
    const app = findSchema(io.cwd, named)
    const { added, conflicts } = mergeModels(app.files, modelsFor(io.root, app.dialect), app.target)
    if (conflicts.length > 0) return [error(`the Prisma schema differs: ${conflicts.join('; ')}`, 'Make these as `npx latchkey schema` has them.')]
    if (added.length > 0) return [error(`the Prisma schema lacks ${added.join(', ')}`, 'Run `npx latchkey init`, then make a migration.')]
    return [ok(`the Prisma schema has all models (${app.dialect})`)]
  } catch (reason) {
    if (!(reason instanceof CliError)) throw reason
    return [warning(`the Prisma schema was not looked at: ${reason.message}`, 'Name it with --schema.')]
  }
}

async function optionFindings(io: Io, config: string | undefined): Promise<Finding[]> {
  let options: AuthOptions
  try {
    options = await loadOptions(io, config)
  } catch (reason) {
    return [error(`the options cannot be read: ${reason instanceof CliError ? reason.message : messageOf(reason)}`, mendOf(io, config))]
  }
  try {
    const auth = createAuth({ ...options, cleanup: false, logger: quiet })
    await auth.close()
  } catch (reason) {
    const what = reason instanceof Error ? reason.message : String(reason)
    return [error(what, what.includes('the generated client lacks') ? 'Run `npx prisma generate`.' : 'Correct the options named.')]
  }
  const findings = [
    sourceFinding(io, config),
    ...secretFindings(options),
    ...webFindings(io, options),
    ...senderFindings(options),
    ...(await databaseFindings(io, options)),
    ...(await sealedFindings(options)),
  ]
  await (options.prisma as { $disconnect?: () => Promise<void> }).$disconnect?.()
  return findings
}

const fileOf = ({ cwd }: Io, config: string | undefined) => (config === undefined ? configFileIn(cwd) : path.resolve(cwd, config))

/** Which options these are: the app may have others. */
function sourceFinding(io: Io, config: string | undefined): Finding {
  const file = fileOf(io, config)
  if (file !== undefined) return ok(`the options of ${path.relative(io.cwd, file)} are right`)
  return warning(
    'there is no latchkey.config file here or in src: these are DATABASE_URL and AUTH_SECRET alone, with all other options as they come',
    'Name the file that has the options of createAuth with --config, or write latchkey.config.ts (`npx latchkey init` makes an example).',
  )
}

/** Of options that cannot be read. */
function mendOf(io: Io, config: string | undefined): string {
  const file = fileOf(io, config)
  if (file === undefined) return 'Write latchkey.config.ts, name the file that has the options with --config, or set DATABASE_URL and AUTH_SECRET.'
  return existsSync(file) ? `Look at ${path.basename(file)}: its imports, and its default export.` : 'Name the file that has them with --config.'
}

function secretFindings({ secret }: AuthOptions): Finding[] {
  const secrets = [secret].flat()
  const isPoor = secrets.some((one) => new Set(one).size < 12 || /change.?me|secret|example|placeholder|password/i.test(one))
  const mend = 'Make one with `npx latchkey secret`; put the old one second until sessions and cleanup have moved over.'
  return [
    isPoor
      ? error('the secret looks made up by hand', mend)
      : ok(`the secret is long enough${secrets.length > 1 ? `, and ${secrets.length - 1} older stay good` : ''}`),
  ]
}

function webFindings(io: Io, { baseUrl, appUrl, cookies, password, mfa, transport }: AuthOptions): Finding[] {
  const isProduction = io.env.NODE_ENV === 'production'
  const usesCookies = transport?.allow?.includes('cookie') ?? true
  const findings: Finding[] = []
  if (baseUrl === undefined) findings.push(warning('baseUrl is not set', 'Links in messages and the issuer of tokens need the public URL of the router.'))
  else if (isPlainAway(baseUrl)) findings.push(error(`baseUrl ${baseUrl} is not https`, 'Serve it over https; Secure cookies are not sent otherwise.'))
  else findings.push(ok(`baseUrl is ${baseUrl}`))
  if (usesCookies && cookies?.secure === false && (isProduction || baseUrl?.startsWith('https:')))
    findings.push(error(`cookies are not Secure ${isProduction ? 'in production' : 'though baseUrl is https'}`, 'Leave cookies.secure at true.'))
  if (usesCookies && cookies?.sameSite === 'none')
    findings.push(
      warning(
        "cookies.sameSite is 'none'",
        'Needed only where the app is on another site; trustedOrigins must name it. Routes of your own need auth.sameOrigin(): browsers send the cookies from any site.',
      ),
    )
  if (appUrl !== undefined && baseUrl !== undefined && new URL(appUrl).origin !== new URL(baseUrl).origin && usesCookies && cookies?.sameSite === 'strict')
    findings.push(warning("cookies.sameSite is 'strict' and the app is on another origin", "Links from messages arrive signed out: 'lax' is safe here."))
  if (isProduction)
    findings.push(
      warning('behind a proxy Express must be told', "app.set('trust proxy', 1), or limits count the proxy's address; a request that shows it is logged once."),
    )
  const least = password?.minLength ?? 8
  if (least < 15 && !mfa?.required)
    findings.push(
      warning(
        `passwords of ${least} characters are accepted without a second factor`,
        'NIST SP 800-63B-4 asks for 15 where the password is all there is: password.minLength, or mfa.required.',
      ),
    )
  return findings
}

function senderFindings({ mailer, sms, identifiers }: AuthOptions): Finding[] {
  const needsMail = identifiers?.email ?? true
  const findings =
    needsMail && !mailer
      ? [warning('there is no mailer', 'Verification, password reset and notices are off without one: latchkey/nodemailer.')]
      : [ok('messages have a sender')]
  return identifiers?.phone && !sms
    ? [...findings, warning('phone numbers are used and there is no sms sender', 'Give sms, or numbers cannot be confirmed.')]
    : findings
}
