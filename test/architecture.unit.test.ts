import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(__dirname, '../src')
const generated = ['features/passwords/common-passwords.ts']
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !generated.includes(file))
const source = new Map(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]))

interface Import {
  from: string
  isType: boolean
}
const importsOf = (file: string): Import[] =>
  [...source.get(file)!.matchAll(/^(?:import|export)(\s+type\b)?[^'"`]*?from '([^']+)'/gms)].map(([, type, from]) => ({
    from: from!,
    isType: type !== undefined,
  }))
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
const base = ['accounts', 'sessions', 'changes', 'audit', 'keys', 'rbac', 'limits']
/** What every use case may know beside features: the context and its neighbours, none of HTTP. */
const ground = /^(context|errors|events|hooks|json|text|paging|durations|shapes|prisma-errors|sign-in|logger)\.ts$|^crypto\//
const isUseCase = (file: string) => featureOf(file) !== undefined && !/\/(routes|tables|options)\.ts$/.test(file)

const rules: Record<string, (file: string) => string[]> = {
  'a feature imports only itself and the base features': (file) =>
    runtime(file).filter((to) => featureOf(file) && featureOf(to) && featureOf(to) !== featureOf(file) && !base.includes(featureOf(to)!)),
  'a use case knows the context, errors, events and crypto, and nothing of HTTP': (file) =>
    isUseCase(file) ? runtime(file).filter((to) => !featureOf(to) && !ground.test(to)) : [],
  'a use case imports no express, no zod and no passport': (file) =>
    isUseCase(file) ? packages(file).filter((name) => /^(express|zod|passport)/.test(name)) : [],
  'tables are types and import nothing at run time': (file) => (file.endsWith('/tables.ts') ? runtime(file) : []),
  'options import nothing of ours but durations': (file) =>
    /^features\/.+\/options\.ts$/.test(file) ? runtime(file).filter((to) => to !== 'durations.ts') : [],
  'crypto knows nothing of ours but errors': (file) =>
    file.startsWith('crypto/') ? runtime(file).filter((to) => !to.startsWith('crypto/') && to !== 'errors.ts') : [],
  'errors know nothing': (file) => (file === 'errors.ts' ? runtime(file) : []),
  'guards build on base features and http': (file) =>
    file.startsWith('guards/') ? runtime(file).filter((to) => !/^(guards|http)\//.test(to) && !base.includes(featureOf(to) ?? '') && !ground.test(to)) : [],
  'nothing imports a generated Prisma client, and only passport/ would import Passport': (file) =>
    packages(file).filter((name) => /^(@prisma|\.prisma|passport)/.test(name)),
  'no barrels below the entry': (file) => (/.+\/index\.ts$/.test(file) ? [file] : []),
  'no folders for leftovers': (file) => (/(^|\/)(utils|helpers|common|misc|lib)\//.test(file) ? [file] : []),
  'no file is longer than 200 lines': (file) => (lines(file).length > 200 ? [`${lines(file).length} lines`] : []),
  'no function is longer than 40 lines': (file) => longFunctions(file),
  'no error is swallowed': (file) => [...source.get(file)!.matchAll(/catch\s*(\([^)]*\))?\s*\{\s*\}/g)].map(([text]) => text),
  'time and randomness come from the context': (file) =>
    ['options.ts', 'features/changes/cursor.ts'].includes(file)
      ? []
      : [...source.get(file)!.matchAll(/\bnew Date\(\)|\bDate\.now\(\)|\bMath\.random\(\)|\brandomBytes\b|\brandomUUID\b/g)].map(([text]) => text),
  'no type is escaped from': (file) => [...source.get(file)!.matchAll(/@ts-(ignore|expect-error|nocheck)/g)].map(([text]) => text),
}

/** Tables of routes and services are data, one entry after the other; their handlers are functions of their own. */
const isTable = (line: string) =>
  /Routes = \(|^function (users|sessions|roles)\(|^export function createAuth\(|^export function create(Feed|SigningKeys)\(/.test(line)

function longFunctions(file: string) {
  const found: string[] = []
  let start: number | undefined
  for (const [index, line] of lines(file).entries()) {
    if (/^(export )?(default )?(async )?function |^(export )?const \w+ = (async )?\([^)]*\).*=>\s*[{[(]?$/.test(line)) start = index
    if (start !== undefined && /^[}\])]/.test(line)) {
      if (index - start + 1 > 40 && !isTable(lines(file)[start]!)) found.push(`${lines(file)[start]} (${index - start + 1} lines)`)
      start = undefined
    }
  }
  return found
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

test('each feature has a test folder of its own name or is covered by a suite that names it', () => {
  const features = readdirSync(path.join(root, 'features'))
  const tests = readdirSync(path.resolve(__dirname), { recursive: true, encoding: 'utf8' }).join('\n')
  const elsewhere: Record<string, string> = {
    changes: 'guards/guards.test.ts',
    audit: 'features/passwords/login.test.ts',
    rbac: 'guards/guards.test.ts',
    limits: 'http/limits.test.ts',
    meta: 'http/hostile-input.test.ts',
  }
  for (const feature of features) expect(tests).toContain(elsewhere[feature] ?? `features/${feature}`)
})
