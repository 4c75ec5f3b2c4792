import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { cliApp, datasource, root } from '../support/cli-app.ts'
import { provider } from '../support/databases.ts'
import { makeApp, ownClient, ownDatabase, signUp } from '../support/make-app.ts'
import { shapeOf } from '../support/shape.ts'

const post = '\nmodel Post {\n  id Int @id\n}\n'
const own = {
  'prisma.config.mjs': "export default { schema: 'prisma', migrations: { path: 'db/migrations' }, datasource: { url: process.env.DATABASE_URL } }\n",
  'prisma/main.prisma': `${datasource(provider)}\ngenerator client {\n  provider = "prisma-client"\n  output = "../generated"\n}\n${post}`,
  'db/migrations/20250101000000_first/migration.sql': 'CREATE TABLE "Post" ("id" INTEGER NOT NULL PRIMARY KEY);\n',
  'db/migrations/migration_lock.toml': `provider = "${provider}"\n`,
}

const run = promisify(execFile)
async function prisma(cwd: string, url: string, ...args: string[]) {
  const env = { ...process.env, DATABASE_URL: url, PRISMA_SCHEMA_ENGINE_BINARY: path.join(root, 'prisma/offline-engine/schema-engine.mjs') }
  return (await run(process.execPath, [path.join(root, 'node_modules/prisma/build/index.js'), ...args], { cwd, env })).stdout
}

// The engine compiled to WebAssembly knows no MySQL.
const withEngine = provider === 'mysql' ? test.skip : test

withEngine(
  'in an app with migrations of its own, what init --migrations writes is deployed behind them and gives the tables',
  async () => {
    const database = await ownDatabase({ empty: true })
    const { latchkey, cwd } = cliApp(own)
    expect(await prisma(cwd, database.url, 'migrate', 'deploy')).toMatch(/20250101000000_first/)
    expect((await latchkey('init', '--migrations')).code).toBe(0)
    expect(await prisma(cwd, database.url, 'validate')).toMatch(/valid/)
    const deployed = await prisma(cwd, database.url, 'migrate', 'deploy')
    expect(deployed).toMatch(/20260102030405_latchkey_0001_init/)
    expect(deployed).not.toMatch(/20250101000000_first/)
    expect(await latchkey('init', '--migrations', '--check')).toMatchObject({ code: 0 })
    expect(await prisma(cwd, database.url, 'migrate', 'deploy')).toMatch(/No pending migrations/)
    expect(await prisma(cwd, database.url, 'migrate', 'status')).toMatch(/up to date/)

    // Nothing is left for the app's next migration. The engine compiled to WebAssembly reads no schema off PostgreSQL.
    if (provider === 'sqlite')
      expect(await prisma(cwd, database.url, 'migrate', 'diff', '--from-config-datasource', '--to-schema', 'prisma')).toMatch(/No difference/)

    const client = await ownClient(database)
    const snapshot = await ownClient(await ownDatabase())
    expect(await shapeOf(client)).toEqual(await shapeOf(snapshot))
    expect(await client.$queryRawUnsafe('SELECT id FROM "Post"')).toEqual([])
    await signUp(await makeApp({ prisma: client }))
  },
  120_000,
)
