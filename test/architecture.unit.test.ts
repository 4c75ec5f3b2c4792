import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseSync } from '@swc/core'

const root = path.resolve(__dirname, '../src')
const generated = ['features/passwords/common-passwords.ts']
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !generated.includes(file))
const source = new Map(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]))

interface Node {
  type: string
  span: { start: number; end: number }
  body?: Node | Node[]
  callee?: Node
  identifier?: { value: string }
  source?: { value: string } | null
  typeOnly?: boolean
  arguments?: { expression: { value?: string } }[]
}
interface Import {
  from: string
  isType: boolean
}

// TypeScript 7 has no JavaScript API, so the parser that Jest uses reads the source.
function nodesOf(text: string): { node: Node; lines: number }[] {
  // The module's span begins at its first token, so an empty statement stands in front of leading comments.
  const guarded = `;${text}`
  const bytes = Buffer.from(guarded)
  const module = parseSync(guarded, { syntax: 'typescript', target: 'es2022' }) as unknown as Node
  const found: { node: Node; lines: number }[] = []
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const node = value as Node
    // Spans count bytes, on from the texts parsed before.
    if (node.type && node.span) {
      const own = bytes.subarray(node.span.start - module.span.start, node.span.end - module.span.start)
      found.push({ node, lines: own.toString().split('\n').length })
    }
    Object.values(node).forEach(visit)
  }
  visit(module.body)
  return found
}
const nodes = new Map([...source].map(([file, text]) => [file, nodesOf(text)]))

const importsOf = (file: string): Import[] =>
  nodes.get(file)!.flatMap(({ node }) => {
    if (/^(Import|ExportNamed|ExportAll)Declaration$/.test(node.type) && node.source) return [{ from: node.source.value, isType: node.typeOnly === true }]
    const loaded = node.type === 'CallExpression' && node.callee?.type === 'Import' ? node.arguments?.[0]?.expression.value : undefined
    return loaded === undefined ? [] : [{ from: loaded, isType: false }]
  })
const inside = (file: string) => importsOf(file).filter(({ from }) => from.startsWith('.'))
const runtime = (file: string) =>
  inside(file)
    .filter(({ isType }) => !isType)
    .map(({ from }) => path.join(path.dirname(file), from))
const packages = (file: string) =>
  importsOf(file)
    .filter(({ from }) => !from.startsWith('.'))
    .map(({ from }) => from)
const featureOf = (file: string) => /^features\/([^/]+)\//.exec(file)?.[1]
const lines = (file: string) => source.get(file)!.split('\n')

/** Features the others are built on. */
const base = [
  'api-keys',
  'accounts',
  'sessions',
  'codes',
  'changes',
  'messages',
  'audit',
  'keys',
  'rbac',
  'limits',
  'confirmation',
  'mfa',
  'trusted-devices',
  'tenants',
  'invitations',
  'platform',
]
/** What every use case may know beside features: the context and its neighbours, none of HTTP. */
const ground =
  /^(context|emit|errors|events|event-payloads|hooks|json|text|paging|durations|in-time|shapes|two-generations|prisma-errors|insert-rows|sign-in|logger|feature)\.ts$|^crypto\//
const isUseCase = (file: string) => featureOf(file) !== undefined && !/\/(\w+-)?(routes|tables|options)\.ts$/.test(file)

