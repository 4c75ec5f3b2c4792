import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { readUsers } from '../../src/cli/read-users.ts'

const dir = mkdtempSync(path.join(os.tmpdir(), 'latchkey-read-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
async function read(name: string, text: string) {
  const file = path.join(dir, name)
  writeFileSync(file, text)
  const found: unknown[] = []
  for await (const one of readUsers(file)) found.push(one instanceof Error ? `!${one.message}` : one)
  return found
}

test('lines of JSON', async () => {
  expect(await read('a.jsonl', '{"email":"a@b.c"}\r\nnonsense\n{"email":"d@e.f"}')).toEqual([{ email: 'a@b.c' }, '!is no JSON', { email: 'd@e.f' }])
})

test('CSV: quotes, commas, line breaks, a byte order mark, empty cells, lists', async () => {
  const text = [
    '\uFEFFemail,username,roles,tenant,tenantRoles,provider,providerUserId,metadata,emailVerified',
    'a@b.c,,"x; y",acme,owner,google,g1,"{""note"":""one, two""}",true',
    '"d@e.f","he said ""hi""\nand left",,,,,,,',
    '',
    'too,few',
    'g@h.i,,,,,,,not json,',
    '"never closed',
  ].join('\n')
  expect(await read('b.csv', text)).toEqual([
    {
      email: 'a@b.c',
      emailVerified: 'true',
      roles: ['x', 'y'],
      memberships: [{ tenant: 'acme', roles: ['owner'] }],
      identities: [{ provider: 'google', providerUserId: 'g1' }],
      metadata: { note: 'one, two' },
    },
    { email: 'd@e.f', username: 'he said "hi"\nand left' },
    '!has 2 cells, and the first line 9',
    '!metadata is no JSON',
    '!ends within quotes',
  ])
})
