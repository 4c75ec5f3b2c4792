// Generates the three Prisma clients that the tests, the benches and the playground use, where a schema has changed since.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const version = readFileSync(path.join(root, 'node_modules/prisma/package.json'), 'utf8')
const wanted = process.argv.slice(2)

for (const dialect of ['sqlite', 'postgresql', 'mysql'].filter((one) => wanted.length === 0 || wanted.includes(one))) {
  const schema = readFileSync(path.join(root, 'prisma', dialect, 'schema.prisma'), 'utf8')
  const hash = createHash('sha256').update(schema).update(version).digest('hex')
  const stamp = path.join(root, 'generated', dialect, '.stamp')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) continue
  execFileSync(process.execPath, [path.join(root, 'node_modules/prisma/build/index.js'), 'generate'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, LATCHKEY_DIALECT: dialect },
  })
  writeFileSync(stamp, hash)
}
