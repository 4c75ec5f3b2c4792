import { randomBytes } from 'node:crypto'
import { decrypt, encrypt, keyIdOf } from '../../src/crypto/encryption.ts'
import { deriveSubkeys } from '../../src/crypto/subkeys.ts'

const older = deriveSubkeys(['the older secret'])
const newer = deriveSubkeys(['the newer secret', 'the older secret'])
const seal = (text: string, context = 'row:1') => encrypt(older, text, context, randomBytes)

test.each(['', 'text', 'ünï\u{1F511}\0', 'x'.repeat(100_000)])('a text decrypts to itself', (text) => {
  expect(decrypt(older, seal(text), 'row:1')).toBe(text)
})

test('a value of another context or another purpose does not decrypt', () => {
  expect(decrypt(older, seal('text'), 'row:2')).toBeNull()
  expect(decrypt(older, seal('text'), 'row:1', 'cookie')).toBeNull()
})

test('a rotated secret still decrypts, a removed one does not', () => {
  const value = seal('text')
  expect(decrypt(newer, value, 'row:1')).toBe('text')
  const fresh = encrypt(newer, 'text', 'row:1', randomBytes)
  expect(keyIdOf(fresh)).toBe(newer.current.id)
  expect(keyIdOf(value)).toBe(older.current.id)
  expect(decrypt(older, fresh, 'row:1')).toBeNull()
})

test('two values of one text differ', () => {
  expect(seal('text')).not.toBe(seal('text'))
})

test('a value with any character changed, dropped or added does not decrypt', () => {
  const value = seal('text')
  for (let at = 0; at <= value.length; at++) {
    expect(decrypt(older, `${value.slice(0, at)}!${value.slice(at)}`, 'row:1')).toBeNull()
    if (at === value.length) break
    const other = value[at] === 'A' ? 'B' : 'A'
    expect(decrypt(older, `${value.slice(0, at)}${other}${value.slice(at + 1)}`, 'row:1')).toBeNull()
    expect(decrypt(older, `${value.slice(0, at)}${value.slice(at + 1)}`, 'row:1')).toBeNull()
  }
})

test.each(['', '.', '...', 'v1', 'v1...', `v1.${older.current.id}.AA.AA`, `v1.${older.current.id}.AAAAAAAAAAAAAAAA.`, 'v2.a.b.c', 'x'.repeat(100_000)])(
  'garbage does not decrypt and nothing throws',
  (value) => {
    expect(decrypt(older, value, 'row:1')).toBeNull()
  },
)

test.each([undefined, null, 1, {}, []])('what is no string does not decrypt: %p', (value) => {
  expect(decrypt(older, value as unknown as string, 'row:1')).toBeNull()
})

test('keyIdOf gives null for what is no such value', () => {
  for (const value of ['', 'v1', 'v1..a.b', 'v2.a.b.c', 'v1.a.b', 'v1.a.b.c.d']) expect(keyIdOf(value)).toBeNull()
})
