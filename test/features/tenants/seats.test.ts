import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'

const seatsOf = ({ metadata }: { metadata: { seats?: unknown } }) => (typeof metadata.seats === 'number' ? metadata.seats : null)
const shared = { mode: 'shared', selfService: true, openSignup: true, maxMembers: seatsOf } as const
let t: TestApp
beforeAll(async () => {
  t = await makeApp({ options: { tenants: shared, magicLink: { enabled: true, allowSignup: true } } })
})

let count = 0
/** A tenant with its owner in it. */
async function team(seats?: number) {
  const { user, accessToken } = await signUp(t)
  const tenant = await t.auth.tenants.create({ name: 'Acme', slug: `seats-${process.pid}-${++count}`, ownerId: user.id, ...(seats && { metadata: { seats } }) })
  return { tenantId: tenant.id, slug: tenant.slug, userId: user.id, headers: bearer(accessToken) }
}
const accept = (body: object, headers: Record<string, string> = {}) => t.call('post', '/auth/invitations/accept', body, headers)
const active = (tenantId: string) => t.prisma.authMembership.count({ where: { tenantId, status: 'active' } })
/** One after the other: they are only there to race later. */
async function fifty<T>(make: () => Promise<T>): Promise<T[]> {
  const all: T[] = []
  while (all.length < 50) all.push(await make())
  return all
}
const people = () => fifty(() => t.auth.users.create({ email: freshEmail(), emailVerified: true }))
/** How many got in; the others heard why not, or that there is too much to do. */
function admitted(answers: { status: number; body: { code?: string } }[]) {
  const refused = answers.filter(({ status }) => status >= 400).map(({ body }) => body.code)
  expect(refused).toContain('SEATS_TAKEN')
  expect(['SEATS_TAKEN', 'BUSY', 'UNAVAILABLE']).toEqual(expect.arrayContaining([...new Set(refused)]))
  return answers.length - refused.length
}

test('R-173: of 50 who accept their invitations at once, as many join as there are places', async () => {
  const { tenantId } = await team(4)
  const guests = await fifty(async () => {
    const { id, email } = await t.auth.users.create({ email: freshEmail(), emailVerified: true })
    const [{ accessToken }, { token }] = [await t.auth.sessions.create(id), await t.auth.invitations.create({ tenantId, email: email! })]
    return { token, headers: bearer(accessToken!) }
  })
  expect(admitted(await Promise.all(guests.map(({ token, headers }) => accept({ token }, headers))))).toBe(3)
  expect(await active(tenantId)).toBe(4)
  // Who found no place keeps the invitation.
  expect((await t.auth.invitations.list({ tenantId, status: 'pending', limit: 200 })).data).toHaveLength(47)
})

test('R-173: of 50 who sign up into an open tenant, or are added by the app, at once, likewise', async () => {
  const [open, added] = [await team(4), await team(4)]
  const signUps = Array.from({ length: 50 }, () => t.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, tenant: open.slug }))
  expect(admitted(await Promise.all(signUps))).toBe(3)
  // Who found no place has no account.
  expect((await t.auth.users.list({ tenantId: open.tenantId })).data).toHaveLength(4)
  const results = await Promise.allSettled((await people()).map(({ id: userId }) => t.auth.memberships.add({ userId, tenantId: added.tenantId })))
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  expect([await active(open.tenantId), await active(added.tenantId)]).toEqual([4, 4])
})

test('R-173: two transactions of the app that have read before never take one place both', async () => {
  const { tenantId } = await team(2)
  const users = [await t.auth.users.create({ email: freshEmail() }), await t.auth.users.create({ email: freshEmail() })]
  let read = 0
  const both = { arrived: () => {} }
  const together = new Promise<void>((resolve) => {
    both.arrived = () => void (++read === 2 && resolve())
  })
  const join = (userId: string) =>
    t.prisma.$transaction(async (tx) => {
      await tx.authMembership.count({ where: { tenantId } })
      both.arrived()
      await Promise.race([together, new Promise((resolve) => setTimeout(resolve, 300))])
      await t.auth.with(tx as never).memberships.add({ userId, tenantId })
    })
  const results = await Promise.allSettled(users.map(({ id }) => join(id)))
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1)
  expect(await active(tenantId)).toBeLessThanOrEqual(2)
})

