import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { releases } from '../../src/cli/package-files.ts'
import { cliApp as app, datasource, root } from '../support/cli-app.ts'

const post = '\nmodel Post {\n  id Int @id // the number\n}\n'

const migrations = (provider: string) =>
  readdirSync(path.join(root, 'prisma', provider, 'migrations'))
    .filter((name) => /^\d{4}_/.test(name))
    .sort()

describe.each(['sqlite', 'postgresql', 'mysql'])('%s', (provider) => {
  test('init puts all models into a single file, and changes nothing the second time', async () => {
    const { latchkey, read, cwd } = app({ 'prisma/schema.prisma': datasource(provider) + post })
    const { code, out } = await latchkey('init')
    expect(code).toBe(0)
    expect(out).toMatch(/prisma\/schema\.prisma: written/)
    expect(out).toMatch(/^\+ model AuthUser \{$/m)
    expect(out.split('\n').length).toBeLessThan(50)
    expect(out).toMatch(/latchkey\.config\.ts +has the options: write there where your PrismaClient is/)
    const schema = read('prisma/schema.prisma')
    expect(schema.startsWith(datasource(provider) + post.trimEnd())).toBe(true)
    expect(schema.match(/^model Auth/gm)).toHaveLength(readFileSync(path.join(root, 'prisma/auth.prisma'), 'utf8').match(/^model /gm)!.length)
    expect(schema.includes('@db.VarChar(320)')).toBe(provider === 'mysql')
    expect(existsSync(path.join(cwd, 'latchkey.config.ts'))).toBe(true)
    const again = await latchkey('init')
    expect([again.code, again.out]).toEqual([0, expect.not.stringMatching(/written|Next:|migrate/)])
    expect(read('prisma/schema.prisma')).toBe(schema)
    expect((await latchkey('init', '--check')).code).toBe(0)
    expect(await latchkey('schema', '--check', '--json')).toMatchObject({ code: 0, out: '{"ok":true,"missing":[],"conflicts":[]}\n' })
  })

  test('--migrations writes each of the package’s migrations once', async () => {
    const { latchkey, cwd, read } = app({ 'prisma/schema.prisma': datasource(provider), 'prisma/migrations/20250101000000_first/migration.sql': 'SELECT 1;' })
    const preview = await latchkey('init', '--migrations', '--dry-run')
    const { out } = await latchkey('init', '--migrations')
    expect(preview.out).toMatch(/^\+ CREATE TABLE .auth_users/m)
    expect(out).not.toMatch(/CREATE TABLE/)
    const names = readdirSync(path.join(cwd, 'prisma/migrations')).sort()
    const ours = migrations(provider).map((name, i) => `2026010203040${5 + i}_latchkey_${name}`)
    expect(names).toEqual(['20250101000000_first', ...ours, 'migration_lock.toml'])
    expect(read('prisma/migrations/20260102030405_latchkey_0001_init/migration.sql')).toBe(
      readFileSync(path.join(root, 'prisma', provider, 'migrations/0001_init/migration.sql'), 'utf8'),
    )
    expect(read('prisma/migrations/migration_lock.toml')).toBe(`provider = "${provider}"\n`)
    await latchkey('init', '--migrations')
    expect(readdirSync(path.join(cwd, 'prisma/migrations')).sort()).toEqual(names)
  })

  test('--migrations writes no second creation of tables that a migration of the app makes already', async () => {
    const quote = provider === 'mysql' ? '`' : '"'
    const own = { 'prisma/migrations/20250101000000_auth/migration.sql': `CREATE TABLE ${quote}auth_users${quote} (\n  id TEXT\n);\n` }
    const { latchkey, cwd } = app({ 'prisma/schema.prisma': datasource(provider), ...own })
    for (const args of [[], ['--check'], ['--dry-run']]) {
      const { code, out, err } = await latchkey('init', '--migrations', ...args)
      expect([code, out]).toEqual([2, ''])
      expect(err).toMatch(/nothing was written: prisma\/migrations\/20250101000000_auth makes latchkey's tables already.*\n.*npx prisma migrate dev/)
    }
    expect(readdirSync(path.join(cwd, 'prisma/migrations'))).toEqual(['20250101000000_auth'])
    expect((await latchkey('init')).code).toBe(0)
  })

  test('sql prints the snapshot, and with --from what has come since', async () => {
    const { latchkey } = app({})
    expect((await latchkey('sql', '--dialect', provider)).out).toBe(readFileSync(path.join(root, 'sql', `${provider}.sql`), 'utf8'))
    const since = (await latchkey('sql', '--dialect', provider, '--from', '0.1.0')).out
    const last = releases['0.1.0']!
    const newer = migrations(provider).filter((name) => name > last)
    expect(since.match(/^-- (\d{4}_\w+|Nothing .*)$/gm)).toEqual(newer.length > 0 ? newer.map((name) => `-- ${name}`) : ['-- Nothing has changed since 0.1.0.'])
    expect(await latchkey('sql', '--dialect', provider, '--from', '9.9.9')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no release 9\.9\.9; there are 0\.1\.0/),
    })
  })
})

