import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { hash as argon2 } from 'argon2'
import { hash as bcrypt } from 'bcryptjs'
import { AuthError } from '../../../src/index.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { isDoubled } from '../../support/two-processes.ts'

let app: TestApp
beforeAll(async () => {
  app = await makeApp()
})
const login = (body: object, on = app) => on.call('post', '/auth/login', body)

test('R-020, regression 12: unknown address, wrong password, no password and suspended look alike', async () => {
  const wrong = await signUp(app)
  const suspended = await signUp(app)
  await app.auth.users.suspend(suspended.user.id)
  const withoutPassword = await app.auth.users.create({ email: freshEmail() })
  const answers = await Promise.all(
    [freshEmail(), wrong.user.email, suspended.user.email, withoutPassword.email!].map((email) => login({ email, password: 'not the password' })),
  )
  const shapes = answers.map(({ status, body, headers }) => ({ status, body, headers: Object.keys(headers).sort(), length: headers['content-length'] }))
  for (const shape of shapes) expect(shape).toEqual(shapes[0])
  expect(shapes[0]).toMatchObject({ status: 401, body: { code: 'INVALID_CREDENTIALS' } })
  const told = await login({ email: suspended.user.email, password: PASSWORD })
  expect([told.status, told.body.code]).toEqual([403, 'ACCOUNT_SUSPENDED'])
})

test('R-015: an account without a password cannot be entered with an empty one', async () => {
  const { email } = await app.auth.users.create({ email: freshEmail() })
  for (const password of ['', null, undefined]) expect((await login({ email, password })).status).toBe(422)
  await login({ email, password: ' ' }).expect(401)
})

test('a sign-in takes at most eight statements with BEGIN and COMMIT', async () => {
  const app = await makeApp({ options: { mailer: undefined } })
  const { user } = await signUp(app)
  app.statements()
  await app.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)
  expect(app.statements().length).toBeLessThanOrEqual(8)
})

test('R-070, A25: each sign-in is a session of its own, and the time of the last one is kept', async () => {
  const up = await signUp(app)
  expect((await app.auth.users.get(up.user.id))?.lastLoginAt).toEqual(app.clock.now())
  app.clock.advance(60)
  const { body } = await login({ email: up.user.email, password: PASSWORD }).expect(200)
  expect(body.session.id).not.toBe(up.session.id)
  expect((await app.auth.users.get(up.user.id))?.lastLoginAt).toEqual(app.clock.now())
  expect(body.session.amr).toEqual(['pwd'])
})

describe('R-200: each sign-in that is refused leaves word of it, with the true reason', () => {
  const veto = () => {
    throw new AuthError('NOT_TODAY', { status: 403 })
  }
  test.each([
    ['login.before', {}, 'NOT_TODAY', 'not_today', false],
    ['login.after', {}, 'NOT_TODAY', 'not_today', true],
    ['an address that is not verified', { emailVerification: { required: true } }, 'EMAIL_NOT_VERIFIED', 'email_not_verified', true],
  ])('%s', async (name, options, code, reason, isKnown) => {
    const hooks = name.startsWith('login.') ? { hooks: { [name]: veto } } : {}
    const own = await makeApp({ options: { ...options, ...hooks } })
    const user = await own.auth.users.create({ email: freshEmail(), password: PASSWORD })
    expect((await login({ email: user.email, password: PASSWORD }, own).expect(403)).body.code).toBe(code)
    const userId = isKnown ? user.id : null
    expect(own.events).toContainEqual({ name: 'login.failed', event: expect.objectContaining({ userId, reason }) })
    const { data } = await own.auth.audit.query({ event: 'login.failed' })
    expect(data).toContainEqual(expect.objectContaining({ userId, outcome: 'failure', data: { reason } }))
  })

  test('an account that is locked: an event, and no row for each', async () => {
    const { user } = await signUp(app)
    for (let i = 0; i < 10; i++) await login({ email: user.email, password: 'wrong' }).expect(401)
    const before = await app.prisma.authAuditLog.count()
    app.events.length = 0
    await login({ email: user.email, password: PASSWORD }).expect(429)
    expect(app.events).toContainEqual({ name: 'login.failed', event: expect.objectContaining({ reason: 'locked' }) })
    expect(await app.prisma.authAuditLog.count()).toBe(before)
  })
})

