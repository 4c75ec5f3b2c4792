import { type ChildProcess, fork } from 'node:child_process'
import path from 'node:path'
import { firebaseScrypt } from '../../../src/index.ts'
import { provider } from '../../support/databases.ts'
import { bearer, freshEmail, makeApp, ownDatabase, PASSWORD, type TestApp } from '../../support/make-app.ts'

// Firebase's own example (github.com/firebase/scrypt).
const firebase = firebaseScrypt({
  signerKey: 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
  saltSeparator: 'Bw==',
  rounds: 8,
  memCost: 14,
})
const hashes: Record<string, { hash: string; password: string }> = {
  firebase: {
    hash: '$firebase-scrypt$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
    password: 'user1password',
  },
  bcrypt: { hash: '$2b$04$bdZ2vzoQbR2DCzCNqWmIcOCFXzGQzT8zqBsPRJX6FxV1jPcVAkbCS', password: '' },
}

let t: TestApp
beforeAll(async () => {
  const { hash } = await import('bcryptjs')
  hashes.bcrypt = { hash: await hash('from the old system', 4), password: 'from the old system' }
  t = await makeApp({
    options: {
      tenants: { mode: 'shared' },
      identifiers: { email: true, phone: true, username: true },
      password: { verifyLegacy: ['bcrypt', 'pbkdf2', 'scrypt', firebase] },
    },
  })
})
const importing = async (users: unknown[], how: object = {}) => {
  const refused: { line: number; reason: string }[] = []
  const result = await t.auth.users.import(users as never, { ...how, onRefused: (one) => void refused.push(one) })
  return { result, refused }
}

test('users come in with hash, flags, roles, memberships, identities and dates; each hash is replaced at the first sign-in', async () => {
  const tenant = await t.auth.tenants.create({ name: 'Old', slug: `old-${process.pid}` })
  await t.auth.roles.create({ name: 'importer' })
  const [first, second] = [freshEmail(), freshEmail()]
  const { result, refused } = await importing([
    {
      email: ` ${first.toUpperCase()} `,
      emailVerified: 'true',
      username: `Import.${process.pid}`,
      passwordHash: hashes.bcrypt!.hash,
      createdAt: '2020-02-03T04:05:06Z',
      locale: 'de',
      metadata: { legacyId: 7 },
      roles: ['importer'],
      memberships: [{ tenant: tenant.slug, roles: ['importer'] }],
      identities: [{ provider: 'google', providerUserId: `g-${process.pid}`, email: first, emailVerified: true }],
    },
    { email: second, passwordHash: hashes.firebase!.hash },
  ])
  expect([result, refused]).toEqual([{ line: 2, imported: 2, refused: 0, skipped: 0 }, []])
  const user = (await t.auth.users.findByEmail(first))!
  expect(user).toMatchObject({ emailVerified: true, username: `import.${process.pid}`, locale: 'de', metadata: { legacyId: 7 }, hasPassword: true })
  expect(user.createdAt).toEqual(new Date('2020-02-03T04:05:06Z'))
  expect(await t.auth.roles.of(user.id)).toEqual(['importer'])
  expect(await t.auth.memberships.of(user.id)).toEqual([expect.objectContaining({ tenantId: tenant.id, roles: ['importer'], isDefault: false })])
  expect(await t.prisma.authIdentity.count({ where: { userId: user.id, providerUserId: `g-${process.pid}` } })).toBe(1)
  for (const [email, { password }] of [
    [first, hashes.bcrypt!],
    [second, hashes.firebase!],
  ] as const) {
    await t.call('post', '/auth/login', { email, password: `${password}!` }).expect(401)
    const { body } = await t.call('post', '/auth/login', { email, password }).expect(200)
    await t.call('get', '/private', undefined, bearer(body.accessToken)).expect(200)
    const row = await t.prisma.authUser.findFirst({ where: { email } })
    expect(row!.passwordHash).toMatch(/^\$argon2id\$/)
    await t.call('post', '/auth/login', { email, password }).expect(200)
  }
  const audit = (await t.auth.audit.query({ userId: user.id, event: 'user.created' })).data
  expect(audit).toEqual([expect.objectContaining({ data: { source: 'import' } })])
})

