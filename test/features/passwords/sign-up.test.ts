import { z } from 'zod'
import { AuthError } from '../../../src/index.ts'
import type { JsonObject } from '../../../src/json.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await makeApp({ options: { identifiers: { email: true, phone: true, username: true } } })
})
const signup = (body: object) => app.call('post', '/auth/signup', body)

test('F-09: 50 sign-ups with one address at once give one user, one session, and no 500', async () => {
  const email = freshEmail()
  const answers = await Promise.all(Array.from({ length: 50 }, () => signup({ email, password: PASSWORD })))
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter((status) => status === 201)).toHaveLength(1)
  expect(new Set(statuses)).toEqual(new Set([201, 409]))
  const users = await app.prisma.authUser.findMany({ where: { email }, include: { sessions: true } })
  expect(users).toHaveLength(1)
  expect(users[0]!.sessions).toHaveLength(1)
  expect(await app.prisma.authAuditLog.count({ where: { event: 'user.registered', userId: users[0]!.id } })).toBe(1)
})

test('a sign-up takes at most eight statements and writes user, session and audit row as one', async () => {
  const app = await makeApp({ options: { mailer: undefined } })
  await signUp(app)
  app.statements()
  await signUp(app)
  expect(app.statements().length).toBeLessThanOrEqual(8)
})

test('email, phone and username in one sign-up, each canonical and each a way to sign in', async () => {
  const email = freshEmail()
  const { body } = await signup({ email: ` ${email.toUpperCase()} `, phone: '+31 6 1234 5678', username: 'Ada.Lovelace', password: PASSWORD }).expect(201)
  expect(body.user).toMatchObject({ email, phone: '+31612345678', username: 'ada.lovelace' })
  for (const identifier of [{ email }, { phone: '+31 (0)6 12345678' }, { username: 'ADA.lovelace' }]) {
    await app.call('post', '/auth/login', { ...identifier, password: PASSWORD }).expect(200)
  }
  expect((await signup({ email: freshEmail(), phone: '+31612345678', password: PASSWORD })).body.code).toBe('PHONE_TAKEN')
  expect((await signup({ email: freshEmail(), username: 'ada.lovelace', password: PASSWORD })).body.code).toBe('USERNAME_TAKEN')
  expect((await signup({ email, username: 'someone.else', password: PASSWORD })).body.code).toBe('EMAIL_TAKEN')
})

test('regression 16: addresses are matched exactly; _ and % are literals', async () => {
  await signup({ email: 'acb@match.example', password: PASSWORD }).expect(201)
  for (const email of ['a_b@match.example', '%@match.example']) await app.call('post', '/auth/login', { email, password: PASSWORD }).expect(401)
  await signup({ email: 'a_b@match.example', password: PASSWORD }).expect(201)
  await signup({ email: 'josé@match.example', password: PASSWORD }).expect(201)
  await app.call('post', '/auth/login', { email: 'jose@match.example', password: PASSWORD }).expect(401)
  expect(await app.auth.users.findByEmail('jose@match.example')).toBeNull()
})

test.each([
  ['no address', {}],
  ['no domain', { email: 'ada' }],
  ['two at signs', { email: 'a@b@example.com' }],
  ['a line break', { email: 'ada@example.com\r\nBcc: x@example.com' }],
  ['a compatibility form', { email: 'ﬁ@example.com' }],
  ['a NUL', { email: 'a\0@example.com' }],
  ['too long', { email: `${'a'.repeat(250)}@example.com` }],
  ['no phone number', { phone: '12' }],
  ['a phone without its country', { phone: '0612345678' }],
  ['a short username', { username: 'ab' }],
  ['a username with a space', { username: 'ada lovelace' }],
])('an identifier that is none is 422: %s', async (_name, body) => {
  const answer = await signup({ ...body, password: PASSWORD })
  expect([answer.status, answer.body.code]).toEqual([422, 'VALIDATION_FAILED'])
  expect(answer.body.errors[0]).toMatchObject({ path: expect.any(String), message: expect.any(String) })
})