/** Paths of one machine. */
const local = /(?<=['"`\s])\/(home|Users|root|tmp|work|mnt)\//g

const rules: Record<string, (file: string) => string[]> = {
  'a feature imports only itself and the base features': (file) =>
    runtime(file).filter((to) => featureOf(file) && featureOf(to) && featureOf(to) !== featureOf(file) && !base.includes(featureOf(to)!)),
  'a use case knows the context, errors, events and crypto, and nothing of HTTP': (file) =>
    isUseCase(file) ? runtime(file).filter((to) => !featureOf(to) && !ground.test(to)) : [],
  'a use case imports no express, no zod and no passport': (file) =>
    isUseCase(file) ? packages(file).filter((name) => /^(express|zod|passport)/.test(name)) : [],
  'only http, guards, passport and the wiring import express at run time': (file) =>
    /^(http|guards|passport|pages)\/|^(auth-router|create-auth|default-instance)\.ts$/.test(file)
      ? []
      : importsOf(file)
          .filter(({ from, isType }) => from === 'express' && !isType)
          .map(({ from }) => from),
  'zod stays where input is described': (file) =>
    /^http\/|^(durations|options)\.ts$|\/(\w+-)?(options|routes|schemas)\.ts$/.test(file) ? [] : packages(file).filter((name) => name.startsWith('zod')),
  'tables are types and import nothing at run time': (file) => (/\/(\w+-)?tables\.ts$/.test(file) ? runtime(file) : []),
  'options import nothing of ours but durations': (file) =>
    /^features\/.+\/options\.ts$/.test(file) ? runtime(file).filter((to) => to !== 'durations.ts') : [],
  'crypto knows nothing of ours but errors': (file) =>
    file.startsWith('crypto/') ? runtime(file).filter((to) => !to.startsWith('crypto/') && to !== 'errors.ts') : [],
  'errors know nothing': (file) => (file === 'errors.ts' ? runtime(file) : []),
  'guards build on base features and http': (file) =>
    file.startsWith('guards/') ? runtime(file).filter((to) => !/^(guards|http)\//.test(to) && !base.includes(featureOf(to) ?? '') && !ground.test(to)) : [],
  'what is no guard identifies requests, so that the hook request.authenticated is passed by nowhere': (file) =>
    file.startsWith('guards/') ? [] : runtime(file).filter((to) => to === 'guards/authenticate.ts'),
  'nothing imports a generated Prisma client, and only passport/ and the provider on it import Passport': (file) =>
    packages(file).filter((name) => (/^(passport\/|providers\/google\.ts$)/.test(file) ? /^(@prisma|\.prisma)/ : /^(@prisma|\.prisma|passport)/).test(name)),
  'providers know nothing of features, routes and the database': (file) =>
    file.startsWith('providers/') ? runtime(file).filter((to) => !/^(providers|crypto)\/|^(errors|durations|text|json|provider)\.ts$/.test(to)) : [],
  'no barrels below the entry': (file) =>
    /.+\/index\.ts$/.test(file) && !/^(nodemailer|testing|redis|passport|client|react|cli)\/index\.ts$/.test(file) ? [file] : [],
  'no path of one machine': (file) => [...source.get(file)!.matchAll(local)].map(([text]) => text),
  'no folders for leftovers': (file) => (/(^|\/)(utils|helpers|common|misc|lib)\//.test(file) ? [file] : []),
  'no file is longer than 200 lines': (file) => (lines(file).length > 200 ? [`${lines(file).length} lines`] : []),
  'no function is longer than 40 lines': (file) => longFunctions(file),
  'no error is swallowed': (file) => [...source.get(file)!.matchAll(/catch\s*(\([^)]*\))?\s*\{\s*\}/g)].map(([text]) => text),
  'time and randomness come from the context': (file) =>
    ['options.ts', 'cli/index.ts', 'features/changes/cursor.ts'].includes(file)
      ? []
      : [...source.get(file)!.matchAll(/\bnew Date\(\)|\bDate\.now\(\)|\bMath\.random\(\)|\brandomBytes\b|\brandomUUID\b/g)].map(([text]) => text),
  'events leave by emit(), which says when it was and where the request came from': (file) =>
    ['emit.ts', 'context.ts'].includes(file) ? [] : [...source.get(file)!.matchAll(/\bauth\.emit\(/g)].map(([text]) => text),
  'no type is escaped from': (file) => [...source.get(file)!.matchAll(/@ts-(ignore|expect-error|nocheck)/g)].map(([text]) => text),
}

/** A closure over state that belongs together; its inner functions are held to the limit one by one. */
const closures = ['createFeed', 'createOutbox', 'createSigningKeys']
const isFunction = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|ClassMethod|MethodProperty)$/
/** A function whose body is an array is a table of routes: data, one entry after the other. */
const isTable = ({ type, body }: Node) => type === 'ArrowFunctionExpression' && !Array.isArray(body) && body?.type === 'ArrayExpression'

function longFunctions(file: string) {
  return nodes
    .get(file)!
    .filter(({ node, lines }) => isFunction.test(node.type) && lines > 40 && !isTable(node) && !closures.includes(node.identifier?.value ?? ''))
    .map(({ node, lines }) => `${node.identifier?.value ?? 'a function'} (${lines} lines)`)
}

test.each(Object.entries(rules))('%s', (_name, offences) => {
  expect(files.flatMap((file) => offences(file).map((offence) => `${file}: ${offence}`))).toEqual([])
})

test('imports have no cycles', () => {
  const done = new Set<string>()
  const visit = (file: string, trail: readonly string[]) => {
    if (trail.includes(file)) throw new Error([...trail, file].join(' → '))
    if (done.has(file) || !source.has(file)) return
    for (const to of runtime(file)) visit(to, [...trail, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
})

test('the lock file names no registry but the public one', () => {
  const lock = readFileSync(path.resolve(root, '../package-lock.json'), 'utf8')
  const hosts = new Set([...lock.matchAll(/"resolved": "([^"]*?:\/\/[^/"]+)/g)].map(([, host]) => host))
  expect([...hosts].filter((host) => host !== 'https://registry.npmjs.org')).toEqual([])
})

test('each feature has a test folder of its own name or is covered by a suite that names it', () => {
  const features = readdirSync(path.join(root, 'features'))
  const tests = readdirSync(path.resolve(__dirname), { recursive: true, encoding: 'utf8' }).join('\n')
  const elsewhere: Record<string, string> = {
    changes: 'guards/guards.test.ts',
    audit: 'features/passwords/login.test.ts',
    rbac: 'guards/guards.test.ts',
    limits: 'http/limits.test.ts',
    meta: 'http/hostile-input.test.ts',
    codes: 'features/confirmation',
    admins: 'cli/auth-commands.test.ts',
    'trusted-devices': 'features/mfa/mfa.test.ts',
  }
  for (const feature of features) expect(tests).toContain(elsewhere[feature] ?? `features/${feature}`)
})
