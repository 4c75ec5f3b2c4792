// Writes docs/events.md, docs/errors.md and docs/routes.md from the source, and looks whether docs/options.md names every option there is and no other. `--check` fails where one is stale.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { errorCodes } from '../src/errors.ts'
import { features } from '../src/features.ts'
import type { Route } from '../src/http/route.ts'
import { optionsSchema } from '../src/options.ts'

const root = path.resolve(import.meta.dirname, '..')
const docs = (name: string) => path.join(root, 'docs', name)
const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '')

/** The fields of each interface of event-payloads.ts, those it extends included. */
function interfacesIn(source: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const [, name = '', base, body = ''] of source.matchAll(/^(?:export )?interface (\w+)(?: extends (\w+))? \{\n([\s\S]*?)^\}/gm)) {
    found.set(name, [...(base ? (found.get(base) ?? []) : []), ...body.split('\n').flatMap((line) => line.trim() || [])])
  }
  return found
}

function events(): string {
  const interfaces = interfacesIn(read(path.join(root, 'src/event-payloads.ts')))
  const everywhere = new Set(interfaces.get('Happened'))
  const own = (fields: readonly string[]) => fields.filter((field) => !everywhere.has(field)).map((field) => `\`${field}\``)
  let note = ''
  const rows = (interfaces.get('EventPayloads') ?? []).flatMap((line) => {
    const comment = /^\/\*\* (.*) \*\/$/.exec(line)?.[1]
    if (comment) {
      note = comment
      return []
    }
    const [, name = '', type = ''] = /^'?([\w.]+)'?: (.+)$/.exec(line) ?? []
    const fields = type.split(' & ').flatMap((part) => {
      const inline = /^\{ (.*) \}$/.exec(part)?.[1]
      return inline === undefined ? own(interfaces.get(part) ?? []) : own(inline.split('; '))
    })
    const row = `| \`${name}\` | ${[...new Set(fields)].join(', ').replaceAll('|', '\\|')} | ${note} |`
    note = ''
    return [row]
  })
  return `# Events

Made from the source by \`npm run docs\`.

\`auth.on(name, listener)\` gives a function that takes the listener off; \`on: { [name]: listener }\` in the options does the same. Listeners run after the commit of what they tell of and
cannot break a request: one that throws is logged. Every event has ${[...everywhere].map((field) => `\`${field}\``).join(', ')}. None holds a password, code, token, key or hash.

| event | beside those | |
|---|---|---|
${rows.join('\n')}
`
}

const errors = () => `# Error codes

Made from the source by \`npm run docs\`.

What the router refuses is a problem document (RFC 9457) with a \`code\` that stays the same between releases; services throw the same as \`AuthError\`. \`VALIDATION_FAILED\` has \`errors\`
(\`path\`, \`message\`), \`PASSWORD_TOO_WEAK\` has \`reasons\`, \`STEP_UP_REQUIRED\` has \`methods\`, and those with a \`retryAfter\` send \`Retry-After\` too.

| code | status | detail where nothing more exact is known |
|---|---|---|
${Object.entries(errorCodes)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([code, { status, detail }]) => `| \`${code}\` | ${status} | ${detail} |`)
  .join('\n')}
`

const access = { public: 'anyone', 'signed-in': 'signed in', recent: 'signed in, and recently so or confirmed recently' }

/** Of routes that anyone may call and whose bodies do not say it all. */
const credentials: Record<string, string> = {
  'GET /mfa': 'signed in, or by an `mfaToken` as bearer',
  'POST /verify-email': 'by `token`, or by `code`',
  'POST /change-email/confirm': 'by `token`, or signed in, by `code`',
  'POST /invitations/accept': 'by `token`, signed in or with a password for a new account',
  'GET /invitations/:token': 'by the token of the invitation',
  'POST /refresh': 'by the refresh token, in the body or its cookie',
}

const enrols = /^\/mfa\/(totp|email|sms|\w+\/:id\/confirm)/

function whoMay(route: Route, fields: string): string {
  if (route.access !== 'public') return access[route.access]
  const own = credentials[`${route.method} ${route.path}`]
  if (own) return own
  const [, token, isOptional] = /\b(mfaToken|passwordToken|tenantToken|token|idToken)\b(\?)?/.exec(fields) ?? []
  if (!token) return access.public
  if (enrols.test(route.path)) return `${access.recent}, or by \`mfaToken\``
  return isOptional ? `signed in, or by \`${token}\`` : `by \`${token}\``
}

