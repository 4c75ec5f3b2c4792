import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { createDatabase, provider, type TestDatabase } from '../support/databases.ts'
import { shapeOf } from '../support/shape.ts'

const root = path.resolve(__dirname, '../..')
const migrations = path.join(root, 'prisma', provider, 'migrations')
const engines = path.join(root, 'node_modules/@prisma/engines')
const hasNativeEngine = readdirSync(engines).some((file) => file.startsWith('schema-engine-'))

async function shapeIn(database: TestDatabase) {
  const client = database.connect()
  const shape = await shapeOf(client)
  await client.$disconnect()
  return shape
}

async function snapshotShape() {
  const database = await createDatabase()
  const shape = await shapeIn(database)
  await database.drop()
  expect(shape[0]!.length).toBeGreaterThan(200)
  return shape
}

function prisma(url: string, ...args: string[]) {
  const env = { ...process.env, LATCHKEY_DIALECT: provider, DATABASE_URL: url }
  return execFileSync(process.execPath, [path.join(root, 'node_modules/prisma/build/index.js'), ...args], { cwd: root, env, encoding: 'utf8', stdio: 'pipe' })
}

const canDeploy = provider !== 'mysql' || hasNativeEngine
const deployTest = canDeploy ? test : test.skip
deployTest(`prisma migrate deploy gives the tables of the snapshot${canDeploy ? '' : ' (skipped: only the native engine knows MySQL)'}`, async () => {
  const database = await createDatabase({ empty: true })
  expect(prisma(database.url, 'migrate', 'deploy')).toMatch(/All migrations have been successfully applied/)
  expect(prisma(database.url, 'migrate', 'deploy')).toMatch(/No pending migrations to apply/)
  const shape = await shapeIn(database)
  await database.drop()
  expect(shape).toEqual(await snapshotShape())
})

test('F-22: the migrations applied in order with the driver alone give the tables of the snapshot', async () => {
  const database = await createDatabase({ empty: true })
  const client = database.connect()
  const folders = readdirSync(migrations).filter((name) => /^\d{4}_/.test(name))
  for (const folder of folders.sort()) {
    const sql = readFileSync(path.join(migrations, folder, 'migration.sql'), 'utf8')
    for (const statement of sql.split(/;\n/)) if (statement.trim()) await client.$executeRawUnsafe(statement)
  }
  const shape = await shapeOf(client)
  await client.$disconnect()
  await database.drop()
  expect(shape).toEqual(await snapshotShape())
})
