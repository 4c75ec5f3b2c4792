import { provider } from '../../support/databases.ts'
import { freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: { tenants: { mode: 'shared' }, signup: { enabled: false } } })
  await t.auth.roles.create({ name: 'editor' })
})
const conflict = { code: 'PROVISION_CONFLICT', status: 409 }

test('A20: a user with tenant and roles, whatever sign-up says; the same call again changes nothing', async () => {
  const tenant = await t.auth.tenants.create({ name: 'P', slug: `provision-${process.pid}` })
  const email = freshEmail()
  const input = { email, password: PASSWORD, tenant: tenant.slug, roles: ['editor'], emailVerified: true }
  const first = await t.auth.provision(input)
  expect(first).toMatchObject({
    created: true,
    user: { email, emailVerified: true, hasPassword: true },
    membership: { tenantId: tenant.id, roles: ['editor'] },
  })
  const again = await t.auth.provision({ ...input, password: 'quite another passphrase' })
  expect(again).toMatchObject({ created: false, user: { id: first.user.id }, membership: { id: first.membership!.id } })
  expect((await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)).body.session.tenantId).toBe(tenant.id)
  await expect(t.auth.provision({ ...input, roles: [] })).rejects.toMatchObject(conflict)
  await expect(t.auth.provision({ ...input, roles: ['editor', 'owner'] })).rejects.toMatchObject(conflict)
  const other = await t.auth.tenants.create({ name: 'Q', slug: `provision-q-${process.pid}` })
  await expect(t.auth.provision({ ...input, tenant: other.id })).rejects.toMatchObject(conflict)
  await t.auth.users.suspend(first.user.id)
  await expect(t.auth.provision(input)).rejects.toMatchObject(conflict)
})

