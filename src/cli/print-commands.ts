import { type Dialect, findSchema } from './find-schema.ts'
import { CliError, type Io } from './io.ts'
import { mergeModels } from './merge-models.ts'
import { migrationsFor, modelsFor, releases, sqlFor } from './package-files.ts'

/** 256 bits, for AUTH_SECRET. */
export function secret(io: Io): number {
  io.out(`${Buffer.from(io.random(32)).toString('base64url')}\n`)
  return 0
}

const dialects: readonly string[] = ['sqlite', 'postgresql', 'mysql']
function dialectNamed(name: string): Dialect {
  if (!dialects.includes(name)) throw new CliError(`--dialect is one of ${dialects.join(', ')}`, 2)
  return name as Dialect
}

/** The SQL of all tables, or what has come since a release. */
export function sql(io: Io, { dialect: named, from }: { dialect: string; from?: string }): number {
  const dialect = dialectNamed(named)
  if (from === undefined) {
    io.out(sqlFor(io.root, dialect))
    return 0
  }
  const last = releases[from]
  if (last === undefined) throw new CliError(`there is no release ${from}; there are ${Object.keys(releases).join(', ')}`, 2)
  const since = migrationsFor(io.root, dialect).filter(({ name }) => name > last)
  io.out(since.length === 0 ? `-- Nothing has changed since ${from}.\n` : since.map(({ name, sql }) => `-- ${name}\n${sql}`).join('\n'))
  return 0
}

/** Prints the models, or with `check` compares the app's schema with them: 0 where it has everything, 1 where not. */
export function schema(
  io: Io,
  { check = false, json = false, schema: named, dialect }: { check?: boolean; json?: boolean; schema?: string; dialect?: string },
): number {
  if (!check) {
    io.out(`${modelsFor(io.root, dialect === undefined ? findSchema(io.cwd, named).dialect : dialectNamed(dialect))}\n`)
    return 0
  }
  const app = findSchema(io.cwd, named)
  const { added: missing, conflicts } = mergeModels(app.files, modelsFor(io.root, app.dialect), app.target)
  const isSame = missing.length + conflicts.length === 0
  if (json) io.out(`${JSON.stringify({ ok: isSame, missing, conflicts })}\n`)
  else if (isSame) io.out('The schema has everything latchkey needs.\n')
  else io.out(`${[...missing.map((one) => `missing: ${one}`), ...conflicts.map((one) => `different: ${one}`)].join('\n')}\n`)
  return isSame ? 0 : 1
}
