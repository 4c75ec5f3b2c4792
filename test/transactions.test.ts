// What holds when requests meet in the database: whichever comes first, the other waits for it and sees what it has done (docs/decisions/012).
import { setTimeout as sleep } from 'node:timers/promises'
import { isWriteConflict } from '../src/prisma-errors.ts'
import { provider } from './support/databases.ts'
import { bearer, freshEmail, makeApp, ownClient, ownDatabase, PASSWORD, signUp } from './support/make-app.ts'
import { sentTo } from './support/secrets.ts'

const times = <T>(count: number, work: (i: number) => PromiseLike<T>) => Promise.all(Array.from({ length: count }, (_, i) => work(i)))
/** SQLite has one writer at a time: what is held up here would hold up everything. */
const withWriters = provider === 'sqlite' ? test.skip : test

/** Something that waits until it is let go. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

test('F-16: many people use their first link at once: nobody’s transaction stands in the way of another’s', async () => {
  const t = await makeApp({ options: { magicLink: { enabled: true } } })
  const emails = Array.from({ length: 20 }, () => freshEmail())
  for (const email of emails) await t.auth.users.create({ email })
  for (const email of emails) await t.call('post', '/auth/magic-link/request', { email }).expect(202)
  const tokens: string[] = []
  for (const email of emails) tokens.push((await sentTo(t, email, 'magic_link')).token)
  const consume = (token: string) => t.call('post', '/auth/magic-link/consume', { token })
  const answers = await times(tokens.length, (i) => consume(tokens[i]!))
  const conflicts = t.logs.filter(({ fields }) => isWriteConflict((fields as { err?: unknown }).err))
  expect(conflicts).toEqual([])
  // On a slow machine some may have waited too long for a connection.
  for (const [i, { status }] of answers.entries()) if (status !== 200) await consume(tokens[i]!).expect(200)
})

test('R-056, R-072: a session that an app makes while the user is suspended ends with the others, or is refused', async () => {
  const t = await makeApp()
  for (let round = 0; round < 15; round++) {
    const { id } = await t.auth.users.create({ email: freshEmail() })
    await Promise.allSettled([t.auth.sessions.create(id), t.auth.users.suspend(id)])
    expect(await t.prisma.authSession.count({ where: { userId: id, revokedAt: null } })).toBe(0)
  }
})

test('sessions.maxPerUser holds for sign-ins at once, with tenants too', async () => {
  const t = await makeApp({ options: { tenants: { mode: 'shared' }, sessions: { maxPerUser: 2 } } })
  const { user } = await signUp(t)
  await t.auth.tenants.create({ name: 'One', ownerId: user.id })
  for (let round = 0; round < 3; round++) {
    await times(9, () => t.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200))
    expect(await t.prisma.authSession.count({ where: { userId: user.id, revokedAt: null } })).toBe(2)
  }
})

withWriters('R-174: a sign-in that waits while its user is taken out of the tenant learns of it', async () => {
  const t = await makeApp({ options: { tenants: { mode: 'shared' } } })
  await t.auth.roles.create({ name: 'reader' })
  const { user: owner } = await signUp(t)
  const { id: tenantId } = await t.auth.tenants.create({ name: 'Acme', ownerId: owner.id })
  const { user, accessToken } = await signUp(t)
  await t.auth.memberships.add({ userId: user.id, tenantId, roles: ['reader'] })
  await t.call('get', '/private', undefined, bearer(accessToken)).expect(200)
  const { opened, open } = gate()
  const holder = await ownClient()
  const held = holder.$transaction(
    async (tx) => {
      await tx.authUser.updateMany({ where: { id: user.id }, data: { locale: 'de' } })
      await opened
    },
    { timeout: 9000 },
  )
  await sleep(100)
  const signIn = t.call('post', '/auth/login', { email: user.email, password: PASSWORD }).then((answer) => answer)
  await sleep(400)
  const removed = t.auth.memberships.update({ userId: user.id, tenantId, roles: [] })
  await Promise.race([removed, sleep(1000)])
  open()
  await Promise.all([held, removed])
  const { body } = await signIn
  const refreshed = (await t.call('post', '/auth/refresh', { refreshToken: body.refreshToken }).expect(200)).body
  const who = await t.call('get', '/private', undefined, bearer(refreshed.accessToken)).expect(200)
  expect(who.body.roles).toEqual([])
  t.clock.advance(1100) // by now the change feed has forgotten the change: what the process remembers has to be right by itself
  const later = (await t.call('post', '/auth/refresh', { refreshToken: refreshed.refreshToken }).expect(200)).body
  expect(JSON.parse(Buffer.from(later.accessToken.split('.')[1], 'base64url').toString()).roles).toBeUndefined()
})

test('a platform role that is given while another is taken stays', async () => {
  const t = await makeApp()
  const [given, taken] = [`given-${process.pid}`, `taken-${process.pid}`]
  for (const name of [given, taken]) await t.auth.roles.create({ name })
  for (let round = 0; round < 15; round++) {
    const { id } = await t.auth.users.create({ email: freshEmail() })
    await t.auth.platform.grant(id, [taken])
    await Promise.all([t.auth.platform.grant(id, [given]), sleep(round % 5).then(() => t.auth.platform.revoke(id, [taken]))])
    const { data } = await t.auth.platform.list({ limit: 200 })
    expect(data.find(({ userId }) => userId === id)?.roles).toEqual([given])
  }
})

test('R-115: of factors begun at once one is left to confirm', async () => {
  const t = await makeApp()
  const { user, accessToken } = await signUp(t)
  await times(20, () => t.call('post', '/auth/mfa/totp', {}, bearer(accessToken)).expect(200))
  expect(await t.prisma.authMfaFactor.count({ where: { userId: user.id } })).toBe(1)
})

test('a user has one default tenant, whoever sets several at once', async () => {
  const t = await makeApp({ options: { tenants: { mode: 'shared' } } })
  const { user } = await signUp(t)
  const tenants = await times(6, (i) => t.auth.tenants.create({ name: `T${i}`, ownerId: user.id }))
  for (let round = 0; round < 3; round++) {
    await times(6, (i) => t.auth.memberships.setDefault({ userId: user.id, tenantId: tenants[i]!.id }))
    expect(await t.prisma.authMembership.count({ where: { userId: user.id, isDefault: true } })).toBe(1)
  }
})

withWriters('R-061: an update that names the old address, and waits while another is confirmed, proves neither', async () => {
  let wait: Promise<void> | undefined
  const t = await makeApp({ options: { hooks: { 'user.beforeUpdate': async ({ patch }) => (patch.locale === 'de' ? await wait : undefined) } } })
  const { user, accessToken } = await signUp(t)
  const newEmail = freshEmail()
  await t.call('post', '/auth/change-email', { newEmail }, bearer(accessToken)).expect(202)
  const { token } = await sentTo(t, newEmail, 'change_email')
  const { opened, open } = gate()
  wait = opened
  const updated = t.auth.users.update(user.id, { email: user.email, locale: 'de' })
  await sleep(150)
  const confirmed = t.call('post', '/auth/change-email/confirm', { token }).then(({ status }) => status)
  await Promise.race([confirmed, sleep(500)])
  open()
  await updated
  const status = await confirmed
  const row = await t.prisma.authUser.findUniqueOrThrow({ where: { id: user.id } })
  expect([status, row.email, row.emailVerifiedAt !== null]).toEqual(status === 204 ? [204, newEmail, true] : [401, user.email, false])
})

withWriters('G19: who is made an owner while they delete their account does not leave the tenant without one', async () => {
  let wait: Promise<void> | undefined
  const t = await makeApp({ options: { tenants: { mode: 'shared' }, hooks: { 'user.beforeDelete': () => wait } } })
  const [leaver, owner, third] = [await signUp(t), await signUp(t), await signUp(t)]
  const { id: tenantId } = await t.auth.tenants.create({ name: 'Acme', ownerId: owner.user.id })
  for (const { user } of [leaver, third]) await t.auth.memberships.add({ userId: user.id, tenantId })
  const { accessToken } = await t.auth.sessions.create(owner.user.id, { tenantId })
  const member = ({ user }: { user: { id: string } }) => `/auth/tenants/${tenantId}/members/${user.id}`
  const { opened, open } = gate()
  wait = opened
  const left = t.call('delete', '/auth/me', undefined, bearer(leaver.accessToken)).then(({ status }) => status)
  await sleep(300)
  const promoted = t.call('patch', member(leaver), { roles: ['owner'] }, bearer(accessToken)).then(({ status }) => status)
  const gone = promoted.then(() => t.call('delete', member(owner), undefined, bearer(accessToken)).then(({ body }) => body.code))
  await Promise.race([gone, sleep(500)])
  open()
  expect([await left, await promoted, await gone]).toEqual([204, 404, 'LAST_OWNER'])
})

test('a signing key made in a transaction that is rolled back signs nothing afterwards', async () => {
  const database = await ownDatabase()
  const [t, other] = [await makeApp({ prisma: await ownClient(database) }), await makeApp({ prisma: await ownClient(database) })]
  const { id } = await t.auth.users.create({ email: freshEmail() })
  const no = new Error('the app says no')
  await expect(
    t.prisma.$transaction(async (tx) => {
      await t.auth.with(tx).sessions.create(id)
      throw no
    }),
  ).rejects.toBe(no)
  expect(await t.prisma.authSigningKey.count()).toBe(0)
  const { accessToken } = await signUp(t)
  expect(await t.prisma.authSigningKey.count()).toBe(1)
  for (const process of [t, other]) await process.call('get', '/private', undefined, bearer(accessToken)).expect(200)
})

withWriters('nor where somebody reads the keys while that transaction is open', async () => {
  const database = await ownDatabase()
  const [t, other] = [await makeApp({ prisma: await ownClient(database) }), await makeApp({ prisma: await ownClient(database) })]
  const { id } = await t.auth.users.create({ email: freshEmail() })
  const foreign = await signUp(await makeApp({ prisma: await ownClient(await ownDatabase()) }))
  await expect(
    t.prisma.$transaction(async (tx) => {
      await t.auth.with(tx).sessions.create(id)
      await t.call('get', '/private', undefined, bearer(foreign.accessToken)).expect(401)
      await t.auth.with(tx).sessions.create(id)
      throw new Error('the app says no')
    }),
  ).rejects.toThrow('the app says no')
  const { accessToken } = await t.auth.sessions.create(id)
  expect(await t.prisma.authSigningKey.count()).toBe(1)
  for (const process of [t, other]) await process.call('get', '/private', undefined, bearer(accessToken)).expect(200)
})

test('one made in a transaction that commits goes on signing, whether the app says so or not', async () => {
  const database = await ownDatabase()
  const t = await makeApp({ prisma: await ownClient(database) })
  const { id } = await t.auth.users.create({ email: freshEmail() })
  const made = await t.prisma.$transaction((tx) => t.auth.with(tx).sessions.create(id))
  await t.call('get', '/private', undefined, bearer(made.accessToken)).expect(200)
  await signUp(t)
  expect(await t.prisma.authSigningKey.count()).toBe(1)
})

test('two processes whose first sessions are made in transactions of the app make one key', async () => {
  const database = await ownDatabase()
  const processes = [await makeApp({ prisma: await ownClient(database) }), await makeApp({ prisma: await ownClient(database) })]
  const people: string[] = []
  for (const t of processes) people.push((await t.auth.users.create({ email: freshEmail() })).id)
  await times(2, (i) => processes[i]!.auth.transaction((auth) => auth.sessions.create(people[i]!)))
  expect(await processes[0]!.prisma.authSigningKey.count()).toBe(1)
})