test('lines that are wrong or taken are told of with their number and reason, and the rest goes in', async () => {
  const [taken, good, other] = [freshEmail(), freshEmail(), freshEmail()]
  await t.auth.users.create({ email: taken, password: PASSWORD })
  const { result, refused } = await importing([
    { email: good },
    { email: taken },
    { email: 'nonsense' },
    {},
    { email: freshEmail(), passwordHash: 'md5:abc' },
    { email: freshEmail(), roles: ['no such role'] },
    { email: freshEmail(), memberships: [{ tenant: 'nowhere' }] },
    { email: freshEmail(), isAdmin: true },
    { email: good.toUpperCase() },
    new Error('is no JSON'),
    { email: freshEmail(), metadata: { text: 'a\0b' } },
    { email: other, phone: '+49 151 12345670' },
    'text',
    null,
  ])
  expect(result).toEqual({ line: 14, imported: 2, refused: 12, skipped: 0 })
  const reasons = Object.fromEntries(refused.map(({ line, reason }) => [line, reason]))
  expect(reasons).toMatchObject({
    2: expect.stringMatching(/there already/),
    3: expect.stringMatching(/email must be an email address/),
    4: expect.stringMatching(/no email, phone or username/),
    5: expect.stringMatching(/passwordHash is of no kind/),
    6: "there is no role 'no such role'",
    7: "there is no tenant 'nowhere'",
    8: expect.stringMatching(/unknown fields: isAdmin/),
    9: expect.stringMatching(/there already/),
    10: 'is no JSON',
    11: expect.stringMatching(/metadata/),
  })
  expect(JSON.stringify(refused)).not.toContain('md5:abc')
  expect((await t.auth.users.findByEmail(other))!.phone).toBe('+4915112345670')
  expect((await t.auth.users.findByEmail(taken))!.emailVerified).toBe(false)
})

test('what databases write goes in: 1 and 0, null for an empty list, and times without a zone, which are UTC', async () => {
  const times = {
    '2024-01-31 12:00:00': '2024-01-31T12:00:00.000Z',
    '2024-01-31 12:00:00.123456': '2024-01-31T12:00:00.123Z',
    '2024-01-31T12:00:00.5': '2024-01-31T12:00:00.500Z',
    '2024-01-31 12:00:00+00': '2024-01-31T12:00:00.000Z',
    '2024-01-31 12:00:00+0130': '2024-01-31T10:30:00.000Z',
    '2024-01-31T12:00:00-02:00': '2024-01-31T14:00:00.000Z',
    '2024-01-31T12:00:00.000Z': '2024-01-31T12:00:00.000Z',
  }
  const users = Object.keys(times).map((createdAt, i) => ({
    email: freshEmail(),
    createdAt,
    emailVerified: i % 2,
    phoneVerified: null,
    identities: null,
    memberships: null,
    roles: null,
  }))
  expect(await importing(users)).toMatchObject({ result: { imported: users.length, refused: 0 }, refused: [] })
  for (const [i, at] of Object.values(times).entries()) {
    const user = await t.auth.users.findByEmail(users[i]!.email)
    expect(user).toMatchObject({ createdAt: new Date(at), emailVerified: i % 2 === 1 })
  }
  const bad = [
    { emailVerified: 2 },
    { emailVerified: 'perhaps' },
    { createdAt: '2024-02-30 12:00:00' },
    { createdAt: '31.1.2024' },
    { createdAt: 1706702400 },
    { createdAt: '2024-01-31 12:00:00 ' },
    { createdAt: '2024-01-31T12:00:00+2500' },
  ]
  const { refused } = await importing(bad.map((fields) => ({ email: freshEmail(), ...fields })))
  expect(refused.map(({ reason }) => reason)).toEqual([
    ...Array(2).fill('emailVerified: must be true or false, or 1 or 0'),
    ...Array(5).fill('createdAt: must be a time such as 2024-01-31T12:00:00Z, or 2024-01-31 12:00:00 for one in UTC'),
  ])
})

test('a password goes in by the policy, and tenantId as users.create takes it', async () => {
  const tenant = await t.auth.tenants.create({ name: 'Imported', slug: `imported-${process.pid}` })
  await t.auth.roles.create({ name: 'newcomer', tenantId: tenant.id, isDefault: true })
  const other = await t.auth.tenants.create({ name: 'Other', slug: `imported-other-${process.pid}` })
  const [email, tenantId] = [freshEmail(), tenant.id]
  const { result, refused } = await importing([
    { email, password: PASSWORD, tenantId, memberships: [{ tenant: other.slug }] },
    { email: freshEmail(), password: 'password1' },
    { email: freshEmail(), password: PASSWORD, passwordHash: hashes.bcrypt!.hash },
    { email: freshEmail(), tenantId: tenant.slug },
    { email: freshEmail(), tenantId: 'nowhere' },
    { email: freshEmail(), tenantId, memberships: [{ tenant: tenant.slug }] },
    { email: freshEmail(), password: null, tenantId: null },
  ])
  expect([result.imported, refused.map(({ line }) => line)]).toEqual([2, [2, 3, 4, 5, 6]])
  expect(refused.map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/^password: /),
    'has both password and passwordHash',
    expect.stringMatching(/tenantId is no id/),
    "there is no tenant 'nowhere'",
    expect.stringMatching(/twice/),
  ])
  expect(JSON.stringify(refused)).not.toContain('password1')
  // Nobody has chosen one of the two (G5).
  const asked = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
  expect(asked.body).toMatchObject({ status: 'tenant_selection_required', tenants: [{ id: tenantId }, { id: other.id }] })
  const { body } = await t.call('post', '/auth/login', { email, password: PASSWORD, tenant: tenantId }).expect(200)
  const memberships = await t.auth.memberships.of(body.user.id)
  expect(memberships.map(({ tenantId, roles, isDefault }) => ({ tenantId, roles, isDefault }))).toEqual(
    expect.arrayContaining([
      { tenantId, roles: ['newcomer'], isDefault: false },
      { tenantId: other.id, roles: [], isDefault: false },
    ]),
  )
})