test('outside tenants; mistakes leave nothing behind', async () => {
  const email = freshEmail()
  expect(await t.auth.provision({ email, roles: ['editor'] })).toMatchObject({ created: true, user: { hasPassword: false } })
  expect(await t.auth.provision({ email, roles: ['editor'] })).toMatchObject({ created: false })
  expect(await t.auth.provision({ email })).toMatchObject({ created: false })
  await expect(t.auth.provision({ email, emailVerified: true })).rejects.toMatchObject(conflict)
  const fresh = freshEmail()
  await expect(t.auth.provision({ email: fresh, roles: ['no such role'] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(t.auth.provision({ email: fresh, tenant: 'nowhere' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(t.auth.provision({ email: fresh, password: 'short' })).rejects.toMatchObject({ code: 'PASSWORD_TOO_WEAK' })
  await expect(t.auth.provision({ email: 'nonsense' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  expect(await t.auth.users.findByEmail(fresh)).toBeNull()
})

test('users.create takes a hash that a sign-in can tell by, and either that or a password', async () => {
  const refused = (message: RegExp) => ({ code: 'VALIDATION_FAILED', details: { errors: [{ path: 'passwordHash', message: expect.stringMatching(message) }] } })
  const email = freshEmail()
  const made = await t.auth.users.create({ email: freshEmail(), password: PASSWORD })
  const { passwordHash } = await t.prisma.authUser.findUniqueOrThrow({ where: { id: made.id } })
  const bcrypt = '$2b$10$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu'
  for (const hash of ['junk', '', bcrypt, `${passwordHash}\n`, 5 as never]) {
    await expect(t.auth.users.create({ email, passwordHash: hash })).rejects.toMatchObject(refused(/of no kind that password.verifyLegacy names/))
  }
  await expect(t.auth.users.create({ email, password: PASSWORD, passwordHash: passwordHash! })).rejects.toMatchObject(refused(/beside password/))
  expect(await t.auth.users.findByEmail(email)).toBeNull()
  await t.auth.users.create({ email, passwordHash: passwordHash! })
  await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
})

test('A20: roles named take the place of the default ones, twice over are once, and count the same where they are off for now', async () => {
  const basic = await t.auth.roles.create({ name: 'basic', isDefault: true })
  for (const roles of [['editor'], ['basic'], ['editor', 'editor', 'basic']]) {
    const input = { email: freshEmail(), roles }
    const { user } = await t.auth.provision(input)
    expect(await t.auth.roles.of(user.id)).toEqual([...new Set(roles)].sort())
    expect(await t.auth.provision(input)).toMatchObject({ created: false, user: { id: user.id } })
  }
  const plain = { email: freshEmail() }
  expect(await t.auth.roles.of((await t.auth.provision(plain)).user.id)).toEqual(['basic'])
  expect(await t.auth.provision(plain)).toMatchObject({ created: false })
  await t.auth.roles.update(basic.id, { isActive: false })
  const tenant = await t.auth.tenants.create({ name: 'Off', slug: `off-${process.pid}` })
  await t.auth.tenants.suspend(tenant.id)
  const input = { email: freshEmail(), tenant: tenant.slug, roles: ['basic', 'editor'] }
  expect(await t.auth.provision(input)).toMatchObject({ created: true, membership: { roles: ['basic', 'editor'] } })
  expect(await t.auth.provision(input)).toMatchObject({ created: false, membership: { roles: ['basic', 'editor'] } })
  await t.auth.roles.delete(basic.id)
})

test('twenty at once make one user', async () => {
  const email = freshEmail()
  const answers = await Promise.all(Array.from({ length: 20 }, () => t.auth.provision({ email, roles: ['editor'] })))
  expect(answers.filter(({ created }) => created)).toHaveLength(1)
  expect(new Set(answers.map(({ user }) => user.id)).size).toBe(1)
})

// A19: the app's own table beside ours, as docs/app-user.md has it.
// On MySQL both ends of a foreign key have one collation.
const collation = provider === 'mysql' ? ' COLLATE utf8mb4_bin' : ''
const columns = `id VARCHAR(191) PRIMARY KEY, auth_user_id VARCHAR(191)${collation} NOT NULL UNIQUE, name VARCHAR(191) NOT NULL`
async function withAppUsers() {
  const app = await makeApp({ options: { hooks: {} } })
  await app.prisma.$executeRawUnsafe(`CREATE TABLE app_users (${columns}, FOREIGN KEY (auth_user_id) REFERENCES auth_users(id) ON DELETE CASCADE)`)
  const names = async () => ((await app.prisma.$queryRawUnsafe('SELECT name FROM app_users ORDER BY name')) as { name: string }[]).map(({ name }) => name)
  return { app, names }
}

test('A19: an AppUser made by hook or in one transaction lives and dies with its auth user', async () => {
  const { app, names } = await withAppUsers()
  const make = (tx: any, id: string, name: string) => tx.$executeRaw`INSERT INTO app_users (id, auth_user_id, name) VALUES (${`app-${id}`}, ${id}, ${name})`
  const hooked = await makeApp({
    prisma: app.prisma,
    options: {
      hooks: {
        'signup.after': async ({ user, extra }, { tx }) => {
          await make(tx, user.id, String(extra.name))
          if (extra.name === 'Nobody') throw new Error('the app changed its mind')
        },
      },
    },
  })
  const { user } = await signUp(hooked, { name: 'Ada' })
  await hooked.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, name: 'Nobody' }).expect(500)
  expect(await names()).toEqual(['Ada'])
  const email = freshEmail()
  await app.prisma.$transaction(async (tx: any) => {
    const made = await app.auth.with(tx).users.create({ email, password: PASSWORD })
    await make(tx, made.id, 'Grace')
  })
  expect(await names()).toEqual(['Ada', 'Grace'])
  await expect(
    app.auth.transaction(async (auth, tx) => {
      const made = await auth.users.create({ email: freshEmail(), password: PASSWORD })
      await make(tx, made.id, 'Linus')
      throw new Error('no')
    }),
  ).rejects.toThrow('no')
  expect(await names()).toEqual(['Ada', 'Grace'])
  await app.auth.users.delete(user.id)
  expect(await names()).toEqual(['Grace'])
})
