import { randomBytes } from 'node:crypto'
import { equalText, randomToken } from '../../src/crypto/opaque-token.ts'

test('a token has 32 bytes where nothing else is asked for, as base64url', () => {
  expect(randomToken(randomBytes)).toMatch(/^[\w-]{43}$/)
  expect(randomToken(randomBytes, 16)).toMatch(/^[\w-]{22}$/)
  expect(randomToken(() => Uint8Array.of(251, 255))).toBe('-_8')
})

test('10 000 tokens are unique', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => randomToken(randomBytes))).size).toBe(10_000)
})

test('texts are equal where every character is', () => {
  expect(equalText('code', 'code')).toBe(true)
  expect(equalText('', '')).toBe(true)
  for (const other of ['Code', 'codf', 'code ', 'cod', '', 'codé']) expect(equalText('code', other)).toBe(false)
})
