import { bearer, createClock, makeApp, ownClient, ownDatabase, PASSWORD, signUp } from '../../support/make-app.ts'

const DAY = 86_400
const none = { sessions: 0, codes: 0, trustedDevices: 0, messages: 0, counters: 0, changes: 0, auditRows: 0 }

test('what has been over for a day goes, what lives stays, and audit rows stay for audit.retain (F-10, R-205)', async () => {
  const own = await ownDatabase()
  const t = await makeApp({ prisma: await ownClient(own), options: { audit: { retain: '30d' }, sessions: { ttl: '2d' } } })
  const { user, accessToken } = await signUp(t)
  await t.auth.messages.deliver()
  const soon = new Date(t.clock.now().getTime() + 60_000)
  const far = new Date(t.clock.now().getTime() + 365 * DAY * 1000)
  await t.prisma.authRateLimit.createMany({
    data: [
      { key: 'short', count: 1, expiresAt: soon },
      { key: 'long', count: 1, expiresAt: far },
    ],
  })
  await t.call('post', '/auth/logout', {}, bearer(accessToken)).expect(204)
  await t.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)
  await t.auth.users.suspend(user.id)
  await t.call('post', '/auth/forgot-password', { email: user.email })
  await t.auth.messages.deliver()
  const device = { userId: user.id, createdAt: t.clock.now() }
  await t.prisma.authTrustedDevice.createMany({
    data: [
      { id: 'short', tokenHash: 'a', expiresAt: soon, ...device },
      { id: 'long', tokenHash: 'b', expiresAt: far, ...device },
    ],
  })
  expect(await t.auth.cleanup.run()).toEqual(none)

  t.clock.advance(3 * DAY + 1)
  const early = await t.auth.cleanup.run()
  expect(early).toMatchObject({ sessions: 2, trustedDevices: 1, messages: 0, auditRows: 0 })
  expect(early!.codes).toBeGreaterThan(0)
  expect(early!.changes).toBeGreaterThan(0)
  expect(await t.prisma.authChange.count()).toBe(1)
  expect(await t.prisma.authTrustedDevice.findMany()).toMatchObject([{ id: 'long' }])
  expect((await t.prisma.authRateLimit.findMany()).map(({ key }) => key)).toContain('long')
  expect(await t.prisma.authRateLimit.count({ where: { key: 'short' } })).toBe(0)

  t.clock.advance(28 * DAY)
  const late = await t.auth.cleanup.run()
  expect(late!.messages).toBeGreaterThan(0)
  expect(late!.auditRows).toBeGreaterThan(0)
  expect(await t.prisma.authAuditLog.count()).toBe(0)
  expect(await t.auth.cleanup.run()).toEqual(none)
})

test('a statement deletes at most a thousand rows, and all of them go (F-10)', async () => {
  const t = await makeApp({ prisma: await ownClient(await ownDatabase()) })
  const expiresAt = new Date(t.clock.now().getTime() - 2 * DAY * 1000)
  const keys = Array.from({ length: 1700 }, (_, number) => `old-${number}`)
  for (let from = 0; from < keys.length; from += 200) {
    await t.prisma.authRateLimit.createMany({ data: keys.slice(from, from + 200).map((key) => ({ key, count: 1, expiresAt })) })
  }
  t.statements()
  expect(await t.auth.cleanup.run()).toEqual({ ...none, counters: 1700 })
  const deletes = t.statements().filter((statement) => /^DELETE.*auth_rate_limits/i.test(statement))
  expect(deletes.length).toBeGreaterThanOrEqual(4)
  expect(await t.prisma.authRateLimit.count()).toBe(0)
})

test('of processes that clean at once one does it; one that died keeps the others waiting for a minute (F-10, F-24)', async () => {
  const own = await ownDatabase()
  const clock = createClock()
  const [a, b] = [await makeApp({ prisma: await ownClient(own), clock }), await makeApp({ prisma: await ownClient(own), clock })]
  const expiresAt = new Date(clock.now().getTime() - 2 * DAY * 1000)
  for (let round = 0; round < 3; round++) {
    await a.prisma.authRateLimit.createMany({ data: Array.from({ length: 50 }, (_, number) => ({ key: `r${round}-${number}`, count: 1, expiresAt })) })
    const reports = await Promise.all([a.auth.cleanup.run(), b.auth.cleanup.run()])
    const counters = reports.map((report) => report?.counters ?? 0)
    expect(counters[0]! + counters[1]!).toBe(50)
    expect(Math.min(...counters)).toBe(0)
  }
  await a.prisma.authRateLimit.createMany({ data: [{ key: 'cleanup:running', count: 1, expiresAt: new Date(clock.now().getTime() + 60_000) }] })
  expect(await b.auth.cleanup.run()).toBeNull()
  clock.advance(61)
  expect(await b.auth.cleanup.run()).toEqual(none)
})

test('a process that begins after cleanup hears of changes from then on', async () => {
  const own = await ownDatabase()
  const clock = createClock()
  const a = await makeApp({ prisma: await ownClient(own), clock })
  for (let one = 0; one < 3; one++) {
    const { accessToken } = await signUp(a)
    await a.call('post', '/auth/logout', {}, bearer(accessToken)).expect(204)
  }
  clock.advance(2 * DAY)
  expect((await a.auth.cleanup.run())!.changes).toBeGreaterThanOrEqual(2)
  expect(await a.prisma.authChange.count()).toBe(1)
  const b = await makeApp({ prisma: await ownClient(own), clock, options: { feed: { pollEvery: 1 } } })
  const { accessToken } = await signUp(a)
  await b.call('get', '/private', undefined, bearer(accessToken)).expect(200)
  await a.call('post', '/auth/logout', {}, bearer(accessToken)).expect(204)
  await new Promise((resolve) => setTimeout(resolve, 2500))
  await b.call('get', '/private', undefined, bearer(accessToken)).expect(401)
})

test.each([
  ['cleanup.every runs it by itself', { every: 1 } as const, 0],
  ['cleanup: false leaves it to the app', false as const, 1],
])('%s', async (_name, cleanup, left) => {
  const t = await makeApp({ prisma: await ownClient(await ownDatabase()), options: { cleanup } })
  await t.prisma.authRateLimit.createMany({ data: [{ key: 'old', count: 1, expiresAt: new Date(t.clock.now().getTime() - 2 * DAY * 1000) }] })
  await new Promise((resolve) => setTimeout(resolve, 3000))
  expect(await t.prisma.authRateLimit.count({ where: { key: 'old' } })).toBe(left)
})