test('a schema in several files gets prisma/auth.prisma; migrations go beside the datasource', async () => {
  const { latchkey, read, cwd } = app({
    'prisma.config.ts': "// schema: 'nowhere'\nimport path from 'node:path'\nexport default { schema: path.join('prisma') }\n",
    'prisma/main.prisma': datasource('postgresql'),
    'prisma/models/post.prisma': post,
  })
  expect((await latchkey('init', '--migrations')).code).toBe(0)
  expect(read('prisma/auth.prisma')).toMatch(/^model AuthUser \{$/m)
  expect(read('prisma/main.prisma')).toBe(datasource('postgresql'))
  expect(read('prisma/models/post.prisma')).toBe(post)
  expect(readdirSync(path.join(cwd, 'prisma/migrations'))).toContain('20260102030405_latchkey_0001_init')
})

test('what the app has added stays: fields, relations, attributes, comments, order, spacing', async () => {
  const { latchkey, read, write } = app({ 'prisma/schema.prisma': datasource('postgresql'), 'latchkey.config.mjs': '' })
  await latchkey('init')
  const own = read('prisma/schema.prisma')
    .replace(
      'model AuthUser {\n',
      'model AuthUser {\n  // Ours.\n  appUser   AppUser? // one each\n  nickname String   @default("a // b @id") @map("nick_name")\n',
    )
    .replace(/^ {2}locale +String\?\n/m, '  locale String? @default("de") // German first\n')
    .replace('@@map("auth_users")', '@@index([nickname])\n\n  @@map( "auth_users" )')
  write(
    'prisma/schema.prisma',
    `${own}\nmodel AppUser {\n  id Int @id\n  authUserId String @unique\n  authUser AuthUser @relation(fields: [authUserId], references: [id], onDelete: Cascade)\n}\n`,
  )
  const extended = read('prisma/schema.prisma')
  expect(extended).toMatch(/locale String\? @default\("de"\)/)
  expect(await latchkey('init')).toMatchObject({ code: 0, err: '' })
  expect(read('prisma/schema.prisma')).toBe(extended)
  // An older version of ours: what is missing comes in, and nothing else moves.
  const older = extended
    .replace(/^ {2}passwordChangedAt .*\n/m, '')
    .replace(/^ {2}@@index\(\[createdAt\]\)\n/m, '')
    .replace(/model AuthRateLimit \{[^}]*\}\n/, '')
  write('prisma/schema.prisma', older)
  expect((await latchkey('init', '--check')).code).toBe(1)
  expect((await latchkey('schema', '--check')).out).toMatch(/missing: AuthUser\.passwordChangedAt/)
  expect((await latchkey('init', '--dry-run')).code).toBe(0)
  expect(read('prisma/schema.prisma')).toBe(older)
  await latchkey('init')
  const mended = read('prisma/schema.prisma')
  expect(mended).toMatch(/^ {2}passwordChangedAt /m)
  expect(mended).toMatch(/^model AuthRateLimit/m)
  const rest = mended.split('\n')
  for (const line of older.split('\n')) expect(rest).toContain(line)
  await latchkey('init')
  expect(read('prisma/schema.prisma')).toBe(mended)
})

