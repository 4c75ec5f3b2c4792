// Types by tsc, one file for each; JavaScript by esbuild, in few files (docs/decisions/007-built-files.md).
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '..')
const dist = path.join(root, 'dist')
const { exports: entries, bin = {}, dependencies, peerDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const built = [...Object.values(entries).map(({ default: file }) => file), ...Object.values(bin)].filter(
  (file) => file?.startsWith('./dist/') || file?.startsWith('dist/'),
)

/** The packages whose used part goes along. */
const included = ['zod', 'libphonenumber-js', 'uuid']

rmSync(dist, { recursive: true, force: true })
execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', path.join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
await build({
  entryPoints: built.map((file) => path.join(root, file.replace(/^(\.\/)?dist/, 'src').replace(/\.js$/, '.ts'))),
  outdir: dist,
  outbase: path.join(root, 'src'),
  bundle: true,
  splitting: true,
  external: Object.keys({ ...dependencies, ...peerDependencies }),
  banner: { js: '/* With parts of other packages: see third-party.txt. */' },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  chunkNames: 'chunks/[name]-[hash]',
})

// Elsewhere they are escaped; in a comment, one character beyond Latin-1 makes V8 keep the whole file at two bytes a character.
for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'))) {
  const text = readFileSync(path.join(dist, file), 'utf8')
  const narrow = text.replace(/^\s*(\/\/|\/?\*).*$/gm, (comment) => comment.replace(/[\u0100-\uffff]/g, '-'))
  if (narrow !== text) writeFileSync(path.join(dist, file), narrow)
}

for (const file of Object.values(bin).map((file) => path.join(root, file))) {
  writeFileSync(file, `#!/usr/bin/env node\n${readFileSync(file, 'utf8')}`)
  chmodSync(file, 0o755)
}

const declarations = () => readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts'))

// The options' types are inferred from zod schemas, so its declarations go along too; an app that has a zod of its own is not touched by them.
const own = declarations()
for (const part of ['index.d.ts', 'v4/classic', 'v4/core', 'v4/locales'])
  cpSync(path.join(root, 'node_modules/zod', part), path.join(dist, 'zod', part), {
    recursive: true,
    filter: (source) => !/\.\w+$/.test(source) || source.endsWith('.d.ts'),
  })
for (const file of own) {
  const text = readFileSync(path.join(dist, file), 'utf8')
  const zod = path.posix.join(path.posix.relative(path.posix.dirname(`/${file}`), '/'), 'zod/index.js')
  const moved = text.replace(/(from |import\()(['"])zod\2/g, `$1$2${zod.startsWith('.') ? zod : `./${zod}`}$2`)
  if (moved !== text) writeFileSync(path.join(dist, file), moved)
}

const licences = included.map((name) => {
  const home = path.join(root, 'node_modules', name)
  const { version, license } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8'))
  const file = readdirSync(home).find((file) => /^licen[cs]e/i.test(file))
  return `${name} ${version} (${license})\n\n${readFileSync(path.join(home, file), 'utf8').trim()}\n`
})
writeFileSync(path.join(dist, 'third-party.txt'), `What is built here holds parts of these packages.\n\n${licences.join(`\n${'-'.repeat(80)}\n\n`)}`)
