import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { provider } from '../support/databases.ts'
import { freshEmail, makeApp, ownDatabase, SECRET, signUp } from '../support/make-app.ts'

const root = path.resolve(__dirname, '../..')
const cwd = mkdtempSync(path.join(os.tmpdir(), 'latchkey-cli-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

/** As a person runs it: a process of its own, with a config file. */
function latchkey(args: string[], { config = 'latchkey.config.ts', input = '', env = {} } = {}): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const command = ['--import', 'tsx', path.join(root, 'src/cli/index.ts'), ...args, ...(args[0] === 'secret' ? [] : ['--config', path.join(cwd, config)])]
    const child = execFile(process.execPath, command, { cwd: root, encoding: 'utf8', env: { ...process.env, ...env } }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    )
    child.stdin?.end(input)
  })
}

const clients = {
  sqlite: ['SqliteAdapter', 'prisma/sqlite-adapter.ts', '{ url, timeout: 1000 }'],
  postgresql: ['PrismaPg', '@prisma/adapter-pg', '{ connectionString: url }'],
  mysql: ['PrismaMariaDb', '@prisma/adapter-mariadb', "url.replace(/^mysql:/, 'mariadb:')"],
} as const
function writeConfig(name: string, url: string, options = '') {
  const [adapter, from, how] = clients[provider]
  const source = from.startsWith('@') ? from : path.join(root, from)
  writeFileSync(
    path.join(cwd, name),
    `import { ${adapter} } from ${JSON.stringify(source.startsWith('@') ? path.join(root, 'node_modules', source, 'dist/index.mjs') : source)}
import { PrismaClient } from ${JSON.stringify(path.join(root, 'generated', provider, 'client.ts'))}
const url = ${JSON.stringify(url)}
export default () => ({ prisma: new PrismaClient({ adapter: new ${adapter}(${how}) }), secret: ${JSON.stringify(SECRET)}, ${options} })
`,
  )
}

