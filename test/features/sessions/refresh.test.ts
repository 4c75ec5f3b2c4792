import { cookieHeader, cookiesOf } from '../../support/federated.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { alone } from '../../support/two-processes.ts'

let app: TestApp
beforeAll(async () => {
  app = await makeApp()
})
const refresh = (refreshToken: unknown) => app.call('post', '/auth/refresh', { refreshToken })

test('R-101, F-08: 50 refreshes of one token at once give one successor, and every client can go on with it', async () => {
  const { refreshToken, session } = await signUp(app)
  const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(refreshToken)))
  expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200))
  const successors = new Set(answers.map(({ body }) => body.refreshToken))
  expect(successors.size).toBe(1)
  const [successor] = [...successors]
  await refresh(successor).expect(200)
  expect(app.events.filter(({ name, event }) => name === 'session.reuse_detected' && event.sessionId === session.id)).toEqual([])
  const row = await app.prisma.authSession.findUniqueOrThrow({ where: { id: session.id } })
  expect(row.generation).toBe(3)
})

test('F-08: two tabs that share a cookie jar and race for many rounds are never signed out', async () => {
  let kept = (await signUp(app)).refreshToken
  for (let round = 0; round < 25; round++) {
    const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(kept)))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    kept = answers[round % 6]!.body.refreshToken
    app.clock.advance(1)
  }
})

test('F-08: a retry after a lost answer gets the same successor within the grace', async () => {
  const { refreshToken } = await signUp(app)
  const lost = await refresh(refreshToken).expect(200)
  app.clock.advance(9)
  const again = await refresh(refreshToken).expect(200)
  expect(again.body.refreshToken).toBe(lost.body.refreshToken)
})

test('R-100: a refresh token used again after the grace ends the session and is reported', async () => {
  const { refreshToken, session, user } = await signUp(app)
  const next = await refresh(refreshToken).expect(200)
  app.clock.advance(11)
  expect((await refresh(refreshToken).expect(401)).body.code).toBe('REFRESH_TOKEN_REUSED')
  expect((await refresh(next.body.refreshToken).expect(401)).body.code).toBe('REFRESH_TOKEN_INVALID')
  expect((await app.call('get', '/private', undefined, bearer(next.body.accessToken)).expect(401)).body.code).toBe('SESSION_REVOKED')
  expect(app.events.find(({ name, event }) => name === 'session.reuse_detected' && event.sessionId === session.id)).toBeDefined()
  const { data } = await app.auth.audit.query({ userId: user.id, event: 'session.reuse_detected' })
  expect(data).toMatchObject([{ outcome: 'denied', sessionId: session.id }])
})

test('R-100: the token before the last is theft even within the grace', async () => {
  const { refreshToken: first } = await signUp(app)
  const second = (await refresh(first).expect(200)).body.refreshToken
  const third = (await refresh(second).expect(200)).body.refreshToken
  expect((await refresh(first).expect(401)).body.code).toBe('REFRESH_TOKEN_REUSED')
  await refresh(third).expect(401)
})

test('R-102: a revoke and refreshes at the same moment never leave a live token', async () => {
  for (let round = 0; round < 5; round++) {
    const { refreshToken, session } = await signUp(app)
    const [answers] = await Promise.all([Promise.all(Array.from({ length: 8 }, () => refresh(refreshToken))), app.auth.sessions.revoke(session.id)])
    const live = answers.find(({ status }) => status === 200)
    await refresh(live?.body.refreshToken ?? refreshToken).expect(401)
  }
})

test('garbage is refused without a query, whatever its shape (R-103)', async () => {
  const { accessToken, refreshToken } = await signUp(app)
  app.statements()
  const tampered = `${refreshToken.slice(0, -2)}${refreshToken.endsWith('AA') ? 'BB' : 'AA'}`
  for (const token of ['x', 'lkr_', 'a'.repeat(256), accessToken.slice(0, 200), tampered, `${refreshToken}A`]) {
    expect((await refresh(token).expect(401)).body.code).toBe('REFRESH_TOKEN_INVALID')
  }
  expect(app.statements()).toEqual([])
  for (const token of [1, {}, [], ['a'], null, 'a'.repeat(5000), 'a\0b']) await refresh(token).expect(422)
  await app.call('post', `/auth/refresh?refreshToken=${refreshToken}`, {}).expect(401)
  await app.call('get', '/private', undefined, bearer(refreshToken)).expect(401)
})

test('a refresh takes at most three statements', async () => {
  const { refreshToken } = await signUp(app)
  app.statements()
  await refresh(refreshToken).expect(200)
  expect(app.statements().length).toBeLessThanOrEqual(3)
})

