import { breakable, coded } from './support/breakable.ts'
import { bearer, freshEmail, makeApp, ownClient, PASSWORD, signUp, type TestApp } from './support/make-app.ts'

// F-16: what Prisma reports, at every call of every flow here. The row counts tell whether anything was half written.

type Send = () => PromiseLike<{ status: number }>
const other = 'another long passphrase of mine'
let counter = 0

async function owner(app: TestApp) {
  const up = await signUp(app)
  const tenant = await app.auth.tenants.create({ name: 'Acme', slug: `acme-${++counter}`, ownerId: up.user.id })
  const { body } = await app.call('post', '/auth/tenants/switch', { tenant: tenant.id }, bearer(up.accessToken)).expect(200)
  return { up, path: `/auth/tenants/${tenant.id}`, tenantId: tenant.id, headers: bearer(body.accessToken) }
}
async function invited(app: TestApp) {
  const { up, tenantId } = await owner(app)
  return app.auth.invitations.create({ tenantId, email: freshEmail(), roles: [], invitedById: up.user.id })
}
async function resetToken(app: TestApp, email: string) {
  await app.call('post', '/auth/forgot-password', { email }).expect(202)
  await app.mailbox.settle()
  return app.mailbox.last(email, 'reset_password')?.data.token
}

/** Each makes what it needs and gives what is then sent. */
const flows: Record<string, (app: TestApp) => Promise<Send>> = {
  'sign-up': async (app) => {
    const body = { email: freshEmail(), password: PASSWORD, newTenant: { name: 'Acme', slug: `new-${++counter}` } }
    return () => app.call('post', '/auth/signup', body)
  },
  'sign-in': async (app) => {
    const { user } = await signUp(app)
    return () => app.call('post', '/auth/login', { email: user.email, password: PASSWORD })
  },
  'wrong password': async (app) => {
    const { user } = await signUp(app)
    return () => app.call('post', '/auth/login', { email: user.email, password: other })
  },
  refresh: async (app) => {
    const { refreshToken } = await signUp(app)
    return () => app.call('post', '/auth/refresh', { refreshToken })
  },
  'end of an account': async (app) => {
    const { accessToken } = await signUp(app)
    return () => app.call('delete', '/auth/me', undefined, bearer(accessToken))
  },
  'another password': async (app) => {
    const { accessToken } = await signUp(app)
    return () => app.call('post', '/auth/change-password', { currentPassword: PASSWORD, newPassword: other }, bearer(accessToken))
  },
  reset: async (app) => {
    const { user } = await signUp(app)
    const token = await resetToken(app, user.email)
    return () => app.call('post', '/auth/reset-password', { token, newPassword: other })
  },
  'an invitation': async (app) => {
    const { path, headers } = await owner(app)
    return () => app.call('post', `${path}/invitations`, { email: freshEmail(), roles: [] }, headers)
  },
  'an invitation accepted': async (app) => {
    const { token } = await invited(app)
    return () => app.call('post', '/auth/invitations/accept', { token, password: PASSWORD })
  },
  'a member removed': async (app) => {
    const { path, headers, tenantId } = await owner(app)
    const member = await app.auth.users.create({ email: freshEmail() })
    await app.auth.memberships.add({ userId: member.id, tenantId })
    return () => app.call('delete', `${path}/members/${member.id}`, undefined, headers)
  },
  'an API key': async (app) => {
    const { accessToken } = await signUp(app)
    return () => app.call('post', '/auth/api-keys', { name: 'ci' }, bearer(accessToken))
  },
}

const counted = ['authUser', 'authSession', 'authTenant', 'authMembership', 'authMembershipRole', 'authRole', 'authInvitation', 'authAccessKey'] as const
const rows = (app: TestApp) => Promise.all(counted.map((table) => (app.prisma[table].count as () => Promise<number>)()))
const options = { tenants: { mode: 'shared', selfService: true }, apiKeys: { enabled: true } } as const

test.each(Object.keys(flows))(
  'F-16: a unique row, a lost row or a write conflict at any call of "%s" is no fault, and what is refused is not there',
  async (name) => {
    const { prisma, state } = breakable(await ownClient())
    const app = await makeApp({ prisma, options })
    await signUp(app) // what a process does once is done
    let send: Send | undefined
    for (let at = 0, sites = 1; at < sites; at++) {
      for (const code of ['P2002', 'P2025', 'P2034']) {
        send ??= await flows[name]!(app)
        const before = await rows(app)
        Object.assign(state, { at, times: 1, calls: [], fault: coded(code) })
        const { status } = await send()
        delete state.at
        delete state.fault
        sites = Math.max(sites, state.calls.length)
        const where = `${code} at ${state.calls[at]}`
        expect([where, status]).not.toEqual([where, 500])
        if (status >= 400) expect([where, await rows(app)]).toEqual([where, before])
        // What is refused may be sent again.
        if (status < 400 || status === 401) send = undefined
      }
    }
  },
  240_000,
)

test('F-16: what another request overtook is tried once more, and then told as a conflict; the log says where', async () => {
  const { prisma, state } = breakable(await ownClient())
  const app = await makeApp({ prisma })
  const { user } = await signUp(app)
  const signIn = () => app.call('post', '/auth/login', { email: user.email, password: PASSWORD })
  Object.assign(state, { fault: coded('P2002'), only: 'authSession.create', times: 1 })
  await signIn().expect(200)
  state.times = Number.POSITIVE_INFINITY
  const { body } = await signIn().expect(409)
  expect(body).toMatchObject({ code: 'CONFLICT', status: 409 })
  expect(app.logs.filter(({ level }) => level === 'error')).toHaveLength(1)
  delete state.fault
  expect(await app.auth.sessions.list(user.id)).toHaveLength(2)
})