test('R-171: the columns of a user are not fields of a sign-up', async () => {
  const email = freshEmail()
  const attempt = {
    role: 'admin',
    isAdmin: true,
    emailVerified: true,
    emailVerifiedAt: '2020-01-01',
    mfaEnabled: true,
    tenantId: 't',
    id: 'x',
    createdAt: '2020-01-01',
    passwordHash: 'x',
    permissions: ['*'],
    status: 'suspended',
    metadata: { a: 1 },
    roles: ['admin'],
    failedLogins: 99,
  }
  await signup({ email, password: PASSWORD, ...attempt }).expect(201)
  const row = await app.prisma.authUser.findFirstOrThrow({ where: { email } })
  expect(row).toMatchObject({ emailVerifiedAt: null, mfaEnabled: false, realm: '', status: 'active', metadata: null, failedLogins: 0 })
  expect(row.id).not.toBe('x')
  expect(row.passwordHash).toMatch(/^\$argon2id\$/)
})

test('other fields reach hooks and events, checked by signup.fields', async () => {
  const own = await makeApp({
    options: {
      signup: { fields: z.object({ company: z.string().max(10) }) },
      hooks: { 'signup.before': ({ extra }) => void seen.push(extra), 'signup.after': ({ user }) => void seen.push(user.email) },
    },
  })
  const seen: unknown[] = []
  const { user } = await signUp(own, { company: 'Acme' })
  expect(seen).toEqual([{ company: 'Acme' }, user.email])
  await new Promise(setImmediate)
  expect(own.events.find(({ name }) => name === 'user.registered')?.event).toMatchObject({ userId: user.id, extra: { company: 'Acme' } })
  const refused = await own.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, company: 'far too long a name' })
  expect([refused.status, refused.body.errors[0].path]).toEqual([422, 'company'])
})

test('a hook may change the address, veto with its own code, and a veto leaves no row', async () => {
  const own = await makeApp({
    options: {
      hooks: {
        'signup.before': (input) => ({ ...input, email: input.email?.replace('+tag', '') }),
        'user.afterCreate': (user) => {
          if (user.email?.startsWith('veto')) throw new AuthError('NOT_ON_THE_LIST', { detail: 'Ask for an invitation.' })
        },
      },
    },
  })
  const { user } = await signUp(own, { email: 'hook+tag@example.com' })
  expect(user.email).toBe('hook@example.com')
  const veto = await own.call('post', '/auth/signup', { email: 'veto@example.com', password: PASSWORD })
  expect([veto.status, veto.body.code, veto.body.detail]).toEqual([403, 'NOT_ON_THE_LIST', 'Ask for an invitation.'])
  expect(await own.auth.users.findByEmail('veto@example.com')).toBeNull()
  await new Promise(setImmediate)
  expect(own.events.filter(({ name }) => name === 'user.registered')).toHaveLength(1)
})

test('R-170, signup.enabled: a sign-up that is switched off is no route', async () => {
  const own = await makeApp({ options: { signup: { enabled: false } } })
  const answer = await own.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD })
  expect([answer.status, answer.body.code]).toEqual([404, 'FEATURE_DISABLED'])
})

test('signup.autoLogin false makes the account and no session', async () => {
  const own = await makeApp({ options: { signup: { autoLogin: false } } })
  const { body } = await own.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }).expect(201)
  expect(Object.keys(body)).toEqual(['status', 'user'])
  expect(await own.auth.sessions.list(body.user.id)).toEqual([])
})

