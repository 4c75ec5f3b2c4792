import { bearer, freshEmail, makeApp, PASSWORD, signUp } from '../support/make-app.ts'

const limits = { enabled: true } as const
const trusting = { before: (express: { set: (name: string, value: unknown) => unknown }) => void express.set('trust proxy', 1) }
const from = (ip: string) => ({ 'x-forwarded-for': ip })
const login = { email: 'limited@example.com', password: 'wrong' }

test('R-037, regression 10: limits are on by default and say when to come back', async () => {
  const app = await makeApp({ options: { limits, lockout: { enabled: false } } })
  const statuses: number[] = []
  for (let i = 0; i < 61; i++) statuses.push((await app.call('post', '/auth/login', login)).status)
  expect(statuses.filter((status) => status === 401)).toHaveLength(60)
  const refused = await app.call('post', '/auth/login', login)
  expect([refused.status, refused.body.code]).toEqual([429, 'TOO_MANY_REQUESTS'])
  expect(Number(refused.headers['retry-after'])).toBe(refused.body.retryAfter)
  expect(Object.keys(refused.headers).filter((name) => name.includes('ratelimit'))).toEqual([])
  app.clock.advance(901)
  await app.call('post', '/auth/login', login).expect(401)
})

test('R-038: spellings of one path share a bucket; routes have their own', async () => {
  const app = await makeApp({ options: { limits: { 'POST /login': { max: 3, per: '1m' } } } })
  for (const path of ['/auth/login', '/auth/login/', '/auth/LOGIN?x=1']) await app.call('post', path, { ...login, email: freshEmail() }).expect(401)
  await app.call('post', '/auth/login', { ...login, email: freshEmail() }).expect(429)
  await app.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }).expect(201)
})

test('R-036: IPv6 counts by /64, IPv4 in IPv6 as IPv4', async () => {
  const app = await makeApp({ ...trusting, options: { limits: { 'POST /login': { max: 2, per: '1m' } } } })
  const attempt = (ip: string) => app.call('post', '/auth/login', { ...login, email: freshEmail() }, from(ip))
  await attempt('2001:db8:1:1::1').expect(401)
  await attempt('2001:db8:1:1:ffff::2').expect(401)
  await attempt('2001:db8:1:1:abcd::3').expect(429)
  await attempt('2001:db8:1:2::1').expect(401)
  await attempt('::ffff:198.51.100.7').expect(401)
  await attempt('198.51.100.7').expect(401)
  await attempt('198.51.100.7').expect(429)
  await attempt('::ffff:198.51.100.8').expect(401)
})

test('R-036: an address has one spelling in limits and rows, and what is no address is none', async () => {
  const app = await makeApp({ before: (express) => void express.set('trust proxy', true) })
  const spellings: [string, string | null][] = [
    ['::ffff:c633:6407', '198.51.100.7'],
    ['0:0:0:0:0:FFFF:198.51.100.7', '198.51.100.7'],
    ['198.51.100.7:49152', '198.51.100.7'],
    ['2001:DB8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['[2001:db8:0:1::1]:443', '2001:db8:0:1::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['x'.repeat(5000), null],
    ['1.2.3.4<script>', null],
  ]
  for (const [given, ip] of spellings) {
    const { body } = await app.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }, from(given)).expect(201)
    expect([given, (await app.auth.sessions.list(body.user.id))[0]?.ip]).toEqual([given, ip])
    expect((await app.auth.audit.query({ userId: body.user.id })).data.map((row) => row.ip)).toEqual([ip])
    const req = { ip: given, get: () => 'a\u0000b'.repeat(5000) }
    const made = await app.auth.sessions.create(body.user.id, { req })
    const [row] = (await app.auth.sessions.list(body.user.id)).filter(({ id }) => id === made.session.id)
    expect([row?.ip, row?.userAgent?.slice(0, 4), row?.userAgent?.length]).toEqual([ip, 'abab', 512])
  }
  const limited = await makeApp({ ...trusting, options: { limits: { 'POST /login': { max: 1, per: '1m' } } } })
  const attempt = (ip: string) => limited.call('post', '/auth/login', { ...login, email: freshEmail() }, from(ip))
  await attempt('::ffff:c633:6407').expect(401)
  await attempt('198.51.100.7:1234').expect(429)
  await attempt('nonsense').expect(401)
  await attempt('other nonsense').expect(429)
})

test('R-035: without trust proxy a forged X-Forwarded-For changes no bucket', async () => {
  const app = await makeApp({ options: { limits: { 'POST /login': { max: 2, per: '1m' } } } })
  const statuses: number[] = []
  for (let i = 0; i < 4; i++) statuses.push((await app.call('post', '/auth/login', { ...login, email: freshEmail() }, from(`203.0.113.${i}`))).status)
  expect(statuses).toEqual([401, 401, 429, 429])
})

test('R-030: an account has its own limit, however many addresses ask', async () => {
  const app = await makeApp({ ...trusting, options: { limits, lockout: { enabled: false } } })
  const statuses: number[] = []
  for (let i = 0; i < 62; i++) statuses.push((await app.call('post', '/auth/login', login, from(`10.0.0.${i}`))).status)
  expect(statuses.slice(-2)).toEqual([429, 429])
})

test('R-200: a limit that is exceeded is reported once for its window', async () => {
  const app = await makeApp({ options: { limits: { 'POST /login': { max: 1, per: '1m' } } } })
  for (let i = 0; i < 5; i++) await app.call('post', '/auth/login', login)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(app.events.filter(({ name }) => name === 'limit.exceeded')).toHaveLength(1)
  const { data } = await app.auth.audit.query({ event: 'limit.exceeded' })
  expect(data.filter(({ data }) => (data as { route: string }).route === 'POST /login').length).toBeGreaterThan(0)
})

test("limits.store 'database' counts for all processes, exactly", async () => {
  const options = { limits: { store: 'database', 'POST /refresh': { max: 10, per: '1m' } } } as const
  const one = await makeApp({ options })
  const other = await makeApp({ options, clock: one.clock })
  const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => (i % 2 ? one : other).call('post', '/auth/refresh', { refreshToken: 'x' })))
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(10)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(20)
  one.clock.advance(61)
  await one.call('post', '/auth/refresh', { refreshToken: 'x' }).expect(401)
})

test('a success elsewhere does not reset a limit (R-032)', async () => {
  const app = await makeApp({ options: { limits: { 'POST /login': { max: 3, per: '1m' } } } })
  const { user, accessToken } = await signUp(app)
  for (let i = 0; i < 2; i++) await app.call('post', '/auth/login', { email: user.email, password: 'wrong' }).expect(401)
  await app.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)
  await app.call('get', '/auth/me', undefined, bearer(accessToken)).expect(200)
  await app.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(429)
})

test('limits.enabled false switches them off', async () => {
  const app = await makeApp({ options: { limits: { enabled: false, 'POST /login': { max: 1, per: '1m' } }, lockout: { enabled: false } } })
  for (let i = 0; i < 4; i++) await app.call('post', '/auth/login', login).expect(401)
})
