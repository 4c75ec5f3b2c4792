import { checkHealth } from '../src/features/meta/health.ts'

/** Of the context only what the check looks at. */
function context(findUnique: () => Promise<unknown>) {
  const feed = { lastRead: () => new Date(0) }
  const options = { feed: { pollEvery: 2 } }
  return {
    db: { authRateLimit: { findUnique } },
    process: { feed, outbox: { isFailing: () => false } },
    options,
    now: () => new Date(1000),
    log: { warn: () => {} },
  }
}

test('F-12: checks that come while one is under way share its question; the next asks anew', async () => {
  let asked = 0
  let isDown = false
  const findUnique = async () => {
    asked++
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (isDown) throw new Error('gone')
    return null
  }
  const auth = context(findUnique) as never
  const statuses = async () => (await Promise.all(Array.from({ length: 30 }, () => checkHealth(auth)))).map(({ database }) => database)
  expect(new Set(await statuses())).toEqual(new Set(['ok']))
  expect(asked).toBe(1)
  isDown = true
  expect(new Set(await statuses())).toEqual(new Set(['unavailable']))
  expect(asked).toBe(2)
  isDown = false
  expect(new Set(await statuses())).toEqual(new Set(['ok']))
})

test('F-02: a check that gets no answer ends, and holds up none that comes later', async () => {
  let hangs = true
  const auth = context(() => (hangs ? new Promise(() => {}) : Promise.resolve(null))) as never
  expect((await checkHealth(auth)).database).toBe('unavailable')
  hangs = false
  expect((await checkHealth(auth)).database).toBe('ok')
})
