import { checkRoutes, route } from '../src/http/route.ts'
import { createAuth } from '../src/index.ts'
import { parseOptions } from '../src/options.ts'

const models = [
  'User',
  'Identity',
  'Session',
  'Otp',
  'MfaFactor',
  'RecoveryCode',
  'TrustedDevice',
  'Passkey',
  'AccessKey',
  'Tenant',
  'Membership',
  'MembershipRole',
  'PlatformAccess',
  'PlatformAccessRole',
  'Role',
  'Permission',
  'RolePermission',
  'RoleInheritance',
  'Invitation',
  'AdminUser',
  'AdminSession',
  'AuditLog',
  'BlockedEmailDomain',
  'SigningKey',
  'Message',
  'Change',
  'RateLimit',
]
const prisma = { $transaction: () => {}, ...Object.fromEntries(models.map((model) => [`auth${model}`, {}])) } as never
const secret = 'a secret of more than thirty-two bytes, surely'
const messageOf = (options: object): string => {
  try {
    createAuth({ prisma, secret, ...options } as never)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

test('every mistake is listed at once, with its mend', () => {
  const message = messageOf({
    prisma: {},
    secret: 'short',
    sesions: {},
    tokens: { accessTtl: 'soon' },
    password: { minLength: 4 },
    cookies: { secure: false, sameSite: 'none' },
    trustedOrigins: ['https://a.example/path'],
  })
  for (const part of [
    'prisma: must be a PrismaClient',
    'at least 32 bytes',
    'openssl rand',
    'sesions: there is no such option',
    'tokens.accessTtl',
    "'15m'",
    'password.minLength',
    'sameSite',
    'trustedOrigins.0',
  ]) {
    expect(message).toContain(part)
  }
})

test('a schema without the models says which are missing', () => {
  const { authSession: _session, authRole: _role, ...rest } = prisma as Record<string, unknown>
  expect(messageOf({ prisma: rest })).toMatch(/lacks AuthSession, AuthRole: add the models/)
})

describe('R-013, R-094: no weak secret starts', () => {
  test.each([
    ['none', undefined],
    ['a short one', 'x'.repeat(31)],
    ['an empty list', []],
    ['a list with a short one', [secret, 'x']],
  ])('%s', (_name, value) => {
    expect(messageOf({ secret: value })).toMatch(/secret/)
  })
  test('a placeholder in production', () => {
    const before = process.env.NODE_ENV
    process.env.NODE_ENV = 'production'
    expect(messageOf({ secret: 'change-me-change-me-change-me-change-me' })).toMatch(/placeholder/)
    process.env.NODE_ENV = before
  })
})

test.each([
  ['weak argon2', { password: { argon2: { memoryCost: 1024 } } }, /OWASP/],
  ['a limit for a route that is not there', { limits: { 'POST /logn': { max: 1, per: '1m' } } }, /no route POST \/logn/],
  ['a limit that is none', { limits: { 'POST /login': { max: 0 } } }, /max: 20/],
  ['a grace of more than a minute', { sessions: { refreshGrace: '2m' } }, /60 seconds/],
  ['cleanup at no interval', { cleanup: { every: 0 } }, /second to a week/],
  ['audit rows for an hour', { audit: { retain: '1h' } }, /at least a day/],
  ['no identifier', { identifiers: { email: false } }, /at least one identifier/],
  ['a default transport that is not allowed', { transport: { default: 'cookie', allow: ['bearer'] } }, /one of allow/],
  ['a hook that is no function', { hooks: { 'signup.before': 1 } }, /hooks/],
  ['a hook that there is none of', { hooks: { 'signup.befor': () => {} } }, /hooks: there is no hook 'signup.befor'/],
  ['a listener for no event', { on: { 'user.regstered': () => {} } }, /no event 'user.regstered'/],
  ['a base URL that is none', { baseUrl: 'example.com' }, /baseUrl/],
])('%s is refused', (_name, options, message) => {
  expect(messageOf(options)).toMatch(message)
})

test('defaults are those of the documentation, and durations are seconds', () => {
  const { tokens, sessions, password, lockout, transport, cookies, stepUp, feed, audit, cleanup } = parseOptions({ prisma, secret })
  expect(tokens).toMatchObject({ accessTtl: 900, algorithm: 'EdDSA', rotateKeysEvery: 90 * 86_400 })
  expect(sessions).toEqual({ ttl: 30 * 86_400, maxPerUser: 10, refreshGrace: 10, check: 'feed' })
  expect(password).toMatchObject({ minLength: 8, maxLength: 128, argon2: { memoryCost: 19456, timeCost: 2, parallelism: 1 }, maxQueue: 64 })
  expect(lockout).toEqual({ enabled: true, maxAttempts: 10, window: 900, duration: 900 })
  expect([audit.retain, cleanup]).toEqual([400 * 86_400, { every: 900 }])
  expect([transport.default, cookies.secure, cookies.sameSite, stepUp.maxAge, feed.pollEvery]).toEqual(['bearer', true, 'lax', 900, 2])
})

test('R-170: a route without a policy, or that changes something without a word in the audit log, does not start', () => {
  const common = { method: 'POST', path: '/x', summary: 'x', answers: {}, handler: async () => ({ status: 204 }) } as const
  expect(() => checkRoutes([route({ ...common, audit: ['x'] } as never)])).toThrow(/no access policy/)
  expect(() => checkRoutes([route({ ...common, access: 'public', audit: [] })])).toThrow(/no audit event/)
  const fine = route({ ...common, access: 'public', audit: ['x'] })
  expect(() => checkRoutes([fine, fine])).toThrow(/twice/)
})
