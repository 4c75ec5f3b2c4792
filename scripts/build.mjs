// Types by tsc, one file for each; JavaScript by esbuild, in few files (docs/decisions/007-built-files.md).
import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '..')
const { exports: entries, bin = {}, dependencies, peerDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const built = [...Object.values(entries).map(({ default: file }) => file), ...Object.values(bin)].filter(
  (file) => file?.startsWith('./dist/') || file?.startsWith('dist/'),
)

rmSync(path.join(root, 'dist'), { recursive: true, force: true })
execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', path.join(root, 'tsconfig.build.json')], { stdio: 'inherit' })
await build({
  entryPoints: built.map((file) => path.join(root, file.replace(/^(\.\/)?dist/, 'src').replace(/\.js$/, '.ts'))),
  outdir: path.join(root, 'dist'),
  outbase: path.join(root, 'src'),
  bundle: true,
  splitting: true,
  // Of zod only what is used goes along; all else is loaded from its own package.
  external: Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => name !== 'zod'),
  banner: { js: '/* Holds parts of zod 4 (MIT licence, Copyright (c) 2025 Colin McDonnell). */' },
  format: 'esm',
  platform: 'node',
  target: 'node20',
  chunkNames: 'chunks/[name]-[hash]',
})

for (const file of Object.values(bin).map((file) => path.join(root, file))) {
  writeFileSync(file, `#!/usr/bin/env node\n${readFileSync(file, 'utf8')}`)
  chmodSync(file, 0o755)
}
