import { createHash, randomBytes } from 'node:crypto'
import { createRefreshToken, readRefreshToken } from '../../src/crypto/refresh-token.ts'
import { deriveSubkeys } from '../../src/crypto/subkeys.ts'

const subkeys = deriveSubkeys(['the secret'])
const rotated = deriveSubkeys(['the newer secret', 'the secret'])
const sessionId = '0190f2d8-b0a4-7000-8000-000000000001'
const make = (generation = 1) => createRefreshToken(subkeys, sessionId, generation, randomBytes)

test.each([0, 1, 4_294_967_295])('a token carries its session and generation %d', (generation) => {
  const { token, hash } = make(generation)
  expect(token).toMatch(/^lkr_[\w-]{91}$/)
  expect(hash).toBe(createHash('sha256').update(token).digest('hex'))
  expect(readRefreshToken(subkeys, token)).toEqual({ sessionId, generation, hash })
})

test('a rotated secret still reads, a removed one does not', () => {
  expect(readRefreshToken(rotated, make().token)).toMatchObject({ sessionId })
  expect(readRefreshToken(subkeys, createRefreshToken(rotated, sessionId, 1, randomBytes).token)).toBeNull()
})

test('a token with any bit of any byte changed is refused', () => {
  const bytes = Buffer.from(make().token.slice(4), 'base64url')
  for (let at = 0; at < bytes.length; at++)
    for (const flip of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= flip
      expect(readRefreshToken(subkeys, `lkr_${changed.toString('base64url')}`)).toBeNull()
    }
})

test('a token has one spelling (R-096)', () => {
  const { token } = make()
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (const last of alphabet) if (last !== token.at(-1)) expect(readRefreshToken(subkeys, token.slice(0, -1) + last)).toBeNull()
  for (const text of [
    `${token}=`,
    `${token}\n`,
    ` ${token}`,
    token.slice(4),
    token.toUpperCase(),
    token.replace('lkr_', 'LKR_'),
    token.slice(0, -1),
    `${token}A`,
  ])
    expect(readRefreshToken(subkeys, text)).toBeNull()
})

test.each(['', 'lkr_', 'lkr_A', `lkr_${'A'.repeat(91)}`, `lkr_${'é'.repeat(91)}`, `lkr_${'\0'.repeat(91)}`, 'x'.repeat(100_000)])(
  'garbage is refused and nothing throws',
  (text) => {
    expect(readRefreshToken(subkeys, text)).toBeNull()
  },
)

test('10 000 tokens are unique, and the bytes of their random part are evenly spread', () => {
  const counts = new Array<number>(256).fill(0)
  const seen = new Set<string>()
  for (let made = 0; made < 10_000; made++) {
    const { token } = make()
    seen.add(token)
    for (const byte of Buffer.from(token.slice(4), 'base64url').subarray(20, 52)) counts[byte]!++
  }
  expect(seen.size).toBe(10_000)
  const expected = (10_000 * 32) / 256
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  // 255 degrees of freedom: outside this range about once in 10^7 runs on each side.
  expect(chiSquare).toBeGreaterThan(150)
  expect(chiSquare).toBeLessThan(390)
})
