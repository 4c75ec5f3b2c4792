import path from 'node:path'
import { createAuth } from '../create-auth.ts'
import type { AuthOptions } from '../options.ts'
import { findSchema } from './find-schema.ts'
import { CliError, type Io } from './io.ts'
import { configFileIn, loadOptions } from './load-options.ts'
import { mergeModels } from './merge-models.ts'
import { modelsFor } from './package-files.ts'
import { blocksOf, membersOf } from './schema-text.ts'

export interface Finding {
  level: 'ok' | 'warning' | 'error'
  what: string
  /** What to do about it. */
  mend?: string
}

const ok = (what: string): Finding => ({ level: 'ok', what })
const warning = (what: string, mend: string): Finding => ({ level: 'warning', what, mend })
const error = (what: string, mend: string): Finding => ({ level: 'error', what, mend })
const messageOf = (reason: unknown) => (reason instanceof Error ? reason.message.trim().split('\n').at(-1) : 'unknown') ?? 'unknown'

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
    const file = config ?? configFileIn(io.cwd)
    const mend = file === undefined ? 'Write latchkey.config.ts, or set DATABASE_URL and AUTH_SECRET.' : `Look at the imports of ${path.basename(file)}.`
    return [error(`the options cannot be read: ${messageOf(reason)}`, mend)]
  }
  try {
    const auth = createAuth({ ...options, cleanup: false })
    await auth.close()
  } catch (reason) {
    return [error(reason instanceof Error ? reason.message : String(reason), 'Correct the options named.')]
  }
  const findings = [
    ok('the options are right'),
    ...secretFindings(options),
    ...webFindings(io, options),
    ...senderFindings(options),
    ...(await databaseFindings(io, options)),
  ]
  await (options.prisma as { $disconnect?: () => Promise<void> }).$disconnect?.()
  return findings
}

function secretFindings({ secret }: AuthOptions): Finding[] {
  const secrets = [secret].flat()
  const isPoor = secrets.some((one) => new Set(one).size < 12 || /change.?me|secret|example|placeholder|password/i.test(one))
  const mend = 'Make one with `npx latchkey secret`; put the old one second until its tokens have ended.'
  return [
    isPoor
      ? error('the secret looks made up by hand', mend)
      : ok(`the secret is long enough${secrets.length > 1 ? `, and ${secrets.length - 1} older stay good` : ''}`),
  ]
}