describe('lockout', () => {
  test('R-030, J5: ten failures lock the account, wherever they come from, and the lock ends by itself', async () => {
    const { user } = await signUp(app)
    for (let i = 0; i < 10; i++) await login({ email: user.email, password: 'wrong' }).expect(401)
    const locked = await login({ email: user.email, password: PASSWORD })
    expect([locked.status, locked.body.code]).toEqual([429, 'TOO_MANY_ATTEMPTS'])
    expect(Number(locked.headers['retry-after'])).toBe(900)
    expect(app.events.filter(({ name, event }) => name === 'user.locked' && event.userId === user.id)).toHaveLength(1)
    app.clock.advance(901)
    await login({ email: user.email, password: PASSWORD }).expect(200)
  })

  test('R-031, R-039: an address that nobody has is locked just the same', async () => {
    const { user } = await signUp(app)
    const unknown = freshEmail()
    const run = async (email: string) => {
      const statuses: unknown[] = []
      for (let i = 0; i < 12; i++) {
        const { status, body, headers } = await login({ email, password: 'wrong' })
        statuses.push([status, body, headers['retry-after']])
      }
      return statuses
    }
    expect(await run(unknown)).toEqual(await run(user.email))
  })

  test('F-24: failures under way in another process do not take the lock off', async () => {
    const [one, two] = [await makeApp(), await makeApp()]
    for (let round = 0; round < 3; round++) {
      const { user } = await signUp(one)
      const attempt = (app: TestApp, password: string) => app.call('post', '/auth/login', { email: user.email, password })
      await Promise.all(Array.from({ length: 30 }, (_, n) => attempt(n % 2 ? one : two, 'wrong')))
      for (const app of [one, two]) expect((await attempt(app, PASSWORD)).body.code).toBe('TOO_MANY_ATTEMPTS')
    }
  })

  test('a burst of wrong passwords at once is compared no oftener than the limit', async () => {
    const { user } = await signUp(app)
    const answers = await Promise.all(Array.from({ length: 50 }, () => login({ email: user.email, password: 'wrong' })))
    // Each process holds a burst to the limit by itself; the lock is the database's.
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(isDoubled ? 20 : 10)
    expect(answers.every(({ status }) => status === 401 || status === 429)).toBe(true)
    expect((await login({ email: user.email, password: PASSWORD })).status).toBe(429)
  })

  test('R-032: a success clears only its own account, and failures outside the window are forgotten', async () => {
    const [victim, attacker] = [await signUp(app), await signUp(app)]
    for (let i = 0; i < 9; i++) await login({ email: victim.user.email, password: 'wrong' }).expect(401)
    await login({ email: attacker.user.email, password: PASSWORD }).expect(200)
    await login({ email: victim.user.email, password: 'wrong' }).expect(401)
    await login({ email: victim.user.email, password: PASSWORD }).expect(429)
    const slow = await signUp(app)
    for (let i = 0; i < 9; i++) await login({ email: slow.user.email, password: 'wrong' }).expect(401)
    app.clock.advance(901)
    for (let i = 0; i < 9; i++) await login({ email: slow.user.email, password: 'wrong' }).expect(401)
    await login({ email: slow.user.email, password: PASSWORD }).expect(200)
  })

  test('users.unlock ends a lock; lockout can be switched off', async () => {
    const { user } = await signUp(app)
    for (let i = 0; i < 10; i++) await login({ email: user.email, password: 'wrong' })
    expect((await app.auth.users.get(user.id))?.lockedUntil).not.toBeNull()
    await app.auth.users.unlock(user.id)
    await login({ email: user.email, password: PASSWORD }).expect(200)
    const open = await makeApp({ options: { lockout: { enabled: false } } })
    for (let i = 0; i < 12; i++) await login({ email: user.email, password: 'wrong' }, open).expect(401)
  })
})

describe('hashes of other systems', () => {
  const own = () =>
    makeApp({
      options: {
        password: {
          verifyLegacy: [
            'bcrypt',
            'scrypt',
            'pbkdf2',
            {
              id: 'rot',
              matches: (hash: string) => hash.startsWith('rot:'),
              verify: (password: string, hash: string) => hash === `rot:${[...password].reverse().join('')}`,
            },
          ],
        },
      },
    })
  const salt = Buffer.from('0123456789abcdef')
  const ab64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '').replaceAll('+', '.')
  const kinds: [string, () => string | Promise<string>][] = [
    ['bcrypt', () => bcrypt(PASSWORD, 4)],
    ['scrypt', () => `$scrypt$ln=10,r=8,p=1$${ab64(salt)}$${ab64(scryptSync(PASSWORD, salt, 32, { N: 1024, r: 8, p: 1 }))}`],
    [
      'scrypt as better-auth keeps it',
      () => `${salt.toString('hex')}:${scryptSync(PASSWORD, salt.toString('hex'), 64, { N: 16384, r: 16, p: 1, maxmem: 64 * 1024 * 1024 }).toString('hex')}`,
    ],
    ['pbkdf2', () => `$pbkdf2-sha256$1000$${ab64(salt)}$${ab64(pbkdf2Sync(PASSWORD, salt, 1000, 32, 'sha256'))}`],
    ["Django's pbkdf2", () => `pbkdf2_sha256$1000$grains$${pbkdf2Sync(PASSWORD, 'grains', 1000, 32, 'sha256').toString('base64')}`],
    ['argon2i', () => argon2(PASSWORD, { type: 1, memoryCost: 64, timeCost: 2 })],
    ["one of the app's own", () => `rot:${[...PASSWORD].reverse().join('')}`],
  ]
  test.each(kinds)('R-010, B-12: %s signs in and is replaced by argon2id', async (_name, make) => {
    const here = await own()
    const { id, email } = await here.auth.users.create({ email: freshEmail(), passwordHash: await make() })
    const hashOf = async () => (await here.prisma.authUser.findUniqueOrThrow({ where: { id } })).passwordHash
    const before = await hashOf()
    await login({ email, password: 'wrong' }, here).expect(401)
    expect(await hashOf()).toBe(before)
    const both = await Promise.all([login({ email, password: PASSWORD }, here), login({ email, password: PASSWORD }, here)])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect(await hashOf()).toMatch(/^\$argon2id\$/)
    await login({ email, password: PASSWORD }, here).expect(200)
  })

  test('a kind that is not switched on, or is no hash at all, is a wrong password', async () => {
    for (const passwordHash of [await bcrypt(PASSWORD, 4), 'nonsense', '$argon2id$v=19$m=999999999,t=1,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNo']) {
      const { id, email } = await app.auth.users.create({ email: freshEmail() })
      await app.prisma.authUser.update({ where: { id }, data: { passwordHash } })
      await login({ email, password: PASSWORD }).expect(401)
    }
  })

  test('R-003: what bcrypt does not look at does not sign in', async () => {
    const here = await own()
    const long = 'x'.repeat(72)
    const { email } = await here.auth.users.create({ email: freshEmail(), passwordHash: await bcrypt(long, 4) })
    await login({ email, password: `${long}y` }, here).expect(401)
    await login({ email, password: long }, here).expect(200)
  })
})

