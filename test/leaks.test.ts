import { freshEmail, makeApp, ownClient, ownDatabase, SECRET, signUp } from './support/make-app.ts'

test('R-201, R-050, regression 11: no password, token or key is in the database, the log, an event, a hook or an error', async () => {
  const prisma = await ownClient(await ownDatabase())
  const heard: unknown[] = []
  const hear = (...args: unknown[]) => void heard.push(args[0])
  const names = [
    'signup.before',
    'signup.after',
    'login.before',
    'login.after',
    'user.beforeCreate',
    'user.afterCreate',
    'session.created',
    'session.refreshed',
    'session.revoked',
    'request.authenticated',
  ]
  const app = await makeApp({ prisma, options: { hooks: Object.fromEntries(names.map((name) => [name, hear])) } })
  const password = 'a very secret passphrase, indeed'
  const email = freshEmail()
  const answers: { text: string; status: number }[] = []
  const call = async (...args: Parameters<typeof app.call>) => {
    const answer = await app.call(...args)
    answers.push(answer)
    return answer.body
  }
  const up = await call('post', '/auth/signup', { email, password })
  await call('post', '/auth/signup', { email, password })
  await call('post', '/auth/login', { email, password: `${password}?` })
  const session = await call('post', '/auth/login', { email, password })
  const refreshed = await call('post', '/auth/refresh', { refreshToken: session.refreshToken })
  app.clock.advance(60)
  await call('post', '/auth/refresh', { refreshToken: session.refreshToken })
  await call('get', '/private', undefined, { authorization: `Bearer ${up.accessToken}` })
  await call('post', '/auth/logout', undefined, { authorization: `Bearer ${up.accessToken}` })
  await call('post', '/auth/login', { email, password: 'x', extra: password })
  await new Promise(setImmediate)

  const secrets = [password, SECRET, ...[up, session, refreshed].flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken])]
  expect(secrets.every((secret) => typeof secret === 'string' && secret.length > 20)).toBe(true)
  const models = Object.keys(prisma).filter((name) => /^auth[A-Z]/.test(name)) as ['authUser']
  expect(models.length).toBeGreaterThan(20)
  const rows = await Promise.all(models.map((model) => prisma[model].findMany()))
  const places = {
    database: rows,
    log: app.logs,
    events: app.events,
    hooks: heard,
    errors: answers.filter(({ status }) => status >= 400).map(({ text }) => text),
  }
  for (const [place, content] of Object.entries(places)) {
    const text = JSON.stringify(content, (_key, value) =>
      typeof value === 'bigint' ? String(value) : value instanceof Error ? [value.message, value.stack] : value,
    )
    expect([place, text.length > 2 || place === 'log']).toEqual([place, true])
    for (const [index, secret] of secrets.entries()) expect([place, index, text.includes(JSON.stringify(secret).slice(1, -1))]).toEqual([place, index, false])
  }
})

test('R-201: what Prisma prints of a call that it refuses is not in the log, and no path with a token', async () => {
  const hooks = { 'user.beforeCreate': (input: object) => ({ ...input, locale: 5 as unknown as string }) }
  const app = await makeApp({ options: { hooks, tenants: { mode: 'shared' } } })
  await app.call('post', '/auth/signup', { email: freshEmail(), password: 'a very secret passphrase, indeed' }).expect(500)
  const broken = await makeApp({ options: { tenants: { mode: 'shared' }, hooks: { 'response.transform': () => 1n } } })
  const { user } = await signUp(await makeApp())
  const tenant = await app.auth.tenants.create({ name: 'Acme', ownerId: user.id })
  const invited = await app.auth.invitations.create({ tenantId: tenant.id, email: freshEmail(), roles: [] })
  await broken.call('get', `/auth/invitations/${invited.token}`).expect(500)
  const lines = [...app.logs, ...broken.logs].map(({ fields, message }) =>
    JSON.stringify([fields, message], (_key, value) => (value instanceof Error ? [value.name, value.message, value.stack] : value)),
  )
  expect(lines.filter((line) => line.includes('a request failed'))).toHaveLength(2)
  expect(lines.join('\n')).toMatch(/PrismaClientValidationError.*locale.*Expected String/)
  expect(lines.join('\n')).toMatch(/"path":"\/invitations\/:token"/)
  for (const secret of [/argon2/, /passwordHash: "/, invited.token]) expect(lines.join('\n')).not.toMatch(secret)
})

test('R-192: an error whose cause is itself is still answered as one of ours', async () => {
  const circular = Object.assign(new Error('round and round'), { cause: undefined as unknown })
  circular.cause = circular
  const app = await makeApp({
    options: {
      hooks: {
        'login.before': () => {
          throw circular
        },
      },
    },
  })
  const { body } = await app.call('post', '/auth/login', { email: freshEmail(), password: 'x' }).expect(500)
  expect(body.code).toBe('INTERNAL_ERROR')
})
