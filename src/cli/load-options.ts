import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AuthOptions } from '../options.ts'
import { type Dialect, findSchema, settingOf } from './find-schema.ts'
import { messageOf } from './finding.ts'
import { CliError, type Io } from './io.ts'

const names = ['.ts', '.mts', '.js', '.mjs'].map((extension) => `latchkey.config${extension}`)
export const configFileIn = (cwd: string) => ['', 'src'].flatMap((folder) => names.map((name) => path.join(cwd, folder, name))).find((file) => existsSync(file))

/** What the app sets latchkey up with: `latchkey.config.*` or the file named; without one, DATABASE_URL and AUTH_SECRET. Throws a CliError. */
export async function loadOptions(io: Io, named?: string): Promise<AuthOptions> {
  const file = named === undefined ? configFileIn(io.cwd) : path.resolve(io.cwd, named)
  if (file !== undefined && !existsSync(file)) throw new CliError(`there is no ${named}`)
  try {
    return await (file === undefined ? fromEnvironment(io) : fromFile(io, file))
  } catch (error) {
    if (error instanceof CliError) throw error
    const what = file === undefined ? 'the Prisma client and its adapter' : path.relative(io.cwd, file)
    throw new CliError(`${what} cannot be loaded: ${messageOf(error)}`)
  }
}

async function fromFile(io: Io, file: string): Promise<AuthOptions> {
  const { default: exported } = (await importFile(io, file)) as { default?: unknown }
  const options: unknown = typeof exported === 'function' ? await exported() : exported
  if (typeof options !== 'object' || options === null) throw new CliError(`${path.basename(file)} has no default export with the options of createAuth`)
  return options as AuthOptions
}

/** Why a file that is right may not load: TypeScript before Node 22.18; imports without an extension or by a path of tsconfig.json; syntax that is more than types. */
const needsLoader = new Set(['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_MODULE_NOT_FOUND', 'ERR_UNSUPPORTED_DIR_IMPORT', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'])

/** A JavaScript or TypeScript file: by Node itself, or where it cannot by the app's tsx or jiti. */
async function importFile(io: Io, file: string): Promise<unknown> {
  const url = pathToFileURL(file).href
  try {
    return await import(url)
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === undefined || !needsLoader.has(code)) throw error
    const load = await loaderOf(io, url)
    if (load) return load(file)
    const name = path.basename(file)
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
      throw new CliError(`${name} is TypeScript, which Node ${process.versions.node} does not run: npm install -D tsx, or write it as .mjs`)
    throw new CliError(
      `${name} cannot be loaded: ${messageOf(error)}\nNode wants imports with their extension, such as './src/prisma.ts'; or npm install -D tsx`,
    )
  }
}

/** What the app has to load TypeScript with. */
async function loaderOf(io: Io, url: string): Promise<((file: string) => Promise<unknown>) | undefined> {
  const require = createRequire(path.join(io.cwd, 'package.json'))
  // Resolved as for `require`, but only the ES module beside it can import in every version.
  const tsx = resolved(require, 'tsx/esm/api')?.replace(/\.cjs$/, '.mjs')
  if (tsx) {
    const { tsImport } = (await import(pathToFileURL(tsx).href)) as { tsImport: (file: string, from: string) => Promise<unknown> }
    return async () => unwrapped(await tsImport(url, url))
  }
  const jiti = resolved(require, 'jiti')
  if (!jiti) return undefined
  const { createJiti } = (await import(pathToFileURL(jiti).href)) as { createJiti: (from: string) => { import: (file: string) => Promise<unknown> } }
  return (file) => createJiti(url).import(file)
}

/** In an app of CommonJS the exports come within a default export. */
function unwrapped(loaded: unknown): unknown {
  const { default: inner } = loaded as { default?: { __esModule?: boolean } }
  return inner?.__esModule ? inner : loaded
}

function resolved(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name)
  } catch {
    return undefined
  }
}

const adapters: Record<Dialect, readonly { name: string; export: string; make: (url: string) => unknown }[]> = {
  postgresql: [{ name: '@prisma/adapter-pg', export: 'PrismaPg', make: (url) => ({ connectionString: url }) }],
  mysql: [{ name: '@prisma/adapter-mariadb', export: 'PrismaMariaDb', make: (url) => url.replace(/^mysql:/, 'mariadb:') }],
  sqlite: [
    { name: '@prisma/adapter-better-sqlite3', export: 'PrismaBetterSqlite3', make: (url) => ({ url }) },
    { name: '@prisma/adapter-libsql', export: 'PrismaLibSql', make: (url) => ({ url }) },
  ],
}

/** A client of the app's own generated code and adapter. */
async function fromEnvironment(io: Io): Promise<AuthOptions> {
  const { DATABASE_URL: url, AUTH_SECRET: secret } = io.env
  if (!url || !secret)
    throw new CliError(
      'there is no latchkey.config file here or in src: name one with --config, write one (`npx latchkey init` makes an example), or set DATABASE_URL and AUTH_SECRET',
    )
  const app = findSchema(io.cwd)
  const require = createRequire(path.join(io.cwd, 'package.json'))
  const adapter = adapters[app.dialect].find(({ name }) => resolved(require, name))
  if (!adapter) throw new CliError(`to connect without a latchkey.config file, install ${adapters[app.dialect].map(({ name }) => name).join(' or ')}`)
  const made = (await import(pathToFileURL(require.resolve(adapter.name)).href)) as Record<string, new (how: unknown) => unknown>
  const Adapter = made[adapter.export]
  const output = settingOf(app.files, 'generator', 'output')
  const isOwn = settingOf(app.files, 'generator', 'provider') === 'prisma-client' && output !== undefined
  const folder = app.isFolder ? app.path : path.dirname(app.path)
  const client = isOwn ? path.resolve(folder, output, 'client.ts') : require.resolve('@prisma/client')
  if (!existsSync(client)) throw new CliError('the Prisma client is not there: npx prisma generate')
  const { PrismaClient } = (await importFile(io, client)) as { PrismaClient?: new (how: unknown) => AuthOptions['prisma'] }
  if (!Adapter || !PrismaClient) throw new CliError(`${adapter.name} or the Prisma client is of a version that latchkey does not know`)
  return { prisma: new PrismaClient({ adapter: new Adapter(adapter.make(url)) }), secret }
}