test('regression 11: however a form repeats the password, it reaches no event and no hook', async () => {
  const heard: unknown[] = []
  const own = await makeApp({
    options: {
      hooks: {
        'signup.before': (input) => void heard.push(input),
        'signup.after': (input) => void heard.push(input),
      },
    },
  })
  const repeated = {
    confirmPassword: PASSWORD,
    password_confirmation: 'mistyped secret',
    again: PASSWORD,
    form: { passwd: 'x', twice: PASSWORD, colour: 'red' },
    list: [PASSWORD, { password: PASSWORD }, 1],
    passwordless: false,
  }
  await own.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, team: 'blue', ...repeated }).expect(201)
  expect(heard).toHaveLength(2)
  expect(heard[0]).toMatchObject({ extra: { team: 'blue', form: { colour: 'red' }, list: [{}, 1], passwordless: false } })
  expect(JSON.stringify([heard, own.events])).not.toMatch(/correct horse|mistyped secret|passwd|password"/)
})

test('A11: /config tells a form which fields the app asks for at sign-up', async () => {
  const fieldsOf = async (fields?: unknown) => {
    const own = await makeApp({ options: fields ? { signup: { fields: fields as z.ZodType<object> } } : {} })
    return (await own.call('get', '/auth/config').expect(200)).body.signup.fields
  }
  expect(await fieldsOf()).toBeNull()
  expect(await fieldsOf(z.object({ team: z.string().describe('Your team'), size: z.int().optional() }))).toMatchObject({
    type: 'object',
    properties: { team: { type: 'string', description: 'Your team' }, size: { type: 'integer' } },
    required: ['team'],
  })
  expect(await fieldsOf(z.object({ when: z.date() }))).toBeNull()
  expect(await fieldsOf({ safeParseAsync: async (data: object) => ({ success: true, data }) })).toBeNull()
})