test('keys, purge and admin create work on the app’s own database; a running process hears of a new key', async () => {
  const database = await ownDatabase()
  const prisma = database.connect()
  const app = await makeApp({ prisma, options: { password: { argon2: { memoryCost: 64, timeCost: 1 }, allowWeakHash: true }, now: () => new Date() } })
  const { accessToken } = await signUp(app)
  writeConfig('latchkey.config.ts', database.url, 'password: { allowWeakHash: true, argon2: { memoryCost: 64, timeCost: 1 } }')
  const before = JSON.parse((await latchkey(['keys', 'list', '--json'])).out) as { kid: string; state: string }[]
  expect(before.map(({ state }) => state)).toEqual(['current'])
  const rotated = JSON.parse((await latchkey(['keys', 'rotate', '--json'])).out) as { kid: string }
  const listed = await latchkey(['keys', 'list'])
  expect(listed.out).toMatch(new RegExp(`${before[0]!.kid} .*retired[\\s\\S]*${rotated.kid} .*current`))
  const kidOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()).kid as string
  let kid = ''
  for (let n = 0; n < 50 && kid !== rotated.kid; n++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    kid = kidOf((await signUp(app)).accessToken)
  }
  expect(kid).toBe(rotated.kid)
  await app.call('get', '/private', undefined, { authorization: `Bearer ${accessToken}` }).expect(200)
  expect(JSON.parse((await latchkey(['purge', '--json'])).out)).toMatchObject({ sessions: 0, codes: 0 })

  const email = freshEmail()
  const made = await latchkey(['admin', 'create', '--email', email.toUpperCase(), '--name', 'Ada', '--json'])
  expect(JSON.parse(made.out)).toMatchObject({ email, name: 'Ada', password: expect.stringMatching(/^[\w-]{24}$/) })
  expect(await latchkey(['admin', 'create', '--email', email])).toMatchObject({ code: 1, err: expect.stringMatching(/EMAIL_TAKEN/) })
  const weak = await latchkey(['admin', 'create', '--email', freshEmail(), '--password-stdin'], { input: 'password1\n' })
  expect(weak).toMatchObject({ code: 1, err: expect.stringMatching(/PASSWORD_TOO_WEAK/) })
  const quiet = await latchkey(['admin', 'create', '--email', freshEmail(), '--password-stdin'], { input: 'correct horse battery staple\n' })
  expect(quiet).toMatchObject({ code: 0, out: expect.not.stringMatching(/Password/) })
  const { data } = await app.auth.admins.list()
  expect(data).toHaveLength(2)
  expect((await prisma.authAdminUser.findMany()).every(({ passwordHash }) => passwordHash.startsWith('$argon2id$'))).toBe(true)
  const answers = await Promise.allSettled(data.map(({ id }) => app.auth.admins.remove(id)))
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect((await app.auth.admins.list()).data).toHaveLength(1)
  await expect(app.auth.admins.remove('nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(app.auth.admins.remove((await app.auth.admins.list()).data[0]!.id)).rejects.toMatchObject({ code: 'LAST_ADMIN' })
  expect(app.events.map(({ name }) => name)).toContain('admin.removed')
  await prisma.$disconnect()
}, 240_000)

test('import: refused lines in a report, exit code 2; the same file again with --resume does nothing more', async () => {
  const database = await ownDatabase()
  const prisma = database.connect()
  writeConfig('import.ts', database.url, "password: { verifyLegacy: ['bcrypt'] }")
  const file = path.join(cwd, 'users.csv')
  writeFileSync(file, 'email,emailVerified\nfirst@example.com,true\nnonsense,true\nsecond@example.com,\n')
  const report = path.join(cwd, 'refused.jsonl')
  const command = ['import', file, '--report', report, '--json']
  const first = await latchkey(command, { config: 'import.ts' })
  expect([first.code, JSON.parse(first.out)]).toEqual([2, { line: 3, imported: 2, refused: 1, skipped: 0 }])
  expect(first.err).toMatch(/3 lines, 2 imported, 1 refused/)
  expect(JSON.parse(readFileSync(report, 'utf8'))).toEqual({ line: 3, reason: 'email must be an email address' })
  const again = await latchkey([...command, '--resume'], { config: 'import.ts' })
  expect([again.code, JSON.parse(again.out)]).toEqual([0, { line: 3, imported: 0, refused: 0, skipped: 3 }])
  expect(JSON.parse((await latchkey(command, { config: 'import.ts' })).out)).toMatchObject({ imported: 0, refused: 3 })
  expect(await prisma.authUser.count()).toBe(2)
  expect((await latchkey(['import', 'nowhere.csv'], { config: 'import.ts' })).err).toMatch(/there is no nowhere\.csv/)
  await prisma.$disconnect()
}, 240_000)

test('import killed within a batch and gone on with: each refused line is in the report once, by its line in the file', async () => {
  const database = await ownDatabase()
  const prisma = database.connect()
  const kill = "if (process.env.LATCHKEY_KILL && email === process.env.LATCHKEY_KILL) process.kill(process.pid, 'SIGKILL')"
  writeConfig('killed.ts', database.url, `hooks: { 'user.afterCreate': ({ email }) => { ${kill} } }`)
  const [file, report] = [path.join(cwd, 'killed.csv'), path.join(cwd, 'killed.jsonl')]
  const rows = Array.from({ length: 240 }, (_, i) => (i % 50 === 20 ? 'nonsense,' : `killed${i}@example.com,"{""two"":\n""lines""}"`))
  writeFileSync(file, `email,metadata\n${rows.join('\n')}\n`)
  const lineOf = (row: number) => 2 + row + rows.slice(0, row).filter((text) => text.includes('\n')).length
  const linesIn = () =>
    readFileSync(report, 'utf8')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text).line)
  writeFileSync(report, 'of another time\n')
  const command = ['import', file, '--report', report, '--json']
  await latchkey(command, { config: 'killed.ts', env: { LATCHKEY_KILL: 'killed150@example.com' } })
  expect(linesIn()).toEqual([20, 70, 120, 170].map(lineOf))
  expect(await prisma.authUser.count()).toBe(100)
  const rest = await latchkey([...command, '--resume'], { config: 'killed.ts' })
  expect([rest.code, JSON.parse(rest.out)]).toEqual([2, { line: 240, imported: 135, refused: 3, skipped: 102 }])
  expect(linesIn()).toEqual([20, 70, 120, 170, 220].map(lineOf))
  expect(await prisma.authUser.count()).toBe(235)
  await latchkey([...command, '--resume'], { config: 'killed.ts' })
  expect(linesIn()).toHaveLength(5)
  await prisma.$disconnect()
}, 240_000)

