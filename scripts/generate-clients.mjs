// Generates the three Prisma clients that the tests, the benches and the playground use, where a schema has changed since.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const version = readFileSync(path.join(root, 'node_modules/prisma/package.json'), 'utf8')
const wanted = process.argv.slice(2)

function generate(dialect, schemaFile, output) {
  const hash = createHash('sha256').update(readFileSync(schemaFile)).update(version).digest('hex')
  const stamp = path.join(root, 'generated', output, '.stamp')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  execFileSync(process.execPath, [path.join(root, 'node_modules/prisma/build/index.js'), 'generate', '--schema', schemaFile], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, LATCHKEY_DIALECT: dialect },
  })
  writeFileSync(stamp, hash)
}

const schemaOf = (dialect) => path.join(root, 'prisma', dialect, 'schema.prisma')
for (const dialect of ['sqlite', 'postgresql', 'mysql'].filter((one) => wanted.length === 0 || wanted.includes(one)))
  generate(dialect, schemaOf(dialect), dialect)

// The older generator, whose clients have to fit as well; for the type tests.
if (wanted.length === 0) {
  const file = path.join(root, 'generated/js.prisma')
  const schema = readFileSync(schemaOf('sqlite'), 'utf8').replace('"prisma-client"', '"prisma-client-js"').replace('../../generated/sqlite', './sqlite-js')
  if (!existsSync(file) || readFileSync(file, 'utf8') !== schema) writeFileSync(file, schema)
  generate('sqlite', file, 'sqlite-js')
}