describe('the password policy', () => {
  test.each([
    ['R-001', 'seven78', 'too_short'],
    ['R-001 in code points', '😀'.repeat(7), 'too_short'],
    ['R-002', 'x'.repeat(129), 'too_long'],
    ['R-006', 'passwordpassword', 'common'],
    ['R-006', 'qwertyuiopasdfghjkl', 'common'],
    ['R-006', 'Iloveyou', 'common'],
    ['R-007', 'policy.person99', 'contains_identifier'],
  ])('%s: %s is refused as %s', async (_id, password, reason) => {
    const { status, body } = await signup({ email: 'policy.person@example.com', password })
    expect([status, body.code]).toEqual([422, 'PASSWORD_TOO_WEAK'])
    expect(body.reasons).toEqual([{ code: reason, message: expect.any(String) }])
  })

  test.each([
    ['R-001: eight emoji', '😀🎉🚀🌍🔥🐙🍕🎸'],
    ['R-002: 64 characters with spaces', 'a b'.repeat(21) + 'x'],
    ['R-002: 128 characters', 'ab'.repeat(40).slice(0, 63) + 'cd '.repeat(40).slice(0, 65)],
    ['R-005: fifteen lower-case letters', 'vexingquokkabed'],
    ['R-006: a common word and another', 'sunshine quokka'],
    ['R-006: a common word in a sentence', 'my password is 12345678'],
    ['R-006: a common word within a password, which is compared whole (NIST SP 800-63B-4)', 'Password123!'],
    ['R-006: words that only begin like a common one', 'passwordless123'],
  ])('%s is accepted and signs in', async (_name, password) => {
    const email = freshEmail()
    await signup({ email, password }).expect(201)
    await app.call('post', '/auth/login', { email, password }).expect(200)
  })

  test('R-007: what the tenant is called is no password either', async () => {
    const own = await makeApp({ options: { tenants: { mode: 'shared', selfService: true, openSignup: true } } })
    const newTenant = { name: 'Blue Whale', slug: `moby-dick-${process.pid}` }
    for (const password of ['bluewhale99', '1 blue whale', newTenant.slug]) {
      const { body } = await own.call('post', '/auth/signup', { email: freshEmail(), password, newTenant }).expect(422)
      expect(body.reasons).toMatchObject([{ code: 'contains_identifier' }])
    }
    await own.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, newTenant }).expect(201)
    const { body } = await own.call('post', '/auth/signup', { email: freshEmail(), password: 'bluewhale99', tenant: newTenant.slug }).expect(422)
    expect(body.reasons).toMatchObject([{ code: 'contains_identifier' }])
  })

  test('R-007: nor of someone who is in the tenant already, and not what the app is called', async () => {
    const own = await makeApp({ options: { tenants: { mode: 'shared' }, messages: { appName: 'Humpback Hq' } } })
    const user = await own.auth.users.create({ email: freshEmail(), password: PASSWORD })
    await own.auth.tenants.create({ name: 'Blue Whale', ownerId: user.id })
    const token = (await own.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)).body.accessToken
    for (const newPassword of ['bluewhale99', 'Blue Whale 1', 'humpbackhq1', 'Humpback Hq 22']) {
      const { body } = await own.call('post', '/auth/change-password', { currentPassword: PASSWORD, newPassword }, bearer(token)).expect(422)
      expect(body.reasons).toMatchObject([{ code: 'contains_identifier' }])
      await expect(own.auth.users.setPassword(user.id, newPassword)).rejects.toMatchObject({ code: 'PASSWORD_TOO_WEAK' })
    }
    await own.call('post', '/auth/signup', { email: freshEmail(), password: 'humpbackhq2026' }).expect(422)
    await own.call('post', '/auth/change-password', { currentPassword: PASSWORD, newPassword: 'bluewhale beside the quay' }, bearer(token)).expect(204)
  })

  test('R-003, R-004: nothing is cut, trimmed or folded, and NFC makes two spellings one', async () => {
    const email = freshEmail()
    const password = 'Caf\u00e9 au lait and 72 bytes are not the end of it, not by a long way at all ok'
    await signup({ email, password }).expect(201)
    const tries = [`${password}x`, password.slice(0, -1), password.toLowerCase(), ` ${password}`, `${password} `, password.slice(0, 72)]
    for (const wrong of tries) await app.call('post', '/auth/login', { email, password: wrong }).expect(401)
    await app.call('post', '/auth/login', { email, password: `${password}\0x` }).expect(422)
    await app.call('post', '/auth/login', { email, password: password.replace('\u00e9', 'e\u0301') }).expect(200)
    const ligature = freshEmail()
    await signup({ email: ligature, password: 'ﬁne words here' }).expect(201)
    await app.call('post', '/auth/login', { email: ligature, password: 'fine words here' }).expect(401)
  })

  test('password.minLength, common and containsIdentifier are options, and the app may judge for itself', async () => {
    const strict = await makeApp({ options: { password: { minLength: 15 } } })
    await strict.call('post', '/auth/signup', { email: freshEmail(), password: 'fourteen chars' }).expect(422)
    await strict.call('post', '/auth/signup', { email: freshEmail(), password: 'fifteen chars !' }).expect(201)
    const lax = await makeApp({ options: { password: { common: false, containsIdentifier: false } } })
    await lax.call('post', '/auth/signup', { email: 'lax.person@example.com', password: 'lax.person' }).expect(201)
    await lax.call('post', '/auth/signup', { email: freshEmail(), password: 'passwordpassword' }).expect(201)
    const judge = await makeApp({
      options: {
        hooks: {
          'password.validate': ({ password }) => {
            if (password.includes('!')) throw new AuthError('PASSWORD_TOO_WEAK', { detail: 'No exclamations.' })
          },
        },
      },
    })
    expect((await judge.call('post', '/auth/signup', { email: freshEmail(), password: 'hooray hooray!' })).body.detail).toBe('No exclamations.')
  })
})

