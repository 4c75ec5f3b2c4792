import { cliApp, datasource } from '../support/cli-app.ts'

/** An app that has run `init`, and its schema then written in another way. */
async function written(change: (schema: string) => string) {
  const app = cliApp({ 'prisma/schema.prisma': datasource('postgresql'), 'latchkey.config.mjs': '' })
  await app.latchkey('init')
  const before = app.read('prisma/schema.prisma')
  const schema = change(before)
  expect(schema).not.toBe(before)
  app.write('prisma/schema.prisma', schema)
  return { ...app, schema, now: () => app.read('prisma/schema.prisma') }
}

test.each<[string, (schema: string) => string]>([
  [
    'comments behind braces',
    (schema) => schema.replace('model AuthUser {', 'model AuthUser { // who signs in').replace(/(model AuthUser [^}]*\n)\}/, '$1} // AuthUser'),
  ],
  ['block comments behind braces', (schema) => schema.replace(/(model AuthUser \{)([^}]*\n)\}/, '$1 /* opens */$2} /* closes */')],
  ['a model of our name in a block comment', (schema) => `/* before:\nmodel AuthUser {\n  id Int @id\n}\n*/\n${schema}`],
  ['a block comment in a model', (schema) => schema.replace('model AuthUser {\n', 'model AuthUser {\n  /* was:\nmodel AuthSession {\n  email Int\n}\n  */\n')],
  [
    'a comment that opens no block',
    (schema) => schema.replace('model AuthUser {\n', 'model AuthUser {\n  // see /* and below\n  note String @default("/* \\\\")\n'),
  ],
  ['named fields', (schema) => schema.replace(/@@index\(\[createdAt\]\)/, '@@index(fields: [createdAt])')],
  ['a name in the database', (schema) => schema.replace(/@@index\(\[createdAt\]\)/, '@@index([ createdAt ], map: "users_by, age")')],
  ['an index built in another way', (schema) => schema.replace(/@@index\(\[createdAt\]\)/, '@@index([createdAt(sort: Desc)], type: BTree)')],
  ['a unique constraint with a name in the database', (schema) => schema.replace(/@@unique\((\[.*?\])\)/, '@@unique(map: "own", fields: $1)')],
  ['a named table', (schema) => schema.replace('@@map("auth_users")', '@@map(name: "auth_users")')],
  [
    'a relation with its parts in another order',
    (schema) =>
      schema.replace(
        /@relation\(fields: \[userId\], references: \[id\], onDelete: Cascade\)/g,
        '@relation(onDelete: Cascade, references: [id], fields: [userId], map: "own")',
      ),
  ],
])('the same models with %s are all there', async (_what, change) => {
  const { latchkey, schema, now } = await written(change)
  expect(await latchkey('schema', '--check', '--json')).toMatchObject({ out: '{"ok":true,"missing":[],"conflicts":[]}\n' })
  expect(await latchkey('init')).toMatchObject({ code: 0, err: '' })
  expect(now()).toBe(schema)
})

test('another index on the same field does not stand for ours', async () => {
  const { latchkey, now } = await written((schema) => schema.replace('@@index([createdAt])', '@@index([createdAt, id])'))
  expect((await latchkey('init')).code).toBe(0)
  expect(now()).toMatch(/@@index\(\[createdAt, id\]\)[^}]*@@index\(\[createdAt\]\)\n/)
})

test.each<[string, (schema: string) => string, RegExp]>([
  [
    'in one line',
    (schema) => schema.replace(/model AuthUser \{[^}]*\}/, 'model AuthUser { id String @id }'),
    /AuthUser is there, but not as a model that can be read/,
  ],
  ['never closed', (schema) => schema.replace(/model AuthUser \{[^}]*\}/, 'model AuthUser {\n  id String @id\n'), /AuthUser is there, but not as a model/],
  ['of another kind', (schema) => schema.replace('model AuthUser {', 'view AuthUser {'), /AuthUser is there, but not as a model/],
  [
    'behind another model',
    (schema) => schema.replace('model AuthUser {', 'model A {\n  id Int @id\n} model AuthUser {'),
    /AuthUser is there, but not as a model/,
  ],
  [
    'whose constraint has another name in the client',
    (schema) => schema.replace(/@@unique\((\[.*?\])\)/, '@@unique($1, name: "own")'),
    /name:"own"\) stands where latchkey has @@unique/,
  ],
  [
    'with a comment where a field would go in',
    (schema) => schema.replace(/^ {2}passwordChangedAt .*\n/m, '').replace(/( {2}platformAccess AuthPlatformAccess\?)\n/, '$1 /* goes\n on */\n'),
    /AuthUser\.passwordChangedAt is missing, and comments stand in the way/,
  ],
])('a model of our name %s is refused by name, and nothing is written', async (_what, change, wanted) => {
  const { latchkey, schema, now } = await written(change)
  expect(await latchkey('init')).toMatchObject({ code: 2, err: expect.stringMatching(wanted) })
  expect((await latchkey('schema', '--check')).code).toBe(1)
  expect(now()).toBe(schema)
})
