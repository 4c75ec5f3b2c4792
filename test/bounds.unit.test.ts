import { createKnownRoles } from '../src/features/rbac/known-roles.ts'
import { createTokenCache } from '../src/features/sessions/token-cache.ts'
import { memoryStore } from '../src/http/limit-stores.ts'

// F-21: what a process keeps in memory has an end, however many people, addresses and tokens come by.
test('F-21: tokens that were verified', () => {
  const cache = createTokenCache(100)
  for (let n = 0; n < 100_000; n++) cache.set(`token-${n}`, {} as never)
  expect(cache.size()).toBeLessThanOrEqual(100)
  expect(cache.get('token-99999')).toBeDefined()
  expect(cache.get('token-0')).toBeUndefined()
})

test('a token is known only as the whole of it, however alike its end is', () => {
  const end = 'x'.repeat(80)
  const cache = createTokenCache(100)
  const verified = { userId: 'ada' } as never
  cache.set(`a.b.${end}`, verified)
  expect(cache.get(`a.b.${end}`)).toBe(verified)
  for (const other of [`a.c.${end}`, end, `.${end}`, end.slice(-32), '', `a.b.${end}y`]) expect(cache.get(other)).toBeUndefined()
})

test('F-21: roles that were read; a change forgets them', () => {
  const known = createKnownRoles(100)
  const standing = { tenantId: null, roles: [], platformRoles: [] }
  for (let n = 0; n < 10_000; n++) known.set(`user-${n}`, null, standing)
  const kept = Array.from({ length: 10_000 }, (_, n) => known.get(`user-${n}`, null)).filter(Boolean)
  expect(kept.length).toBeLessThanOrEqual(100)
  known.forget('user.roles', 'user-9999')
  expect(known.get('user-9999', null)).toBeUndefined()
  expect(known.get('user-9998', null)).toBeDefined()
  known.forget('roles', 'any')
  expect(known.get('user-9998', null)).toBeUndefined()
})

test('F-21: addresses that were counted', async () => {
  const store = memoryStore(() => new Date(0), 60_000)
  await store.increment('first')
  for (let n = 0; n < 60_000; n++) await store.increment(`address-${n}`)
  expect((await store.increment('first')).totalHits).toBe(1)
  expect((await store.increment('address-59999')).totalHits).toBe(2)
})