test('the example of options leaves cookies Secure, whatever NODE_ENV is, and imports as ES modules do', async () => {
  const { latchkey, read } = app({ 'prisma/schema.prisma': datasource('sqlite') })
  await latchkey('init')
  const example = read('latchkey.config.ts')
  expect(example).not.toMatch(/NODE_ENV|^ *cookies/m)
  expect(example).toMatch(/from '\.\/src\/prisma\.js'/)
})

test('where TypeScript takes files from src alone the example goes there, and what is there already is not to be done again', async () => {
  const tsconfig = '{\n  // "rootDir": ".",\n  "compilerOptions": { "rootDir": "./src" }\n}\n'
  const { latchkey, read, cwd } = app({ 'prisma/schema.prisma': datasource('sqlite'), 'tsconfig.json': tsconfig })
  expect((await latchkey('init', '--no-config')).out).toMatch(/Next:\n {2}1\. npx prisma migrate dev/)
  const { out } = await latchkey('init')
  expect(out).toMatch(/src\/latchkey\.config\.ts: written/)
  expect(out).toMatch(/Next:\n {2}1\. npx latchkey secret/)
  expect(out).not.toMatch(/prisma (migrate|generate)/)
  expect(read('src/latchkey.config.ts')).toMatch(/from '\.\/prisma\.js'/)
  expect((await latchkey('init')).out).toMatch(/There is nothing to do/)
  expect(existsSync(path.join(cwd, 'latchkey.config.ts'))).toBe(false)
})

test('a datasource with several schemas is refused while models of ours are in none of them', async () => {
  const several = 'datasource db {\n  provider = "postgresql"\n  schemas  = ["auth", "public"]\n}\n'
  const { latchkey, read, write } = app({ 'prisma/main.prisma': several, 'prisma.config.mjs': "export default { schema: 'prisma' }" })
  const { code, err } = await latchkey('init')
  expect(code).toBe(2)
  expect(err).toMatch(/nothing was written: .*@@schema.*\n(.*\n)*.*npx latchkey schema/)
  write('prisma/auth.prisma', (await latchkey('schema')).out.replace(/^}$/gm, '  @@schema("auth")\n}'))
  const own = read('prisma/auth.prisma')
  expect(await latchkey('init', '--no-config')).toMatchObject({ code: 0, err: '' })
  expect(read('prisma/auth.prisma')).toBe(own)
  expect(await latchkey('init', '--migrations')).toMatchObject({ code: 2, err: expect.stringMatching(/migrations? .*schema/) })
  write('prisma/auth.prisma', own.replace('  @@schema("auth")\n', ''))
  expect(await latchkey('init', '--check')).toMatchObject({ code: 2, err: expect.stringMatching(/AuthUser/) })
})

