import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(__dirname, '..')
const tsc = (...args: string[]) =>
  execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), ...args], { encoding: 'utf8', cwd: root })

// A library that makes editors slow does it here: better-auth with three plugins takes some 150,000 instantiations.
test('what an app writes type-checks within a budget of instantiations', () => {
  tsc('-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', 'generated/declarations')
  const app = `import express from 'express'
import { authed, authRouter, getAuth, requireAuth, requireRole } from './declarations/index.js'
const app = express()
app.use('/auth', authRouter({ prisma: null as never, secret: 'x', sessions: { ttl: '3d' }, hooks: { 'signup.before': (input) => input } }))
app.get('/a', requireAuth(), requireRole('admin'), authed((req, res) => res.json(req.auth.user.id)))
app.get('/b', (req, res) => void res.json(getAuth(req).signedIn))
`
  writeFileSync(path.join(root, 'generated/budget.ts'), app)
  const options = { extends: '../tsconfig.json', compilerOptions: { types: ['node'] }, include: ['./budget.ts'], exclude: [] }
  writeFileSync(path.join(root, 'generated/tsconfig.budget.json'), JSON.stringify(options))
  const instantiations = Number(/Instantiations:\s+(\d+)/.exec(tsc('-p', 'generated/tsconfig.budget.json', '--extendedDiagnostics'))?.[1])
  expect(instantiations).toBeGreaterThan(0)
  expect(instantiations).toBeLessThan(25_000)
})

test('the declarations name no package that an app need not have', () => {
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  // The build puts zod's own declarations beside these.
  const declared = ['zod', ...Object.keys({ ...dependencies, ...peerDependencies })]
  const where = path.join(root, 'generated/declarations')
  const files = readdirSync(where, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts'))
  const named = files.flatMap((file) =>
    [...readFileSync(path.join(where, file), 'utf8').matchAll(/(?:from |import\()["']([^."'][^"']*)["']/g)].map(([, name]) => ({ file, name: name as string })),
  )
  const isDeclared = (name: string) => name.startsWith('node:') || declared.some((one) => name === one || name.startsWith(`${one}/`))
  expect(files.length).toBeGreaterThan(50)
  expect(named.filter(({ name }) => !isDeclared(name))).toEqual([])
})
