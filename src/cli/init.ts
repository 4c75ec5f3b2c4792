import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { type AppSchema, findSchema } from './find-schema.ts'
import { CliError, type Io } from './io.ts'
import { configFileIn } from './load-options.ts'
import { type Merge, mergeModels } from './merge-models.ts'
import { migrationsFor, modelsFor } from './package-files.ts'
import { blocksOf, membersOf } from './schema-text.ts'

export interface InitOptions {
  schema?: string
  migrations?: boolean
  /** Writes nothing; exit code 1 where something is missing. */
  check?: boolean
  /** Writes nothing and shows what it would write. */
  dryRun?: boolean
  config?: boolean
}

/** Puts the models into the app's Prisma schema, migrations and an example of options beside it. Gives the exit code. */
export function init(io: Io, { schema, migrations = false, check = false, dryRun = false, config = true }: InitOptions): number {
  const app = findSchema(io.cwd, schema)
  const merge = mergeModels(app.files, modelsFor(io.root, app.dialect), app.target)
  if (merge.conflicts.length > 0) throw new CliError(refusal(merge), 2)
  if (app.hasSchemas) refuseWithoutSchema(io, app, { merge, migrations })
  const files = new Map([...merge.changed, ...(migrations ? migrationFiles(io, app) : [])])
  const most = check || dryRun ? Number.POSITIVE_INFINITY : MOST_SHOWN
  for (const [file, text] of files) if (app.files.has(file) || most !== MOST_SHOWN) showDiff(io, file, { before: app.files.get(file) ?? '', after: text, most })
  if (check) {
    io.out(files.size === 0 ? 'The schema has everything latchkey needs.\n' : 'The schema is not up to date: run `npx latchkey init`.\n')
    return files.size === 0 ? 0 : 1
  }
  const makesTables = files.size > 0
  if (config && configFileIn(io.cwd) === undefined) {
    const folder = sourceFolder(io.cwd)
    files.set(path.join(io.cwd, folder, 'latchkey.config.ts'), exampleConfig(app, folder))
  }
  if (!dryRun) for (const [file, text] of files) write(file, text)
  const verb = dryRun ? 'would be written' : 'written'
  for (const file of files.keys()) io.out(`${path.relative(io.cwd, file)}: ${verb}\n`)
  if (merge.added.length === 0) io.out('The schema had all of the models already.\n')
  if (!dryRun && files.size === 0) io.out('There is nothing to do. `npx latchkey doctor` looks over all of it.\n')
  else if (!dryRun) io.out(nextSteps(io, app, { migrations, makesTables }))
  return 0
}

const refusal = ({ conflicts }: Merge) =>
  [
    'nothing was written: the schema has models of the same names that differ.',
    ...conflicts.map((one) => `  ${one}`),
    'Rename or mend these, and run it again.',
  ].join('\n')

/** Which schema is the app's to say, and Prisma takes no model without one. */
function refuseWithoutSchema(io: Io, app: AppSchema, { merge, migrations }: { merge: Merge; migrations: boolean }) {
  const ours = new Set(blocksOf(modelsFor(io.root, app.dialect).split('\n')).map(({ name }) => name))
  const lacking = [...new Map([...app.files, ...merge.changed]).values()].flatMap((text) => {
    const lines = text.split('\n')
    return blocksOf(lines).filter((block) => ours.has(block.name) && !membersOf(lines, block).some(({ name }) => name === '@@schema'))
  })
  const few = lacking.length > 3 ? `${lacking.length} of latchkey's` : lacking.map(({ name }) => name).join(', ')
  if (lacking.length > 0)
    throw new CliError(
      [
        `nothing was written: the datasource names schemas, and Prisma wants @@schema in each model then; ${few} would have none.`,
        'Put the models in with the schema they are to be in, such as auth, and run it again:',
        `  npx latchkey schema | awk '/^}$/ { print "  @@schema(\\"auth\\")" } 1' ${app.isFolder ? '>' : '>>'} ${path.relative(io.cwd, app.target)}`,
      ].join('\n'),
      2,
    )
  if (migrations)
    throw new CliError('nothing was written: these migrations make the tables in no schema by name. `npx prisma migrate dev` writes one for yours.', 2)
}