test('only active members count; who comes back needs a place; provision, memberships.add and a magic link do too', async () => {
  const { tenantId, slug, headers } = await team(2)
  const { user } = await t.auth.provision({ email: freshEmail(), tenant: slug })
  await expect(t.auth.provision({ email: freshEmail(), tenant: slug })).rejects.toMatchObject({ code: 'SEATS_TAKEN', status: 409 })
  const other = await t.auth.users.create({ email: freshEmail() })
  await expect(t.auth.memberships.add({ userId: other.id, tenantId })).rejects.toMatchObject({ code: 'SEATS_TAKEN' })
  await expect(t.auth.memberships.add({ userId: user.id, tenantId })).rejects.toMatchObject({ code: 'MEMBER_TAKEN' })
  const email = freshEmail()
  await t.call('post', '/auth/magic-link/request', { email, tenant: slug }).expect(202)
  await t.mailbox.settle()
  const token = t.mailbox.last(email, 'magic_link')!.data.token as string
  expect((await t.call('post', '/auth/magic-link/consume', { token, tenant: slug })).body.code).toBe('SEATS_TAKEN')
  await t.auth.memberships.add({ userId: other.id, tenantId, status: 'suspended' })
  const wake = (userId: string) => t.call('patch', `/auth/tenants/${tenantId}/members/${userId}`, { status: 'active' }, headers)
  expect((await wake(other.id).expect(409)).body.code).toBe('SEATS_TAKEN')
  await wake(user.id).expect(200)
  await t.call('patch', `/auth/tenants/${tenantId}/members/${user.id}`, { status: 'suspended' }, headers).expect(200)
  await wake(other.id).expect(200)
  await expect(t.auth.memberships.update({ userId: user.id, tenantId, status: 'active' })).rejects.toMatchObject({ code: 'SEATS_TAKEN' })
  await t.auth.memberships.remove({ userId: other.id, tenantId })
  await t.auth.memberships.update({ userId: user.id, tenantId, status: 'active' })
})

test('R-173: of 50 suspended members who are let in at once as many come back as there are places', async () => {
  const { tenantId } = await team(4)
  const users = await people()
  for (const { id: userId } of users) await t.auth.memberships.add({ userId, tenantId, status: 'suspended' })
  await Promise.allSettled(users.map(({ id: userId }) => t.auth.memberships.update({ userId, tenantId, status: 'active' })))
  expect(await active(tenantId)).toBe(4)
})

test('a number holds for every tenant, null and no option for none; a lower one throws nobody out', async () => {
  const numbered = await makeApp({ options: { tenants: { mode: 'shared', maxMembers: 1 } } })
  const tenant = await team()
  for (const _ of [1, 2, 3]) await t.auth.provision({ email: freshEmail(), tenant: tenant.slug })
  await expect(numbered.auth.provision({ email: freshEmail(), tenant: tenant.slug })).rejects.toMatchObject({ code: 'SEATS_TAKEN' })
  await numbered.auth.memberships.update({ userId: tenant.userId, tenantId: tenant.tenantId, status: 'active', displayName: 'Ada' })
  await expect(makeApp({ options: { tenants: { mode: 'shared', maxMembers: 0 } } })).rejects.toThrow(/maxMembers/)
  const text = { mode: 'shared', maxMembers: 'x' as never } as const
  await expect(makeApp({ options: { tenants: text } })).rejects.toThrow(/maxMembers: must be a number from 1 up, or a function/)
  const broken = await makeApp({ options: { tenants: { mode: 'shared', maxMembers: () => Number.NaN } } })
  await expect(broken.auth.provision({ email: freshEmail(), tenant: tenant.slug })).rejects.toThrow(/maxMembers/)
})
