import { randomBytes } from 'node:crypto'
import { validate, version } from 'uuid'
import { isId, newId } from '../../src/crypto/ids.ts'

const at = (ms: number) => new Date(1_800_000_000_000 + ms)
const make = (count: number, when: Date, random: (bytes: number) => Uint8Array = randomBytes) => Array.from({ length: count }, () => newId(when, random))

test('an id is a UUIDv7 that carries the time', () => {
  const id = newId(at(0), randomBytes)
  expect(validate(id) && version(id) === 7 && isId(id)).toBe(true)
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(at(0).getTime())
})

test('10 000 ids under a clock that stands still differ and increase', () => {
  const ids = make(10_000, at(1))
  expect(new Set(ids).size).toBe(10_000)
  expect([...ids].sort()).toEqual(ids)
})

test('ids differ and increase even where randomness repeats', () => {
  const ids = make(1000, at(2), (bytes) => new Uint8Array(bytes).fill(255))
  expect(new Set(ids).size).toBe(1000)
  expect([...ids].sort()).toEqual(ids)
})

test('ids of later milliseconds are greater', () => {
  const ids = [3, 4, 1000, 100_000].flatMap((ms) => make(10, at(ms)))
  expect([...ids].sort()).toEqual(ids)
})

test('ids differ where the clock goes back', () => {
  const ids = [10, 9, 10, 9].flatMap((ms) => make(100, at(ms)))
  expect(new Set(ids).size).toBe(400)
})

test.each([
  '',
  'x',
  '00000000-0000-0000-0000-000000000000',
  '0190F2D8-B0A4-7000-8000-000000000001',
  '0190f2d8-b0a4-4000-8000-000000000001',
  ' 0190f2d8-b0a4-7000-8000-000000000001',
])('%j is no id', (text) => {
  expect(isId(text)).toBe(false)
})