function write(file: string, text: string) {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** Of what is written; the first time it is all of the models. */
const MOST_SHOWN = 20

/** Only additions are made, so the lines that are new are the difference. */
function showDiff(io: Io, file: string, { before, after, most }: { before: string; after: string; most: number }) {
  const old = before.split('\n')
  let at = 0
  const added = after.split('\n').filter((line) => !(at < old.length && line === old[at] && ++at))
  io.out(`--- ${path.relative(io.cwd, file)}\n`)
  for (const line of added.slice(0, most)) io.out(`+ ${line}\n`)
  if (added.length > most) io.out(`+ … and ${added.length - most} lines more\n`)
}

const stampOf = (now: Date) => now.toISOString().replace(/\D/g, '').slice(0, 14)

/** Those that are not there yet, in the order they are to run. */
function migrationFiles(io: Io, app: AppSchema): [string, string][] {
  const folder = app.migrations
  const there = existsSync(folder) ? readdirSync(folder) : []
  const missing = migrationsFor(io.root, app.dialect).filter(({ name }) => !there.some((one) => one.endsWith(`_latchkey_${name}`)))
  const own = there.find((one) => !/_latchkey_\d{4}_\w+$/.test(one) && makesTables(path.join(folder, one, 'migration.sql')))
  if (own !== undefined && missing.length > 0)
    throw new CliError(
      [
        `nothing was written: ${path.relative(io.cwd, path.join(folder, own))} makes latchkey's tables already, and a second migration that does would fail.`,
        'Go on as you began: `npx latchkey init`, then `npx prisma migrate dev`, which writes what is new.',
      ].join('\n'),
      2,
    )
  const lock = path.join(folder, 'migration_lock.toml')
  return [
    ...missing.map(({ name, sql }, i): [string, string] => [
      path.join(folder, `${stampOf(new Date(io.now().getTime() + i * 1000))}_latchkey_${name}`, 'migration.sql'),
      sql,
    ]),
    ...(existsSync(lock) || missing.length === 0 ? [] : [[lock, `provider = "${app.dialect}"\n`] as [string, string]]),
  ]
}

const makesTables = (file: string) => existsSync(file) && /\bCREATE TABLE\b[^(]*\bauth_users\b["`]?\s*\(/i.test(readFileSync(file, 'utf8'))

/** Where TypeScript takes files: src, where `rootDir` says so, and the app could import no options from outside it. */
function sourceFolder(cwd: string): string {
  const file = path.join(cwd, 'tsconfig.json')
  const text = existsSync(file) ? readFileSync(file, 'utf8').replace(/\/\*(?!\*?\/)[^*]*?\*\/|^\s*\/\/.*$/gm, '') : ''
  return /"rootDir"\s*:\s*"(\.\/)?src\/?"/.test(text) ? 'src' : ''
}

const exampleConfig = ({ dialect }: AppSchema, folder: string) => `// What latchkey is set up with: import it in the app, and \`npx latchkey doctor\` reads it.
import type { AuthOptions } from 'latchkey'
import { prisma } from '${folder === 'src' ? './prisma.js' : './src/prisma.js'}' // write here where your PrismaClient is (${dialect})

export default {
  prisma,
  secret: process.env.AUTH_SECRET ?? '', // npx latchkey secret
  baseUrl: process.env.AUTH_URL ?? 'http://localhost:3000/auth', // where the router is mounted
  appUrl: process.env.APP_URL ?? 'http://localhost:3000', // your pages
  // Cookies are Secure. A browser that takes none such from http://localhost, as Safari, needs \`cookies: { secure: false }\` there.
} satisfies AuthOptions
`

function nextSteps({ cwd }: Io, { dialect }: AppSchema, { migrations, makesTables }: { migrations: boolean; makesTables: boolean }) {
  const config = configFileIn(cwd)
  const onMysql =
    dialect === 'mysql' && !migrations ? '\n     (on MySQL rather `init --migrations` and `migrate deploy`: that SQL sets the binary collation)' : ''
  const steps = [
    ...(makesTables
      ? [`${(migrations ? 'npx prisma migrate deploy' : 'npx prisma migrate dev').padEnd(31)} makes the tables${onMysql}`, 'npx prisma generate']
      : []),
    'npx latchkey secret             prints a value for AUTH_SECRET',
    ...(config === undefined ? [] : [`${path.relative(cwd, config).padEnd(31)} has the options: write there where your PrismaClient is`]),
    "app.use('/auth', authRouter(options))",
    'npx latchkey doctor             looks over all of it',
  ]
  return `\nNext:\n${steps.map((step, i) => `  ${i + 1}. ${step}\n`).join('')}`
}
