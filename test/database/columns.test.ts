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

const at = new Date('2026-01-02T03:04:05.678Z')
const addUser = (id: string, fields: object = {}) => client.authUser.create({ data: { id, createdAt: at, updatedAt: at, ...fields } })

test('names that differ in an accent or in case only are different, and each is found by itself', async () => {
  const names = ['cafe', 'café', 'CAFE', 'CAFÉ', 'cafe\u0301', 'straße', 'strasse', 'ı', 'i']
  for (const [index, username] of names.entries()) await addUser(`name-${index}`, { username })
  for (const username of names) expect(await client.authUser.findMany({ where: { username }, select: { username: true } })).toEqual([{ username }])
})

test('an id that differs in case only is another id', async () => {
  await addUser('id-a')
  expect(await client.authUser.findUnique({ where: { id: 'ID-A' } })).toBeNull()
  await addUser('ID-A')
})

test('the second user of an address in a realm is refused by the database, in another realm it is not', async () => {
  await addUser('mail-1', { email: 'same@example.com' })
  await expect(addUser('mail-2', { email: 'same@example.com' })).rejects.toMatchObject({ code: 'P2002' })
  await addUser('mail-3', { email: 'same@example.com', realm: 'tenant' })
  await addUser('mail-4')
  await addUser('mail-5')
})

test('dates keep their milliseconds, bytes and JSON come back as they were', async () => {
  await addUser('kept', { metadata: { list: [1, 'é', null, { deep: true }] } })
  const passkey = { id: 'pk', userId: 'kept', credentialId: 'x'.repeat(1364), credentialKey: 'k', deviceType: 'd', createdAt: at }
  await client.authPasskey.create({ data: { ...passkey, publicKey: new Uint8Array([0, 1, 255]), counter: 4_294_967_295n } })
  expect(await client.authPasskey.findUnique({ where: { id: 'pk' } })).toMatchObject({
    ...passkey,
    counter: 4_294_967_295n,
    publicKey: new Uint8Array([0, 1, 255]),
  })
  expect((await client.authUser.findUnique({ where: { id: 'kept' } }))?.metadata).toEqual({ list: [1, 'é', null, { deep: true }] })
})

test('an address of the greatest length is stored whole', async () => {
  const email = `${'a'.repeat(64)}@${'b'.repeat(251)}.com`
  await addUser('long', { email })
  expect((await client.authUser.findUnique({ where: { id: 'long' } }))?.email).toBe(email)
})

test('the change feed numbers its rows upwards and never uses a number twice', async () => {
  const add = async () => (await client.authChange.create({ data: { kind: 'user', subjectId: 'x', at } })).seq
  const first = Number(await add())
  const second = Number(await add())
  await client.authChange.deleteMany({})
  expect([second > first, Number(await add()) > second]).toEqual([true, true])
})

test('deleting a user deletes what belongs to it', async () => {
  await addUser('gone')
  await client.authIdentity.create({ data: { id: 'gone', userId: 'gone', provider: 'p', providerUserId: 'q', createdAt: at } })
  await client.authUser.delete({ where: { id: 'gone' } })
  expect(await client.authIdentity.count({ where: { userId: 'gone' } })).toBe(0)
})

const onMysql = provider === 'mysql' ? test : test.skip
onMysql('MySQL overlooks spaces at the end, so nothing that may have them is looked up', async () => {
  await addUser('padded', { username: 'padded' })
  expect(await client.authUser.findFirst({ where: { username: 'padded ' } })).toMatchObject({ id: 'padded' })
})
