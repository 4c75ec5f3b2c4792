// Packs the package, installs the tarball into a tiny ESM and a tiny CJS project, and looks at what a user gets.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-tarball-'))
const run = (command, args, cwd = dir) => execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
const check = (holds, what) => {
  if (!holds) throw new Error(what)
  console.log(`ok: ${what}`)
}
const sizeOf = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0)
const hashOnce = `const { hash } = await import('argon2')
await hash('correct horse', { memoryCost: 1024, timeCost: 2, parallelism: 1 })`

try {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', dir], root).replace(/^[^[]*/, ''))
  const allowed =
    /^(dist\/.+\.(js|d\.ts)|dist\/third-party\.txt|prisma\/(auth\.prisma|(sqlite|postgresql|mysql)\/.+)|sql\/.+\.sql|package\.json|docs\/.+\.md|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|UPGRADE\.md)$/
  const stray = packed.files.map(({ path }) => path).filter((file) => !allowed.test(file))
  check(stray.length === 0, `the tarball holds only what users need${stray.length > 0 ? `, but also ${stray}` : ''}`)

  writeFileSync(path.join(dir, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', path.join(dir, packed.filename), 'express@5'])
  const libraries = readdirSync(path.join(dir, 'node_modules')).filter((name) => /^(@prisma|prisma|passport|react|@node-rs)$/.test(name))
  check(libraries.length === 0, 'nothing but the runtime dependencies is installed with it')
  const modules = path.join(dir, 'node_modules')
  const express = path.join(dir, 'express-only')
  mkdirSync(express)
  writeFileSync(path.join(express, 'package.json'), JSON.stringify({ private: true }))
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', 'express@5'], express)
  const megabytes = (sizeOf(modules) - sizeOf(path.join(express, 'node_modules'))) / 1e6
  check(megabytes <= 15, `the package and its dependencies take ${megabytes.toFixed(1)} MB beside express, at most 15`)

  const names = "['createAuth', 'authRouter', 'requireAuth', 'requireRole', 'AuthError', 'errorCodes'].every((name) => lk[name])"
  writeFileSync(path.join(dir, 'esm.mjs'), `import * as lk from 'latchkey'\nif (!(${names})) throw new Error('an export is missing')\n`)
  writeFileSync(path.join(dir, 'cjs.cjs'), `const lk = require('latchkey')\nif (!(${names})) throw new Error('an export is missing')\n`)
  run('node', ['esm.mjs'])
  check(true, 'an ESM project imports it')
  run('node', ['cjs.cjs'])
  check(true, 'a CommonJS project requires it')
  // Many machines have no compiler and many installs run no scripts, so what the registry packed has to do. An addon that does not fit kills the process.
  const hashing = spawnSync('node', ['--input-type=module', '-e', hashOnce], { cwd: dir, encoding: 'utf8' })
  const died = hashing.signal ? `it died of ${hashing.signal}` : hashing.stderr.trim()
  check(hashing.status === 0, `a password is hashed without install scripts${hashing.status === 0 ? '' : `: ${died}`}`)
  const heavy = '/node_modules\\/(@prisma|passport|react|jose|argon2|@node-rs|bcryptjs)\\//'
  writeFileSync(
    path.join(dir, 'loaded.cjs'),
    `require('latchkey'); const heavy = Object.keys(require.cache).filter((file) => ${heavy}.test(file)); if (heavy.length) throw new Error(heavy.join())`,
  )
  run('node', ['loaded.cjs'])
  check(true, 'importing it loads no Prisma, Passport, React or hashing')

  const consumer = `import express from 'express'
import { type AuthOptions, authed, authRouter, errorCodes, getAuth, requireAuth } from 'latchkey'
import * as z from 'zod'
const fields = z.object({ company: z.string() })
const options: AuthOptions = { prisma: null as never, secret: 'x', sessions: { ttl: '3d' }, signup: { fields }, metadata: z.strictObject({ color: z.string() }) }
const app = express()
app.use('/auth', authRouter(options))
app.get('/me', requireAuth(), authed((req, res) => res.json(req.auth.user.id)))
app.get('/who', (req, res) => void res.json({ status: errorCodes.NOT_FOUND.status, signedIn: getAuth(req).signedIn }))
// @ts-expect-error an option that does not exist
authRouter({ ...options, sesions: {} })
`
  writeFileSync(path.join(dir, 'consumer.ts'), consumer)
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', '--esModuleInterop', 'consumer.ts']
  // Of the oldest Node that we run on, and of the newest there is.
  for (const nodeTypes of ['20', 'latest']) {
    run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '@types/express@5', `@types/node@${nodeTypes}`, 'zod@4'])
    for (const [module, resolution] of [
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ]) {
      const { status, stdout } = spawnSync('node', [tsc, '--module', module, '--moduleResolution', resolution, ...options], { cwd: dir, encoding: 'utf8' })
      const what = `a consumer type-checks under moduleResolution ${resolution} with @types/node ${nodeTypes}`
      check(status === 0, status === 0 ? what : `${what}:\n${stdout}`)
    }
  }

  const timed = (code) =>
    Math.min(
      ...Array.from({ length: 5 }, () =>
        Number(run('node', ['--input-type=module', '-e', `const t = performance.now(); ${code}; console.log(performance.now() - t)`])),
      ),
    )
  const extra = timed("await import('express'); await import('latchkey')") - timed("await import('express')")
  check(extra < 200, `importing it takes ${extra.toFixed(0)} ms more than express alone`)
} finally {
  rmSync(dir, { recursive: true, force: true })
}