test('in isolated mode, an account of an import belongs to the tenant of tenantId', async () => {
  const app = await makeApp({ options: { tenants: { mode: 'isolated' } } })
  const { id: tenantId } = await app.auth.tenants.create({ name: 'Isolated', slug: `isolated-${process.pid}` })
  const email = freshEmail()
  expect(await app.auth.users.import([{ email, tenantId }])).toMatchObject({ imported: 1, refused: 0 })
  expect(await app.auth.users.findByEmail(email, { tenantId })).toMatchObject({ email })
  expect(await app.auth.users.findByEmail(email)).toBeNull()
})

test('one taken address in a batch costs its batch a few statements, not one for each user', async () => {
  const users = Array.from({ length: 100 }, (_, i) => ({ email: `together${i}.${process.pid}@example.com` }))
  await t.auth.users.create({ email: users[37]!.email, password: PASSWORD })
  t.statements()
  const { result, refused } = await importing(users, { resume: `together-${process.pid}` })
  const tries = t.statements().filter((sql) => /INSERT INTO \S*auth_users/i.test(sql)).length
  expect([result.imported, refused]).toEqual([99, [{ line: 38, reason: expect.stringMatching(/there already/) }]])
  expect(tries).toBeGreaterThan(1)
  expect(tries).toBeLessThan(30)
})

test('hooks and events see each user; a hook that fails keeps its batch out and can be gone on from', async () => {
  const seen: string[] = []
  let fails = true
  const app = await makeApp({
    options: {
      hooks: {
        'user.afterCreate': ({ email }) => {
          if (fails && email?.startsWith('hooked5.')) throw new Error('not this one')
          seen.push(email ?? '')
        },
      },
    },
  })
  const users = Array.from({ length: 8 }, (_, i) => ({ email: `hooked${i}.${process.pid}@example.com` }))
  const how = { resume: `hooked-${process.pid}`, batch: 2 }
  await expect(app.auth.users.import(users, how)).rejects.toThrow('not this one')
  expect(await app.prisma.authUser.count({ where: { email: { startsWith: 'hooked' } } })).toBe(4)
  expect(await app.auth.users.importedUpTo(how.resume)).toBe(4)
  fails = false
  expect(await app.auth.users.import(users, how)).toEqual({ line: 8, imported: 4, refused: 0, skipped: 4 })
  expect(app.events.filter(({ name }) => name === 'user.created')).toHaveLength(8)
  expect(new Set(seen).size).toBe(8)
  expect(await app.auth.users.import(users, how)).toEqual({ line: 8, imported: 0, refused: 0, skipped: 8 })
})

test('killed at any moment and run again: none lost, none double', async () => {
  const database = await ownDatabase()
  const client = database.connect()
  const count = 600
  let kills = 0
  const run = (killAfter: number) =>
    new Promise<boolean>((resolve, reject) => {
      const child: ChildProcess = fork(path.resolve(__dirname, '../../support/import-child.ts'), [provider, database.url, String(count)], {
        execArgv: ['--import', 'tsx'],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      })
      let isDone = false
      child.on('message', (message: { done?: unknown; imported?: number }) => {
        if (message.done) isDone = true
        else if ((message.imported ?? 0) >= killAfter && child.kill('SIGKILL')) kills++
      })
      child.on('exit', () => resolve(isDone))
      child.on('error', reject)
    })
  let isDone = false
  for (let tries = 0; !isDone && tries < 8; tries++) isDone = await run(tries < 3 ? 100 + tries * 40 : Number.POSITIVE_INFINITY)
  expect(isDone).toBe(true)
  expect(kills).toBeGreaterThanOrEqual(2)
  expect(await client.authUser.count()).toBe(count)
  expect(await client.authIdentity.count()).toBe(count)
  expect(await client.authAuditLog.count({ where: { event: 'user.created' } })).toBe(count)
  const emails = new Set((await client.authUser.findMany({ select: { email: true } })).map(({ email }) => email))
  expect(emails.size).toBe(count)
  await client.$disconnect()
}, 240_000)