test('R-010: when the parameters rise, a sign-in raises the hash', async () => {
  const { user } = await signUp(app)
  const stronger = await makeApp({ clock: app.clock, options: { password: { argon2: { memoryCost: 128, timeCost: 2 } } } })
  await login({ email: user.email, password: PASSWORD }, stronger).expect(200)
  expect((await app.prisma.authUser.findUniqueOrThrow({ where: { id: user.id } })).passwordHash).toMatch(/m=128,t=2|m=128,p=1,t=2/)
})

test('F-12: more sign-ins than the queue holds are refused before hashing, and the rest succeed', async () => {
  const own = await makeApp({
    options: { password: { maxConcurrent: 1, maxQueue: 3, argon2: { memoryCost: 65536, timeCost: 3 } }, lockout: { enabled: false } },
  })
  const { user } = await signUp(own)
  const answers = await Promise.all(Array.from({ length: 30 }, () => login({ email: user.email, password: PASSWORD }, own)))
  const busy = answers.filter(({ status }) => status === 503)
  expect(busy.length).toBeGreaterThan(5)
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(4)
  expect(busy[0]!.body.code).toBe('BUSY')
  expect(busy[0]!.headers['retry-after']).toBe('1')
  await login({ email: user.email, password: PASSWORD }, own).expect(200)
})

test('sessions.maxPerUser ends the session unused longest', async () => {
  const own = await makeApp({ options: { sessions: { maxPerUser: 2 } } })
  const first = await signUp(own)
  own.clock.advance(1)
  const second = (await login({ email: first.user.email, password: PASSWORD }, own)).body
  own.clock.advance(1)
  const third = (await login({ email: first.user.email, password: PASSWORD }, own)).body
  await own.call('get', '/private', undefined, bearer(first.accessToken)).expect(401)
  await own.call('get', '/private', undefined, bearer(second.accessToken)).expect(200)
  await own.call('get', '/private', undefined, bearer(third.accessToken)).expect(200)
  await new Promise(setImmediate)
  expect(own.events.filter(({ name }) => name === 'session.evicted')).toHaveLength(1)
})

test('R-200: the audit log says who signed in or failed, from where, and why', async () => {
  const up = await signUp(app)
  const headers = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Firefox/130.0', 'x-request-id': 'req-1' }
  await app.call('post', '/auth/login', { email: up.user.email, password: 'wrong' }, headers).expect(401)
  await app.call('post', '/auth/login', { email: up.user.email, password: PASSWORD }, headers).expect(200)
  const { data } = await app.auth.audit.query({ userId: up.user.id })
  expect(data.map(({ event, outcome }) => [event, outcome])).toEqual([
    ['login.succeeded', 'success'],
    ['login.failed', 'failure'],
    ['user.registered', 'success'],
  ])
  expect(data[1]).toMatchObject({ data: { reason: 'wrong_password' }, ip: '127.0.0.1', requestId: 'req-1', userAgent: headers['user-agent'] })
  const silent = await makeApp({ options: { audit: { enabled: false } } })
  const quiet = await signUp(silent)
  expect((await silent.auth.audit.query({ userId: quiet.user.id })).data).toEqual([])
})

test('login hooks see the attempt and may veto it', async () => {
  const seen: unknown[] = []
  const own = await makeApp({
    options: { hooks: { 'login.before': (input) => void seen.push(input), 'login.after': ({ session }) => void seen.push(session.amr) } },
  })
  const { user } = await signUp(own)
  await login({ email: user.email, password: PASSWORD }, own).expect(200)
  expect(seen).toEqual([{ email: user.email }, ['pwd']])
})
