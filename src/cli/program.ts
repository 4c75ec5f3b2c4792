import { Command, CommanderError } from 'commander'
import { AuthError } from '../errors.ts'
import { version } from '../version.ts'
import { type AdminInput, createAdmin, listKeys, purge, rotateKeys } from './auth-commands.ts'
import { doctor } from './doctor.ts'
import { importFile } from './import-command.ts'
import { type InitOptions, init } from './init.ts'
import { CliError, type Io } from './io.ts'
import { schema, secret, sql } from './print-commands.ts'

const config = ['--config <file>', 'options of createAuth (default: latchkey.config.{ts,js,mjs})'] as const
const json = ['--json', 'answer in JSON'] as const
const schemaPath = ['--schema <path>', 'the Prisma schema: a file, or a folder of several'] as const

type Add = <Options>(under: Command, name: string, description: string, run: (io: Io, options: Options) => number | Promise<number>) => Command

function programOf(io: Io, done: (code: number) => void): Command {
  const program = new Command('latchkey').description('Authentication and authorization for Express apps on Prisma').version(version)
  program.exitOverride().configureOutput({ writeOut: io.out, writeErr: io.err })
  const add: Add = (under, name, description, run) =>
    under
      .command(name)
      .description(description)
      .action(async (options) => done(await run(io, options)))
  addSchemaCommands(program, add)
  addAuthCommands(program, add, { io, done })
  return program
}

function addSchemaCommands(program: Command, add: Add) {
  add<InitOptions>(program, 'init', "add latchkey's models to the app's Prisma schema; what the app has added to them stays", init)
    .option(...schemaPath)
    .option('--migrations', "write the package's SQL migrations beside the schema")
    .option('--check', 'write nothing; exit code 1 where something is missing')
    .option('--dry-run', 'show what would be written')
    .option('--no-config', 'write no example of options')
  add<Parameters<typeof schema>[1]>(program, 'schema', "print latchkey's models, or compare the app's schema with them", schema)
    .option(...schemaPath)
    .option('--check', 'compare; exit code 1 where something is missing or different')
    .option('--dialect <name>', 'sqlite, postgresql or mysql (default: of the schema)')
    .option(...json)
  add<Parameters<typeof sql>[1]>(program, 'sql', 'print the SQL of the tables', sql)
    .requiredOption('--dialect <name>', 'sqlite, postgresql or mysql')
    .option('--from <version>', 'only what has come since this release')
  add(program, 'secret', 'print a new secret', secret)
}

function addAuthCommands(program: Command, add: Add, { io, done }: { io: Io; done: (code: number) => void }) {
  add<Parameters<typeof doctor>[1]>(program, 'doctor', 'look over schema, options, database, clock and senders; exit code 1 for an error', doctor)
    .option(...config)
    .option(...schemaPath)
    .option(...json)
  add<Parameters<typeof purge>[1]>(program, 'purge', 'delete what has expired', purge)
    .option(...config)
    .option(...json)
  program
    .command('import <file>')
    .description('take in users from lines of JSON (.jsonl) or CSV (.csv); exit code 2 where lines were refused')
    .option('--resume', 'go on where a run of the same file was stopped')
    .option('--report <file>', 'write the refused lines there, with reasons (default: to standard error)')
    .option(...config)
    .option(...json)
    .action(async (file: string, options: Parameters<typeof importFile>[2]) => done(await importFile(io, file, options)))
  const admin = program.command('admin').description('accounts of the console')
  add<AdminInput>(admin, 'create', 'make an account for the console', createAdmin)
    .requiredOption('--email <address>')
    .option('--name <name>')
    .option('--password-stdin', 'read the password from standard input (default: one is made and shown)')
    .option(...config)
    .option(...json)
  const keys = program.command('keys').description('signing keys of access tokens')
  add<Parameters<typeof listKeys>[1]>(keys, 'list', 'list them', listKeys)
    .option(...config)
    .option(...json)
  add<Parameters<typeof rotateKeys>[1]>(keys, 'rotate', 'make the next key and sign with it from now on', rotateKeys)
    .option(...config)
    .option(...json)
}

/** Runs one command line. Gives the exit code: 0 well, 1 not, 2 refused or misused. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let code = 0
  try {
    await programOf(io, (given) => {
      code = given
    }).parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof CliError || error instanceof AuthError || error instanceof TypeError)) throw error
    io.err(`${error instanceof AuthError ? explained(error) : error.message}\n`)
    return error instanceof CliError ? error.exitCode : 1
  }
}

function explained({ code, message, details }: AuthError): string {
  const reasons = (details.reasons as { message: string }[] | undefined) ?? []
  return [
    `${code}: ${message}`,
    ...reasons.map(({ message }) => `  ${message}`),
    ...(details.errors ?? []).map(({ path, message }) => `  ${path} ${message}`),
  ].join('\n')
}