function webFindings(io: Io, { baseUrl, appUrl, cookies, password, mfa, transport }: AuthOptions): Finding[] {
  const isLocal = (url: string | undefined) => url !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(new URL(url).hostname)
  const isProduction = io.env.NODE_ENV === 'production'
  const usesCookies = transport?.allow?.includes('cookie') ?? true
  const findings: Finding[] = []
  if (baseUrl === undefined) findings.push(warning('baseUrl is not set', 'Links in messages and the issuer of tokens need the public URL of the router.'))
  else if (baseUrl.startsWith('http:') && !isLocal(baseUrl))
    findings.push(error(`baseUrl ${baseUrl} is not https`, 'Serve it over https; Secure cookies are not sent otherwise.'))
  else findings.push(ok(`baseUrl is ${baseUrl}`))
  if (usesCookies && cookies?.secure === false && isProduction) findings.push(error('cookies are not Secure in production', 'Leave cookies.secure at true.'))
  if (usesCookies && cookies?.sameSite === 'none')
    findings.push(warning("cookies.sameSite is 'none'", 'Needed only where the app is on another site; trustedOrigins must name it.'))
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

interface Raw {
  $queryRawUnsafe: (sql: string) => Promise<unknown[]>
}
const SKEW_MS = 5000

async function databaseFindings(io: Io, { prisma }: AuthOptions): Promise<Finding[]> {
  const raw = prisma as unknown as Raw
  const began = performance.now()
  try {
    await raw.$queryRawUnsafe('SELECT 1')
  } catch (reason) {
    return [error(`the database cannot be reached: ${messageOf(reason)}`, 'Look at DATABASE_URL and whether the server runs.')]
  }
  const took = Math.round(performance.now() - began)
  return [ok(`the database answers (${took} ms)`), ...(await tableFindings(io, raw)), ...(await collationFindings(raw)), ...(await clockFindings(io, raw))]
}

/** Asks for each column of each table. */
async function tableFindings(io: Io, raw: Raw): Promise<Finding[]> {
  const holds = (sql: string) =>
    raw.$queryRawUnsafe(sql).then(
      () => true,
      () => false,
    )
  // MySQL and SQLite take backticks, PostgreSQL the standard's quotes.
  const quote = (await holds('SELECT 1 AS `x`')) ? '`' : '"'
  const quoted = (name: string) => `${quote}${name}${quote}`
  const missing: string[] = []
  for (const [table, columns] of tablesOf(modelsFor(io.root, 'sqlite').split('\n'))) {
    const has = (list: readonly string[]) => holds(`SELECT ${list.join(', ')} FROM ${quoted(table)} WHERE 1 = 0`)
    if (await has(columns.map(quoted))) continue
    if (!(await has(['1']))) missing.push(table)
    else for (const column of columns) if (!(await has([quoted(column)]))) missing.push(`${table}.${column}`)
  }
  if (missing.length === 0) return [ok('the database has all tables and columns')]
  return [error(`the database lacks ${missing.join(', ')}`, 'Run `npx prisma migrate deploy`.')]
}

/** Names in the database. */
function tablesOf(lines: readonly string[]): [string, string[]][] {
  const blocks = blocksOf(lines)
  const models = new Set(blocks.map(({ name }) => name))
  const named = (attributes: readonly string[], kind: string) => attributes.flatMap((one) => new RegExp(`^${kind}\\("(.+)"\\)$`).exec(one)?.[1] ?? [])[0]
  return blocks.map((block) => {
    const members = membersOf(lines, block)
    const columns = members.filter(({ name, type }) => !name.startsWith('@@') && !models.has(type.replace(/[?[\]]/g, '')))
    const table = members.flatMap(({ attributes }) => named(attributes, '@@map') ?? [])[0] ?? block.name
    return [table, columns.map(({ name, attributes }) => named(attributes, '@map') ?? name)]
  })
}

/** On MySQL ids, hashes and addresses are compared exactly only where the collation is binary. */
async function collationFindings(raw: Raw): Promise<Finding[]> {
  const ask = "SELECT TABLE_COLLATION AS collation FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'auth_users'"
  const [row] = (await raw.$queryRawUnsafe(ask).catch(() => [])) as { collation?: string }[]
  if (!row?.collation) return []
  if (row.collation.endsWith('_bin')) return [ok(`the tables compare exactly (${row.collation})`)]
  return [
    error(
      `the tables compare by ${row.collation}, which takes different texts for the same`,
      'Make them by `npx latchkey init --migrations`, or convert them to utf8mb4_bin.',
    ),
  ]
}

async function clockFindings(io: Io, raw: Raw): Promise<Finding[]> {
  const [row] = (await raw.$queryRawUnsafe('SELECT CURRENT_TIMESTAMP AS now').catch(() => [])) as { now?: unknown }[]
  const told = row?.now instanceof Date ? row.now : typeof row?.now === 'string' ? new Date(`${row.now.replace(' ', 'T').replace(/Z?$/, '')}Z`) : undefined
  if (!told || Number.isNaN(told.getTime())) return []
  // A database that tells its own zone's time is off by whole quarters of an hour.
  const off = Math.abs(told.getTime() - io.now().getTime()) % 900_000
  const skew = Math.min(off, 900_000 - off)
  return skew <= SKEW_MS
    ? [ok("this clock and the database's agree")]
    : [warning(`this clock and the database's are ${Math.round(skew / 1000)} s apart`, 'Set both by NTP: codes, tokens and locks go by them.')]
}