test('what differs is named, and nothing is written', async () => {
  const { latchkey, read, write } = app({ 'prisma/schema.prisma': datasource('sqlite'), 'latchkey.config.mjs': '' })
  await latchkey('init')
  const broken = read('prisma/schema.prisma')
    .replace(/^( {2}email +)String\?/m, '$1String')
    .replace(/^( {2}tokenHash +String +)@unique/m, '$1')
    .replace('@@map("auth_sessions")', '@@map("sessions")')
  write('prisma/schema.prisma', broken)
  const { code, err } = await latchkey('init')
  expect(code).toBe(2)
  expect(err).toMatch(/AuthUser\.email is String; latchkey's is String\?/)
  expect(err).toMatch(/lacks @unique/)
  expect(err).toMatch(/AuthSession: @@map\("sessions"\) stands where latchkey has @@map\("auth_sessions"\)/)
  expect(read('prisma/schema.prisma')).toBe(broken)
})

test('schemas are found as Prisma finds them, and what cannot be is said', async () => {
  const places: Record<string, string>[] = [
    { 'schema.prisma': datasource('sqlite') },
    { 'prisma/schema/base.prisma': datasource('sqlite') },
    { 'package.json': '{"prisma":{"schema":"db/app.prisma"}}', 'db/app.prisma': datasource('sqlite') },
    { 'prisma.config.mjs': 'export default { schema: "db/x.prisma", migrations: { path: "db/mig" } }', 'db/x.prisma': datasource('sqlite') },
  ]
  for (const files of places) expect((await app(files).latchkey('schema', '--check')).out).toMatch(/missing: AuthUser/)
  const last = app(places.at(-1)!)
  await last.latchkey('init', '--migrations', '--no-config')
  expect(readdirSync(path.join(last.cwd, 'db/mig'))).toContain('migration_lock.toml')
  expect(existsSync(path.join(last.cwd, 'latchkey.config.ts'))).toBe(false)
  const problems: [Record<string, string>, string[], RegExp][] = [
    [{}, [], /there is no Prisma schema here/],
    [{}, ['--schema', 'x.prisma'], /there is no Prisma schema at x\.prisma/],
    [{ 'schema.prisma': post }, [], /no datasource block/],
    [{ 'schema.prisma': datasource('mongodb') }, [], /works with sqlite, postgresql and mysql/],
    [{ 'prisma.config.ts': 'export default { schema: process.env.X }' }, [], /name it with --schema/],
  ]
  for (const [files, args, wanted] of problems)
    expect(await app(files).latchkey('init', ...args)).toMatchObject({ code: 1, err: expect.stringMatching(wanted) })
})

test('secret, help, version and misuse', async () => {
  const { latchkey } = app({})
  expect((await latchkey('secret')).out).toMatch(/^[\w-]{43}\n$/)
  expect(await latchkey('--help')).toMatchObject({ code: 0, out: expect.stringContaining('doctor') })
  expect((await latchkey('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect((await latchkey('nonsense')).code).toBe(2)
  expect((await latchkey('sql')).code).toBe(2)
  expect(await latchkey('sql', '--dialect', 'oracle')).toMatchObject({ code: 2, err: expect.stringMatching(/one of sqlite/) })
  expect(await latchkey('schema', '--dialect', 'mysql')).toMatchObject({ code: 0, out: expect.stringContaining('@db.Text') })
  expect(await latchkey('doctor')).toMatchObject({ code: 1, out: expect.stringMatching(/options cannot be read/) })
  const { latchkey: misled } = app({ 'latchkey.config.mjs': "import './nowhere.mjs'\n" })
  expect(await misled('doctor')).toMatchObject({ code: 1, out: expect.stringMatching(/Look at latchkey\.config\.mjs: its imports/) })
  expect(await latchkey('doctor', '--config', 'nope.ts')).toMatchObject({ code: 1, out: expect.stringMatching(/there is no nope\.ts\n +Name .*--config/) })
  expect((await latchkey('doctor', '--config', 'nope.ts')).out).not.toMatch(/imports/)
  expect(await latchkey('purge')).toMatchObject({ code: 1, err: expect.stringMatching(/DATABASE_URL and AUTH_SECRET/) })
})

test('Prisma takes what init makes, with an app of several files on each database', async () => {
  const { execFileSync } = await import('node:child_process')
  for (const provider of ['sqlite', 'postgresql', 'mysql']) {
    const { latchkey, cwd } = app({
      'prisma/main.prisma': `${datasource(provider)}\ngenerator client {\n  provider = "prisma-client"\n  output = "../generated"\n}\n`,
      'prisma/post.prisma': post,
    })
    await latchkey('init', '--schema', 'prisma')
    cpSync(path.join(root, 'prisma.config.ts'), path.join(cwd, 'unused.ts'))
    const printed = execFileSync(process.execPath, [path.join(root, 'node_modules/prisma/build/index.js'), 'validate', '--schema', path.join(cwd, 'prisma')], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, DATABASE_URL: provider === 'sqlite' ? 'file:./x.db' : `${provider}://localhost/x` },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    expect(printed).toMatch(/valid/)
  }
}, 60_000)