const span = (seconds: number) => (seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds / 60} min`)

/** The names of a body's or query's fields, with a question mark where one may be left out; '…' where more are taken. */
function fieldsOf(schema: Route['body']): string {
  const { def } = (schema ?? {}) as Schema
  if (def?.in) return fieldsOf(def.in as never)
  if (def?.options) return def.options.map((one) => fieldsOf(one as never)).join(' or ')
  const names = Object.entries(def?.shape ?? {}).map(([name, field]) => (field.def?.type === 'optional' || field.def?.type === 'default' ? `${name}?` : name))
  if (def?.catchall && def.catchall.def?.type !== 'never') names.push('…')
  return names.length > 0 ? `\`{ ${names.join(', ')} }\`` : ''
}

const limitOf = ({ limit }: Route) =>
  [limit?.ip && `${limit.ip.max} in ${span(limit.ip.per)}`, limit?.account && `account: ${limit.account.max} in ${span(limit.account.per)}`]
    .filter(Boolean)
    .join('; ')

const routes = () => `# Routes

Made from the source by \`npm run docs\`.

Paths are below the mount (\`app.use('/auth', …)\`). Answers and their schemas are in the running app at \`/auth/openapi.json\`; what is refused is told by [error codes](errors.md). What belongs to a feature that
is off answers \`404 FEATURE_DISABLED\`. Limits are those of one address where nothing else is said; \`limits['POST /login']: { max, per }\` replaces one ([options](options.md)).

| route | who | body, or query | what it does | limit |
|---|---|---|---|---|
${features
  .flatMap((feature) => feature.routes() as Route[])
  .map((route) => {
    const fields = fieldsOf(route.body ?? route.query)
    return `| \`${route.method} ${route.path}\` | ${whoMay(route, fields)} | ${fields} | ${route.summary} | ${limitOf(route)} |`
  })
  .join('\n')}
`

interface Schema {
  def?: { type: string; innerType?: Schema; in?: Schema; shape?: Record<string, Schema>; options?: Schema[]; catchall?: Schema }
}

/** 'tokens.accessTtl' and so on. */
function optionsIn({ def }: Schema, at: readonly string[] = []): string[] {
  if (def?.innerType) return optionsIn(def.innerType, at)
  if (def?.type === 'pipe' && def.in) return optionsIn(def.in, at)
  if (def?.type === 'object') return Object.entries(def.shape ?? {}).flatMap(([name, inner]) => optionsIn(inner, [...at, name]))
  return [at.join('.')]
}

/** First cells such as `` `cookies.secure`, `.sameSite` ``; a group named whole stands for all in it. */
function documentedOptions(): Set<string> {
  const cells = read(docs('options.md')).matchAll(/^\| (`[^|]*) \|/gm)
  return new Set(
    [...cells].flatMap(([, cell = '']) => {
      const names = [...cell.matchAll(/`([\w.]+)`/g)].map(([, name = '']) => name)
      const group = names[0]?.split('.').slice(0, -1).join('.') ?? ''
      return names.map((name) => (name.startsWith('.') ? group + name : name))
    }),
  )
}

function optionProblems(): string[] {
  const there = optionsIn(optionsSchema as unknown as Schema)
  const told = documentedOptions()
  const isTold = (option: string) => option.split('.').some((_, i, parts) => told.has(parts.slice(0, i + 1).join('.')))
  const exists = (name: string) => there.some((option) => option === name || option.startsWith(`${name}.`) || name.startsWith(`${option}.`))
  return [
    ...there.filter((option) => !isTold(option)).map((option) => `docs/options.md does not tell of ${option}`),
    ...[...told].filter((name) => !exists(name)).map((name) => `docs/options.md tells of ${name}, which there is not`),
  ]
}

const made = new Map([
  [docs('events.md'), events()],
  [docs('errors.md'), errors()],
  [docs('routes.md'), routes()],
])
const problems = optionProblems()
if (process.argv.includes('--check'))
  for (const [file, text] of made) if (read(file) !== text) problems.push(`${path.relative(root, file)} is stale: run npm run docs`)
if (!process.argv.includes('--check')) for (const [file, text] of made) writeFileSync(file, text)
for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