/** What the other libraries' own tools make of a database. */
const flag = { sqlite: 'integer', postgresql: 'boolean', mysql: 'boolean' }[provider]
const [key, textual] = provider === 'mysql' ? ['varchar(191)', 'text'] : ['text', 'text']
const dated = (zoned: boolean) => ({ sqlite: 'date', postgresql: zoned ? 'timestamptz' : 'timestamp(3)', mysql: 'datetime(3)' })[provider]
const oldTables = (zoned: boolean) => [
  `CREATE TABLE "user" ("id" ${key} NOT NULL PRIMARY KEY, "email" ${textual} NOT NULL, "emailVerified" ${flag} NOT NULL, "createdAt" ${dated(zoned)} NOT NULL)`,
  `CREATE TABLE "account" ("id" ${key} NOT NULL PRIMARY KEY, "accountId" ${textual} NOT NULL, "providerId" ${textual} NOT NULL, "userId" ${textual} NOT NULL, "password" ${textual})`,
  `CREATE TABLE "User" ("id" ${key} NOT NULL PRIMARY KEY, "email" ${textual}, "emailVerified" ${dated(zoned)})`,
  `CREATE TABLE "Account" ("id" ${key} NOT NULL PRIMARY KEY, "userId" ${textual} NOT NULL, "type" ${textual} NOT NULL, "provider" ${textual} NOT NULL, "providerAccountId" ${textual} NOT NULL)`,
]
const [yes, no] = provider === 'sqlite' ? ['1', '0'] : ['true', 'false']
const at = provider === 'sqlite' ? '2024-01-31T12:00:00.000Z' : '2024-01-31 12:00:00'
const oldRows = {
  'better-auth': [
    `INSERT INTO "user" VALUES ('1', 'first@old.example', ${yes}, '${at}'), ('2', 'second@old.example', ${no}, '${at}')`,
    `INSERT INTO "account" VALUES ('a', '1', 'credential', '1', 'HASH'), ('b', 'sub-1', 'google', '1', NULL), ('c', 'sub-2', 'github', '1', NULL)`,
  ],
  'Auth.js': [
    `INSERT INTO "User" VALUES ('1', 'first@old.example', '${at}'), ('2', 'second@old.example', NULL)`,
    `INSERT INTO "Account" VALUES ('b', '1', 'oauth', 'google', 'sub-1'), ('c', '1', 'oidc', 'github', 'sub-2'), ('d', '1', 'webauthn', 'passkey', 'x')`,
  ],
}

/** The recipe of the docs for this database; on MySQL made of the one for SQLite as the docs say. */
function recipe(from: string): string {
  const docs = readFileSync(path.join(root, 'docs/migrating-users.md'), 'utf8')
  const [, sql = ''] = new RegExp(`\`\`\`sql\n-- ${provider === 'postgresql' ? 'PostgreSQL' : 'SQLite'}, ${from}\n([^\`]+);\n`).exec(docs) ?? []
  return provider === 'mysql' ? sql.replaceAll('"', '`').replaceAll('json_group_array', 'json_arrayagg') : sql
}

test.each(['better-auth', 'Auth.js'] as const)(
  'the export recipe of the docs for %s gives lines that all go in',
  async (from) => {
    for (const zoned of provider === 'postgresql' ? [true, false] : [true]) {
      const database = await ownDatabase()
      const prisma = database.connect()
      const run = (sql: string) => prisma.$executeRawUnsafe(provider === 'mysql' ? sql.replaceAll('"', '`') : sql)
      // MySQL may take names whose case differs for the same.
      for (const sql of oldTables(zoned).slice(...(from === 'better-auth' ? [0, 2] : [2, 4]))) await run(sql)
      const { scrypt } = await import('node:crypto')
      const salt = '00112233445566778899aabbccddeeff'
      const hash = await new Promise<string>((resolve, reject) =>
        scrypt('the old password', salt, 64, { N: 16384, r: 16, p: 1, maxmem: 2 ** 27 }, (error, made) =>
          error ? reject(error) : resolve(made.toString('hex')),
        ),
      )
      for (const sql of oldRows[from]) await run(sql.replace('HASH', `${salt}:${hash}`))
      const asText = provider === 'postgresql' ? `SELECT line::text FROM (${recipe(from)}) AS recipe(line)` : recipe(from)
      const lines = ((await prisma.$queryRawUnsafe(asText)) as Record<string, unknown>[]).map((row) => Object.values(row)[0])
      const file = path.join(cwd, 'exported.jsonl')
      writeFileSync(file, `${lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')}\n`)
      writeConfig('exported.ts', database.url, "password: { verifyLegacy: ['scrypt'] }")
      expect(await latchkey(['import', file, '--json'], { config: 'exported.ts' })).toMatchObject({
        code: 0,
        out: expect.stringMatching(/"imported":2,"refused":0/),
      })
      const app = await makeApp({ prisma, options: { password: { verifyLegacy: ['scrypt'] } } })
      const [first, second] = [await app.auth.users.findByEmail('first@old.example'), await app.auth.users.findByEmail('second@old.example')]
      expect([first!.emailVerified, second!.emailVerified]).toEqual([true, false])
      expect(
        (await prisma.authIdentity.findMany({ orderBy: { providerUserId: 'asc' } })).map(({ provider, providerUserId }) => [provider, providerUserId]),
      ).toEqual([
        ['google', 'sub-1'],
        ['github', 'sub-2'],
      ])
      if (from === 'better-auth') {
        expect(first!.createdAt).toEqual(new Date('2024-01-31T12:00:00Z'))
        await app.call('post', '/auth/login', { email: first!.email, password: 'the old password' }).expect(200)
      }
      await prisma.$disconnect()
    }
  },
  240_000,
)

