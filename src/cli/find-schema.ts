import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { CliError } from './io.ts'
import type { SchemaFiles } from './merge-models.ts'
import { type Block, blocksOf, valueIn, withoutComments } from './schema-text.ts'

export type Dialect = 'sqlite' | 'postgresql' | 'mysql'

export interface AppSchema {
  /** A file, or the folder of a schema in several. */
  path: string
  isFolder: boolean
  files: SchemaFiles
  dialect: Dialect
  /** Whether the datasource names schemas of the database: each model has to say then which it is in. */
  hasSchemas: boolean
  /** Where new models go. */
  target: string
  /** The folder of the app's migrations. */
  migrations: string
}

const configs = ['prisma.config', '.config/prisma'].flatMap((name) => ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'].map((extension) => name + extension))
const usual = ['prisma/schema.prisma', 'schema.prisma', 'prisma/schema']
const dialects: Record<string, Dialect> = { sqlite: 'sqlite', postgresql: 'postgresql', postgres: 'postgresql', mysql: 'mysql' }

/** The app's schema, found as Prisma finds it. Throws a CliError that says what to name. */
export function findSchema(cwd: string, named?: string): AppSchema {
  const found = named === undefined ? (fromConfig(cwd) ?? fromPackage(cwd) ?? usual.find((one) => existsSync(path.join(cwd, one)))) : named
  if (found === undefined) throw new CliError('there is no Prisma schema here: run `npx prisma init` first, or name it with --schema')
  const place = path.resolve(cwd, found)
  if (!existsSync(place)) throw new CliError(`there is no Prisma schema at ${found}`)
  const isFolder = statSync(place).isDirectory()
  const files = new Map(filesOf(place, isFolder).map((file) => [file, readFileSync(file, 'utf8')]))
  return {
    path: place,
    isFolder,
    files,
    dialect: dialectOf(files),
    hasSchemas: namesSchemas(files),
    target: isFolder ? path.join(place, 'auth.prisma') : place,
    migrations: migrationsIn(cwd, files),
  }
}

function filesOf(place: string, isFolder: boolean): string[] {
  if (!isFolder) return [place]
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.prisma'))
    .sort()
    .map((file) => path.join(place, file))
}

/** `schema: 'prisma'`, or texts joined by `path.join`. */
function fromConfig(cwd: string): string | undefined {
  const file = configs.find((one) => existsSync(path.join(cwd, one)))
  if (!file) return undefined
  const text = readFileSync(path.join(cwd, file), 'utf8').replace(/^\s*\/\/.*$/gm, '')
  const [, joined, plain] = /\bschema\s*:\s*(?:path\.(?:join|resolve)\(([^)]*)\)|["'`]([^"'`]+)["'`])/.exec(text) ?? []
  if (plain !== undefined && !plain.includes('${')) return plain
  const parts = joined?.match(/["'`][^"'`]+["'`]/g)?.map((part) => part.slice(1, -1))
  if (parts) return path.join(...parts)
  if (/\bschema\b/.test(text)) throw new CliError(`${file} says where the schema is in a way that only Prisma can read: name it with --schema`)
  return undefined
}

/** Where the config says, or beside the file that names the datasource. */
function migrationsIn(cwd: string, files: SchemaFiles): string {
  const config = configs.find((one) => existsSync(path.join(cwd, one)))
  const text = config === undefined ? '' : readFileSync(path.join(cwd, config), 'utf8')
  const [, named] = /\bmigrations\s*:\s*\{[^}]*\bpath\s*:\s*["'`]([^"'`$]+)["'`]/.exec(text) ?? []
  if (named !== undefined) return path.resolve(cwd, named)
  const [file = ''] = [...files].find(([, text]) => blocksOf(text.split('\n')).some(({ kind }) => kind === 'datasource')) ?? []
  return path.join(path.dirname(file), 'migrations')
}

function fromPackage(cwd: string): string | undefined {
  const file = path.join(cwd, 'package.json')
  if (!existsSync(file)) return undefined
  const { prisma } = JSON.parse(readFileSync(file, 'utf8')) as { prisma?: { schema?: string } }
  return prisma?.schema
}

function dialectOf(files: SchemaFiles): Dialect {
  const provider = settingOf(files, 'datasource', 'provider')
  if (provider === undefined) throw new CliError('the Prisma schema has no datasource block with a provider')
  const dialect = dialects[provider]
  if (!dialect) throw new CliError(`latchkey works with sqlite, postgresql and mysql; the schema's provider is ${provider}`)
  return dialect
}

function namesSchemas(files: SchemaFiles): boolean {
  const inDatasource = (lines: readonly string[]) =>
    blocksOf(lines)
      .filter(({ kind }) => kind === 'datasource')
      .flatMap(({ start, end }) => withoutComments(lines).slice(start, end))
  return [...files.values()].some((text) => inDatasource(text.split('\n')).some((line) => /^\s*schemas\s*=/.test(line)))
}

/** A value of the first block of a kind in any of the files. */
export function settingOf(files: SchemaFiles, kind: string, name: string): string | undefined {
  for (const text of files.values()) {
    const lines = text.split('\n')
    const block: Block | undefined = blocksOf(lines).find((one) => one.kind === kind)
    const value = block && valueIn(lines, block, name)
    if (value !== undefined) return value
  }
  return undefined
}
