import { readdirSync } from 'node:fs'
import { createDatabase, provider, type TestClient, type TestDatabase } from '../support/databases.ts'

let database: TestDatabase
let client: TestClient
beforeAll(async () => {
  database = await createDatabase()
  client = database.connect()
})
afterAll(async () => {
  await client.$disconnect()
  await database.drop()
})

const add = (db: Pick<TestClient, 'authRateLimit'>, key: string) => db.authRateLimit.create({ data: { key, count: 1, expiresAt: new Date() } })
const exists = async (key: string) => (await client.authRateLimit.count({ where: { key } })) === 1
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('a write beside a transaction that is rolled back is kept', async () => {
  let beside: Promise<unknown> = Promise.resolve()
  const rolledBack = client.$transaction(async (tx) => {
    await add(tx, 'inside')
    beside = add(client, 'beside')
    beside.catch(() => {})
    await pause(50)
    throw new Error('rolled back on purpose')
  })
  await expect(rolledBack).rejects.toThrow('on purpose')
  await beside
  expect([await exists('inside'), await exists('beside')]).toEqual([false, true])
})

test('of 50 transactions at once all are carried out', async () => {
  const all = Array.from({ length: 50 }, (_, index) => client.$transaction((tx) => add(tx, `parallel-${index}`), { maxWait: 20_000, timeout: 20_000 }))
  await Promise.all(all)
  expect(await client.authRateLimit.count({ where: { key: { startsWith: 'parallel-' } } })).toBe(50)
})

const onSqlite = provider === 'sqlite' ? test : test.skip
const handles = () => readdirSync('/proc/self/fd').length
const countsHandles = provider === 'sqlite' && process.platform === 'linux' ? test : test.skip

countsHandles('hundreds of transactions on SQLite open no more files than one', async () => {
  await client.$transaction((tx) => add(tx, 'first'))
  const before = handles()
  for (let index = 0; index < 300; index++) await client.$transaction((tx) => add(tx, `many-${index}`))
  expect(handles() - before).toBeLessThan(20)
})

onSqlite('a writer that meets another client’s lock gives up within about a second, and its transaction leaves nothing behind', async () => {
  const other = database.connect()
  const holding = client.$transaction(async (tx) => {
    await add(tx, 'holder')
    await pause(2000)
  })
  await pause(50)
  const begin = Date.now()
  await expect(other.$transaction((tx) => add(tx, 'refused'))).rejects.toMatchObject({ code: 'P1008' })
  expect(Date.now() - begin).toBeLessThan(1800)
  await holding
  await add(other, 'afterwards')
  await other.$disconnect()
  expect([await exists('holder'), await exists('refused'), await exists('afterwards')]).toEqual([true, false, true])
})

onSqlite('a write after one that a lock refused is kept', async () => {
  const other = database.connect()
  const holding = client.$transaction(async (tx) => {
    await add(tx, 'holder-2')
    await pause(1500)
  })
  await pause(50)
  await expect(add(other, 'refused-2')).rejects.toMatchObject({ code: 'P1008' })
  await holding
  await add(other, 'afterwards-2')
  await other.$disconnect()
  expect([await exists('refused-2'), await exists('afterwards-2')]).toEqual([false, true])
})

onSqlite('a transaction that goes on after a refused statement fails as a whole, and the next write is kept', async () => {
  const other = database.connect()
  const holding = client.$transaction(async (tx) => {
    await add(tx, 'holder-3')
    await pause(1500)
  })
  await pause(50)
  const stubborn = other.$transaction(async (tx) => {
    await add(tx, 'refused-3').catch(() => {})
    await holding
    await add(tx, 'second-3')
  })
  await expect(stubborn).rejects.toBeDefined()
  await add(other, 'afterwards-3')
  await other.$disconnect()
  expect([await exists('refused-3'), await exists('second-3'), await exists('afterwards-3')]).toEqual([false, false, true])
})
