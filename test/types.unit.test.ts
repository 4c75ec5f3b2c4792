import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(__dirname, '..')
const tsc = (...args: string[]) =>
  execFileSync(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), ...args], { encoding: 'utf8', cwd: root })

beforeAll(() => tsc('-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', 'generated/declarations'))

/** Compiles what an app might hold against the declarations. */
function compile(name: string, app: string, paths: Record<string, string[]> = {}) {
  writeFileSync(path.join(root, `generated/${name}.ts`), app)
  const options = { extends: '../tsconfig.json', compilerOptions: { types: ['node'], paths }, include: [`./${name}.ts`], exclude: [] }
  writeFileSync(path.join(root, `generated/tsconfig.${name}.json`), JSON.stringify(options))
  return tsc('-p', `generated/tsconfig.${name}.json`, '--extendedDiagnostics')
}

// A library that makes editors slow does it here: better-auth with three plugins takes some 150,000 instantiations.
test('what an app writes type-checks within a budget of instantiations', () => {
  const start = `import express from 'express'
import { authed, authRouter, getAuth, requireAuth, requireRole } from './declarations/index.js'
const app = express()
app.use('/auth', authRouter({ prisma: null as never, secret: 'x', sessions: { ttl: '3d' }, hooks: { 'signup.before': (input) => input } }))
app.get('/a', requireAuth(), requireRole('admin'), authed((req, res) => res.json(req.auth.user.id)))
app.get('/b', (req, res) => void res.json(getAuth(req).signedIn))
`
  const routes = Array.from(
    { length: 100 },
    (_, n) => `app.get('/c${n}/:id', requireAuth(), requireRole('admin'), (req, res) => void res.json(req.params.id))\n`,
  )
  const instantiationsOf = (app: string) => Number(/Instantiations:\s+(\d+)/.exec(compile('budget', app))?.[1])
  const small = instantiationsOf(start)
  expect(small).toBeGreaterThan(0)
  expect(small).toBeLessThan(25_000)
  // Express takes some 130 for each by itself.
  expect((instantiationsOf(start + routes.join('')) - small) / routes.length).toBeLessThan(200)
})

// An alias of package.json. What these types spell otherwise, wildcards and optional parameters, is in types/request.ts.
test('guards leave the types of a route alone with the types of Express 4, too', () => {
  const app = readFileSync(path.join(root, 'test/types/routes.ts'), 'utf8').replace('../../src/index.ts', './declarations/index.js')
  compile('express4', app, { express: ['../node_modules/types-express4/index.d.ts'] })
  expect(readFileSync(path.join(root, 'node_modules/types-express4/package.json'), 'utf8')).toContain('"version": "4.')
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