alone('a refresh takes two statements where the roles are known', async () => {
  const own = await makeApp()
  const { accessToken, refreshToken } = await signUp(own)
  await own.call('get', '/private', undefined, bearer(accessToken)).expect(200)
  const next = await own.call('post', '/auth/refresh', { refreshToken }).expect(200)
  own.statements()
  await own.call('post', '/auth/refresh', { refreshToken: next.body.refreshToken }).expect(200)
  expect(own.statements()).toHaveLength(2)
})

test.each(['bearer', 'cookie'] as const)('F-08: claims that cannot be signed, or are too long, cost no client its token (%s)', async (transport) => {
  let claims: () => Record<string, string> = () => ({})
  const own = await makeApp({ options: { hooks: { 'token.claims': () => claims() } } })
  const headers = { 'x-auth-transport': transport }
  const up = await own.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }, headers).expect(201)
  const { refreshToken } = up.body
  const again = () => own.call('post', '/auth/refresh', { refreshToken }, { ...headers, ...cookieHeader(cookiesOf(up)) })
  const throws = () => {
    throw new Error('broken')
  }
  for (claims of [throws, () => ({ all: 'x'.repeat(transport === 'cookie' ? 3000 : 7000) })]) {
    await again().expect(500)
    own.clock.advance(60)
  }
  claims = () => ({})
  await again().expect(200)
})

test('R-074: however often it is used, a session ends at its longest life', async () => {
  const own = await makeApp({ options: { sessions: { ttl: '2h', idleTtl: '30m' } } })
  let { refreshToken, session } = await signUp(own)
  const end = new Date(session.expiresAt).getTime()
  expect(end - own.clock.now().getTime()).toBe(30 * 60 * 1000)
  for (let minutes = 0; minutes < 120; minutes += 20) {
    const answer = await own.call('post', '/auth/refresh', { refreshToken }).expect(200)
    refreshToken = answer.body.refreshToken
    own.clock.advance(20 * 60)
  }
  expect((await own.call('post', '/auth/refresh', { refreshToken }).expect(401)).body.code).toBe('REFRESH_TOKEN_EXPIRED')
})

test('R-074, R-062: a session that rests too long ends exactly then', async () => {
  const own = await makeApp({ options: { sessions: { idleTtl: '30m' } } })
  const one = await signUp(own)
  const other = await signUp(own)
  own.clock.advance(30 * 60 - 1)
  await own.call('post', '/auth/refresh', { refreshToken: one.refreshToken }).expect(200)
  own.clock.advance(1)
  expect((await own.call('post', '/auth/refresh', { refreshToken: other.refreshToken }).expect(401)).body.code).toBe('REFRESH_TOKEN_EXPIRED')
})

test('an access token never outlives its session', async () => {
  const own = await makeApp({ options: { sessions: { ttl: 300 } } })
  const { expiresIn } = await signUp(own)
  expect(expiresIn).toBe(300)
})

test('a remembered session may live longer (sessions.rememberTtl)', async () => {
  const own = await makeApp({ options: { sessions: { ttl: '1h', rememberTtl: '90d' } } })
  const remembered = await signUp(own, { rememberMe: true })
  const brief = await signUp(own, { rememberMe: false })
  const hours = (expiresAt: string) => (new Date(expiresAt).getTime() - own.clock.now().getTime()) / 3_600_000
  expect(hours(remembered.session.expiresAt)).toBe(90 * 24)
  expect(hours(brief.session.expiresAt)).toBe(1)
})

test('sessions.refreshGrace 0 allows no repetition', async () => {
  const own = await makeApp({ options: { sessions: { refreshGrace: 0 } } })
  const { refreshToken } = await signUp(own)
  await own.call('post', '/auth/refresh', { refreshToken }).expect(200)
  own.clock.advance(1)
  expect((await own.call('post', '/auth/refresh', { refreshToken }).expect(401)).body.code).toBe('REFRESH_TOKEN_REUSED')
})

test('a refresh token made under an older secret goes on working while both are listed', async () => {
  const { refreshToken } = await signUp(app)
  const rotated = await makeApp({
    clock: app.clock,
    options: { secret: ['another-test-only-secret-another-test-only', 'test-only-secret-test-only-secret-0001'] },
  })
  const answer = await rotated.call('post', '/auth/refresh', { refreshToken }).expect(200)
  const alone = await makeApp({ clock: app.clock, options: { secret: 'another-test-only-secret-another-test-only' } })
  await alone.call('post', '/auth/refresh', { refreshToken: answer.body.refreshToken }).expect(200)
  await alone.call('post', '/auth/refresh', { refreshToken }).expect(401)
})