test('doctor finds what is wrong and how to mend it', async () => {
  const [database, empty] = [await ownDatabase(), await ownDatabase({ empty: true })]
  const finding = async (config: string) => {
    const { code, out } = await latchkey(['doctor', '--json', '--schema', `prisma/${provider}/schema.prisma`], { config })
    const { ok, findings } = JSON.parse(out) as { ok: boolean; findings: { level: string; what: string; mend?: string }[] }
    expect([code, ok]).toEqual(ok ? [0, true] : [1, false])
    return findings.map(({ level, what }) => `${level}: ${what}`).join('\n')
  }
  writeConfig('good.ts', database.url, "baseUrl: 'https://api.example.com/auth', mailer: { send: async () => {} }")
  const well = await finding('good.ts')
  expect(well).toMatch(/ok: the database has all tables and columns/)
  expect(well).toMatch(/ok: the Prisma schema has all models/)
  if (provider === 'mysql') expect(well).toMatch(/ok: the tables compare exactly/)
  expect(well).toMatch(/warning: passwords of 8 characters/)
  expect(well).toMatch(/error: the secret looks made up by hand/) // as the suite's own is
  expect(well).toMatch(/ok: the secrets open what is encrypted/)
  const prisma = database.connect()
  const user = await prisma.authUser.create({ data: { id: 'sealed', email: 'sealed@example.com', createdAt: new Date(), updatedAt: new Date() } })
  await prisma.authMfaFactor.create({ data: { id: 'sealed', userId: user.id, type: 'totp', secret: 'v1.another1.iv.text', createdAt: new Date() } })
  await prisma.$disconnect()
  expect(await finding('good.ts')).toMatch(/warning: no secret opens 1 authenticator apps and 0 providers' tokens/) // F-07
  writeConfig('empty.ts', empty.url)
  const bare = await finding('empty.ts')
  expect(bare).toMatch(/error: the database lacks auth_users/)
  expect(bare).toMatch(/warning: there is no mailer/)
  expect(bare).toMatch(/warning: baseUrl is not set/)
  const url = new URL(provider === 'sqlite' ? 'file:/nowhere/at/all.db' : database.url)
  if (provider !== 'sqlite') url.port = '1'
  writeConfig('away.ts', url.href, "baseUrl: 'http://api.example.com/auth'")
  const away = await finding('away.ts')
  expect(away).toMatch(/error: the database cannot be reached/)
  expect(away).toMatch(/error: baseUrl http:\/\/api\.example\.com\/auth is not https/)
  const keys = (config: string) => latchkey(['keys', 'list'], { config })
  expect(await keys('away.ts')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^the database cannot be used: [^\n]+\n$/) })
  expect(await keys('empty.ts')).toMatchObject({ code: 1, out: '', err: 'the database lacks tables of latchkey: run npx prisma migrate deploy\n' })
  expect(well).toMatch(/ok: the options of .*good\.ts are right/)
  writeConfig('insecure.ts', database.url, "baseUrl: 'https://api.example.com/auth', cookies: { secure: false }")
  expect(await finding('insecure.ts')).toMatch(/error: cookies are not Secure though baseUrl is https/)
  writeConfig('wrong.ts', database.url, "sesions: {}, tokens: { accessTtl: 'soon' }")
  expect(await finding('wrong.ts')).toMatch(/error: latchkey: these options are not right:\n.*sesions/s)
}, 240_000)
