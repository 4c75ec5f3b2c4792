import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { readUsers } from '../../src/cli/read-users.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-read-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
async function read(name: string, text: string) {
  const file = path.join(dir, name)
  writeFileSync(file, text)
  const found: [number, unknown][] = []
  for await (const { line, user } of readUsers(file)) found.push([line, user instanceof Error ? `!${user.message}` : user])
  return found
}

test('lines of JSON', async () => {
  expect(await read('a.jsonl', '{"email":"a@b.c"}\r\nnonsense\n{"email":"d@e.f"}')).toEqual([
    [1, { email: 'a@b.c' }],
    [2, '!is no JSON'],
    [3, { email: 'd@e.f' }],
  ])
})

test('lines of JSON: blank ones are left out, and the others keep their numbers', async () => {
  expect(await read('blank.jsonl', '\n{"email":"a@b.c"}\r\n \t\r\n\n{"email":"d@e.f"}\nnonsense\n\n')).toEqual([
    [2, { email: 'a@b.c' }],
    [5, { email: 'd@e.f' }],
    [6, '!is no JSON'],
  ])
})

test('lines of JSON with a byte order mark and with separators that JSON allows within texts', async () => {
  expect(await read('b.jsonl', '\uFEFF{"username":"a\u2028b"}\r{"email":"d@e.f"}\r\n')).toEqual([
    [1, { username: 'a\u2028b' }],
    [2, { email: 'd@e.f' }],
  ])
})

test('line breaks are found wherever the file is cut into pieces', async () => {
  const texts = Array.from({ length: 4000 }, (_, i) => `{"username":"${'é'.repeat(i % 97)}${i}"}`)
  const found = await read('c.jsonl', `${texts.join('\r\n')}\r`)
  expect(found.map(([, user]) => JSON.stringify(user))).toEqual(texts)
})

test('CSV: quotes, commas, line breaks, a byte order mark, empty cells, lists, and the number of the line in the file', async () => {
  const text = [
    '\uFEFFemail,username,roles,tenant,tenantRoles,provider,providerUserId,metadata,emailVerified',
    'a@b.c,,"x; y",acme,owner,google,g1,"{""note"":""one, two""}",true',
    '"d@e.f","he said ""hi""',
    'and left",,,,,,,',
    '',
    'too,few',
    'g@h.i,,,,,,,not json,',
    '"never closed',
    'i@j.k,,,,,,,,',
  ].join('\r\n')
  expect(await read('b.csv', text)).toEqual([
    [
      2,
      {
        email: 'a@b.c',
        emailVerified: 'true',
        roles: ['x', 'y'],
        memberships: [{ tenant: 'acme', roles: ['owner'] }],
        identities: [{ provider: 'google', providerUserId: 'g1' }],
        metadata: { note: 'one, two' },
      },
    ],
    [3, { email: 'd@e.f', username: 'he said "hi"\nand left' }],
    [6, '!has 2 cells, and the first line 9'],
    [7, '!metadata is no JSON'],
    [8, '!ends within quotes'],
    [9, { email: 'i@j.k' }],
  ])
})

test('CSV: empty cells at either end, in quotes and alone', async () => {
  expect(await read('c.csv', 'username,email\n,a@b.c\n"",d@e.f\nx,\nx,""\n,\n')).toEqual([
    [2, { email: 'a@b.c' }],
    [3, { email: 'd@e.f' }],
    [4, { username: 'x' }],
    [5, { username: 'x' }],
    [6, {}],
  ])
})

test('CSV: quotes that are not in order cost their own row and no other', async () => {
  const text = [
    'username,email',
    '5" pipe,a@b.c',
    '5" by 6",a@b.c',
    '"5" by 6",a@b.c',
    'x, "a@b.c"',
    '"opened,a@b.c',
    'good,a@b.c',
    '"good ""one""","a@b.c"',
  ].join('\n')
  const stray = '!has a quote in a cell without quotes around it: put the cell in quotes and double those within'
  const closed = '!has something behind the closing quote of a cell: quotes within are doubled'
  expect(await read('d.csv', text)).toEqual([
    [2, stray],
    [3, stray],
    [4, closed],
    [5, stray],
    [6, closed],
    [7, { username: 'good', email: 'a@b.c' }],
    [8, { username: 'good "one"', email: 'a@b.c' }],
  ])
  await expect(read('e.csv', 'user"name,email\nx,a@b.c\n')).rejects.toThrow(/line 1, which names the columns, has a quote/)
})

test('CSV: a quote that nothing closes is bounded, and the rows behind it are read', async () => {
  const rows = Array.from({ length: 50_000 }, (_, i) => `user${i},a@b.c`)
  const began = performance.now()
  const found = await read('f.csv', ['username,email', '"stray,a@b.c', ...rows].join('\n'))
  expect(performance.now() - began).toBeLessThan(5000)
  expect(found.slice(0, 2)).toEqual([
    [2, '!has a quote that is not closed within 100000 characters'],
    [3, { username: 'user0', email: 'a@b.c' }],
  ])
  expect(found).toHaveLength(50_001)
  expect(found.at(-1)).toEqual([50_002, { username: 'user49999', email: 'a@b.c' }])
})
