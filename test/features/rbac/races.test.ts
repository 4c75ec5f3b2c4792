import { makeApp, signUp, type TestApp } from '../../support/make-app.ts'

let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: { tenants: { mode: 'shared' } } })
})
const codeOf = ({ code }: { code?: string }) => code

test('roles that name one new permission are made and changed at once', async () => {
  const roles = await Promise.all(Array.from({ length: 8 }, (_, at) => t.auth.roles.create({ name: `racer-${at}`, permissions: ['race:made'] })))
  expect(roles.map(({ permissions }) => permissions)).toEqual(roles.map(() => ['race:made']))
  const [role] = roles
  const changed = await Promise.all(
    Array.from({ length: 8 }, (_, at) => t.auth.roles.update(role!.id, { permissions: ['race:changed', `race:${at}`], inherits: [] })),
  )
  expect(changed.every(({ permissions }) => permissions.includes('race:changed'))).toBe(true)
  expect((await t.auth.permissions.list()).filter(({ name }) => name === 'race:changed')).toHaveLength(1)
})

test('a role is deleted once, and whoever gives it away at that moment hears that it is gone', async () => {
  const { user } = await signUp(t)
  const tenant = await t.auth.tenants.create({ name: 'Race', slug: `race-${process.pid}`, ownerId: user.id })
  for (let round = 0; round < 5; round++) {
    const { id, name } = await t.auth.roles.create({ name: `brief-${round}`, tenantId: tenant.id })
    const place = { userId: user.id, tenantId: tenant.id }
    const work = [
      t.auth.roles.delete(id),
      t.auth.roles.delete(id),
      t.auth.memberships.update({ ...place, roles: ['owner', name] }),
      t.auth.roles.assign(user.id, name, place),
      t.auth.roles.update(id, { permissions: [`brief:${round}`] }),
    ]
    const refused = (await Promise.allSettled(work)).flatMap((one) => (one.status === 'rejected' ? [codeOf(one.reason) ?? String(one.reason)] : []))
    expect(refused.filter((code) => code !== 'NOT_FOUND')).toEqual([])
    expect(refused.length).toBeGreaterThan(0)
    expect(await t.auth.roles.of(user.id, { tenantId: tenant.id })).toEqual(['owner'])
  }
})

test('assigning a role twice changes nothing, also within one transaction and at once', async () => {
  const { user } = await signUp(t)
  await t.auth.roles.create({ name: 'twice' })
  await t.auth.transaction(async (auth) => {
    await auth.roles.assign(user.id, 'twice')
    await auth.roles.assign(user.id, 'twice')
    await auth.users.update(user.id, { emailVerified: true })
  })
  await Promise.all(Array.from({ length: 5 }, () => t.auth.roles.assign(user.id, 'twice')))
  expect(await t.auth.roles.of(user.id)).toEqual(['twice'])
  expect((await t.auth.audit.query({ userId: user.id, event: 'role.assigned' })).data).toHaveLength(1)
})