test('R-012: a password of a megabyte is refused before it is hashed', async () => {
  const answer = await signup({ email: freshEmail(), password: 'x'.repeat(1_000_000) })
  expect([answer.status, answer.body.code]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
  await signup({ email: freshEmail(), password: 'x'.repeat(2000) }).expect(422)
})

test('R-009: hashes are argon2id at the OWASP minimum with their own salts', async () => {
  const own = await makeApp({ options: { password: { allowWeakHash: false, argon2: {} } } })
  const [one, other] = [await signUp(own), await signUp(own)]
  const rows = await own.prisma.authUser.findMany({ where: { id: { in: [one.user.id, other.user.id] } } })
  for (const { passwordHash } of rows) {
    const [, m, t, p, salt, tag] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([^$]+)\$([^$]+)$/.exec(passwordHash!)!
    expect([Number(m) >= 19456, Number(t) >= 2, Number(p) >= 1]).toEqual([true, true, true])
    expect(Buffer.from(salt!, 'base64').length).toBeGreaterThanOrEqual(16)
    expect(Buffer.from(tag!, 'base64').length).toBeGreaterThanOrEqual(32)
  }
  expect(rows[0]!.passwordHash).not.toBe(rows[1]!.passwordHash)
})

test('the same transaction: when the session cannot be written, there is no user either', async () => {
  const own = await makeApp({
    options: {
      hooks: {
        'session.created': () => {
          throw new Error('the app broke')
        },
      },
    },
  })
  const email = freshEmail()
  const answer = await own.call('post', '/auth/signup', { email, password: PASSWORD })
  expect([answer.status, answer.body.code]).toEqual([500, 'INTERNAL_ERROR'])
  expect(JSON.stringify(answer.body)).not.toMatch(/broke|at /)
  expect(own.logs.some(({ level }) => level === 'error')).toBe(true)
  expect(await own.auth.users.findByEmail(email)).toBeNull()
  expect(await own.prisma.authAuditLog.count({ where: { event: 'user.registered', userId: { not: null }, data: { equals: email } } })).toBe(0)
  await signUp(app, { email })
})

test('custom claims and session data come from hooks; reserved claims are refused', async () => {
  const own = await makeApp({
    options: {
      hooks: { 'token.claims': ({ user, roles }) => ({ plan: 'pro', mail: user.email, n: roles.length }), 'user.sessionData': () => ({ theme: 'dark' }) },
    },
  })
  const up = await signUp(own)
  const { body } = await own.call('get', '/private', undefined, bearer(up.accessToken)).expect(200)
  expect(body.claims).toMatchObject({ plan: 'pro', mail: up.user.email, n: 0 })
  const refreshed = await own.call('post', '/auth/refresh', { refreshToken: up.refreshToken }).expect(200)
  expect(refreshed.body.session.data).toEqual({ theme: 'dark' })
  // A token of over 8192 characters is refused wherever it is shown, so none is made.
  const tooMuch: JsonObject[] = [{ roles: ['admin'] }, { all: 'x'.repeat(8000) }, ['admin'] as never]
  for (const claims of tooMuch) {
    const greedy = await makeApp({ options: { hooks: { 'token.claims': () => claims } } })
    const email = freshEmail()
    await greedy.call('post', '/auth/signup', { email, password: PASSWORD }).expect(500)
    expect(await greedy.auth.users.findByEmail(email)).toBeNull()
  }
})

describe('R-021: with emailVerification.required a sign-up answers the same whether its address is known or not', () => {
  let own: TestApp
  beforeAll(async () => {
    own = await makeApp({
      options: {
        emailVerification: { required: true },
        identifiers: { email: true, phone: true, username: true },
        tenants: { mode: 'shared', openSignup: true, maxMembers: ({ metadata }) => Number(metadata.seats ?? 100) },
      },
    })
  })
  let count = 0
  const known = async (more: object = {}) => {
    const email = freshEmail()
    await own.auth.users.create({ email, password: PASSWORD, emailVerified: true, ...more })
    return email
  }
  /** What a known and an unknown address are answered with. */
  async function answersTo(body: object) {
    const answers = []
    for (const email of [await known(), freshEmail()]) {
      const { status, body: answer, headers } = await own.call('post', '/auth/signup', { password: PASSWORD, ...body, email })
      answers.push({ status, answer, cookies: headers['set-cookie'] })
    }
    expect(answers[0]).toEqual(answers[1])
    return answers[0]!
  }
  const tenantOf = (seats: number, ownerId?: string) =>
    own.auth.tenants.create({ name: 'Team', slug: `alike-${process.pid}-${++count}`, metadata: { seats }, ...(ownerId !== undefined && { ownerId }) })

  test('beside a username or phone number that is taken, or not', async () => {
    await known({ username: 'alike.taken', phone: '+31612340001' })
    for (const body of [{ username: 'alike.taken' }, { username: 'alike.taken', phone: '+31612340002' }])
      expect(await answersTo(body)).toMatchObject({ status: 409, answer: { code: 'USERNAME_TAKEN' } })
    for (const body of [{ phone: '+31612340001' }, { phone: '+31612340001', username: 'alike.taken' }])
      expect(await answersTo(body)).toMatchObject({ status: 409, answer: { code: 'PHONE_TAKEN' } })
    expect(await answersTo({})).toMatchObject({ status: 202, answer: { status: 'verification_required' } })
  })

  test('into a tenant with or without a place', async () => {
    const owner = await own.auth.users.create({ email: freshEmail() })
    const [full, roomy] = [await tenantOf(1, owner.id), await tenantOf(2, owner.id)]
    expect(await answersTo({ tenant: full.slug })).toMatchObject({ status: 409, answer: { code: 'SEATS_TAKEN' } })
    expect(await answersTo({ tenant: roomy.slug })).toMatchObject({ status: 202 })
    expect((await own.auth.memberships.list(full.id)).data).toHaveLength(1)
    await known({ username: 'alike.seated' })
    expect(await answersTo({ tenant: full.slug, username: 'alike.seated' })).toMatchObject({ answer: { code: 'USERNAME_TAKEN' } })
  })

  test('with an invitation to a phone number, which says nothing of the address', async () => {
    const owner = await own.auth.users.create({ email: freshEmail() })
    const [full, roomy] = [await tenantOf(1, owner.id), await tenantOf(5, owner.id)]
    let digits = 10
    const invited = async (tenantId: string, email: string, more: object = {}) => {
      const phone = `+316123411${++digits}`
      const role = await own.auth.roles.create({ name: `alike-${process.pid}-${++count}`, tenantId })
      const { token } = await own.auth.invitations.create({ tenantId, phone, roles: [role.name], ...more })
      return { sign: () => own.call('post', '/auth/signup', { email, phone, password: PASSWORD, invitation: token }), role }
    }
    for (const email of [await known(), freshEmail()]) {
      const { sign, role } = await invited(roomy.id, email)
      await own.auth.roles.delete(role.id)
      expect((await sign().expect(410)).body.code).toBe('INVITATION_INVALID')
      expect((await (await invited(roomy.id, email, { invitedById: owner.id })).sign().expect(202)).body).toEqual({ status: 'verification_required' })
    }
    for (const email of [await known(), freshEmail()]) {
      const { sign } = await invited(full.id, email)
      expect((await sign().expect(409)).body.code).toBe('SEATS_TAKEN')
      await own.auth.tenants.suspend(full.id)
      expect((await sign().expect(403)).body.code).toBe('TENANT_SUSPENDED')
      await own.auth.tenants.reactivate(full.id)
      const inviter = await own.auth.users.create({ email: freshEmail() })
      await own.auth.memberships.add({ userId: inviter.id, tenantId: roomy.id, roles: ['owner'] })
      const { sign: late } = await invited(roomy.id, email, { invitedById: inviter.id })
      await own.auth.memberships.remove({ userId: inviter.id, tenantId: roomy.id })
      expect((await late().expect(410)).body.code).toBe('INVITATION_INVALID')
    }
    const address = await known()
    const { token } = await own.auth.invitations.create({ tenantId: roomy.id, email: address })
    const told = await own.call('post', '/auth/signup', { email: address, password: PASSWORD, invitation: token }).expect(409)
    expect(told.body.code).toBe('EMAIL_TAKEN')
  })
})
