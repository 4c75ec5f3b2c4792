import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { provider } from '../support/databases.ts'
import { makeApp, ownClient, ownDatabase, signUp } from '../support/make-app.ts'

const root = path.resolve(__dirname, '../..')
const run = promisify(execFile)
const prisma = (args: string[], url: string, engine = path.join(root, 'prisma/offline-engine/schema-engine.mjs')) =>
  run(process.execPath, [path.join(root, 'node_modules/prisma/build/index.js'), ...args], {
    cwd: root,
    env: { ...process.env, LATCHKEY_DIALECT: provider, DATABASE_URL: url, PRISMA_SCHEMA_ENGINE_BINARY: engine },
  })

// The engine compiled to WebAssembly knows no MySQL; there the snapshot, which all the other tests run on, is what is proved.
const withEngine = provider === 'mysql' ? test.skip : test

withEngine(
  'prisma migrate deploy applies the migrations, and a second time finds nothing to do',
  async () => {
    const database = await ownDatabase({ empty: true })
    const { url } = database
    expect((await prisma(['migrate', 'deploy'], url)).stdout).toMatch(/0001_init/)
    expect((await prisma(['migrate', 'deploy'], url)).stdout).toMatch(/No pending migrations/)
    expect((await prisma(['migrate', 'status'], url)).stdout).toMatch(/up to date/)
    await signUp(await makeApp({ prisma: await ownClient(database) }))
  },
  90_000,
)

test('ids, hashes, addresses and names are compared exactly', async () => {
  const client = await ownClient(await ownDatabase())
  const app = await makeApp({ prisma: client })
  const { user } = await signUp(app, { email: 'exact.e@example.com' })
  for (const email of ['exact.E@example.com', 'exact.é@example.com', 'exact.e@example.com\u200b']) {
    expect(await client.authUser.findFirst({ where: { email } })).toBeNull()
  }
  expect(await client.authUser.findUnique({ where: { id: user.id.toUpperCase() } })).toBeNull()
  await client.authBlockedEmailDomain.create({ data: { id: '1', domain: 'a.example', createdAt: new Date() } })
  await client.authBlockedEmailDomain.create({ data: { id: '2', domain: 'A.example', createdAt: new Date() } })
  await expect(client.authBlockedEmailDomain.create({ data: { id: '3', domain: 'a.example', createdAt: new Date() } })).rejects.toMatchObject({ code: 'P2002' })
})

const onMysql = provider === 'mysql' ? test : test.skip
onMysql('every column of text has a binary collation on MySQL', async () => {
  const client = await ownClient(await ownDatabase())
  const rows = await client.$queryRawUnsafe<{ n: bigint }[]>(
    "SELECT COUNT(*) AS n FROM information_schema.columns WHERE table_schema = DATABASE() AND collation_name IS NOT NULL AND collation_name <> 'utf8mb4_bin'",
  )
  expect(Number(rows[0]?.n)).toBe(0)
})

test('the change feed counts up by itself, and tells rows that were rolled back from rows that come late', async () => {
  const { createCursor } = await import('../../src/features/changes/cursor.ts')
  let time = 0
  const cursor = createCursor(() => time)
  cursor.begin(10)
  expect([11, 13, 14].map(cursor.isNew)).toEqual([true, true, true])
  cursor.settle()
  expect(cursor.position()).toBe(11) // 12 may still be committed
  expect([12, 13].map(cursor.isNew)).toEqual([true, false])
  cursor.settle()
  expect(cursor.position()).toBe(14)
  cursor.isNew(16)
  cursor.settle()
  time = 31_000
  cursor.settle()
  expect(cursor.position()).toBe(16)
})
