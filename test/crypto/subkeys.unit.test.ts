import { hkdfSync } from 'node:crypto'
import { deriveSubkeys, type KeyPurpose } from '../../src/crypto/subkeys.ts'

const purposes: KeyPurpose[] = ['key-id', 'encryption', 'refresh-token', 'one-time-code', 'identifier', 'cookie', 'app']
const secret = 'a secret of at least thirty-two characters'

test('each purpose and each secret has its own key of 32 bytes', () => {
  const { all } = deriveSubkeys([secret, `${secret}2`])
  const keys = all.flatMap((set) => purposes.map((purpose) => set.key(purpose)))
  expect(keys.every((key) => key.length === 32)).toBe(true)
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(purposes.length * 2)
})

test('the same secret gives the same keys, derived once', () => {
  const [one, two] = [deriveSubkeys([secret]).current, deriveSubkeys([secret]).current]
  expect(one.key('cookie')).toEqual(two.key('cookie'))
  expect(one.id).toBe(two.id)
  expect(one.key('cookie')).toBe(one.key('cookie'))
  expect(one.key('cookie')).toEqual(Buffer.from(hkdfSync('sha256', secret, 'latchkey', 'latchkey/v1/cookie', 32)))
})

test('the first secret is the current one, and one is needed', () => {
  const { current, all } = deriveSubkeys(['first', 'second'])
  expect(current).toBe(all[0])
  expect(() => deriveSubkeys([])).toThrow(TypeError)
})

test('a key id shows neither the secret nor a key', () => {
  const { current } = deriveSubkeys([secret])
  expect(current.id).toMatch(/^[\w-]{8}$/)
  for (const purpose of purposes) expect(current.key(purpose).toString('base64url')).not.toContain(current.id)
})
