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
    void createAuth({ prisma, secret, ...options } as never).close()
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

test('mistakes of options taken together are told with the others, those that follow from another are not', () => {
  const message = messageOf({
    sesions: {},
    hooks: { 'signup.befor': () => {}, 'login.before': 1 },
    on: { 'user.regstered': () => {} },
    messages: { templates: { resetPassword: () => ({}) } },
    limits: { store: 'backend', 'POST /logn': { max: 1 } },
    captcha: { verify: () => true, routes: ['POST /sign-up'] },
    emailVerification: { required: true },
    passkeys: { enabled: true },
    baseUrl: 'example.com',
  })
  expect(message.split('\n').slice(1)).toEqual([
    '  baseUrl: must be an absolute http(s) URL',
    "  hooks: there is no hook 'signup.befor': 'signup.before' is meant?",
    "  hooks: the hook 'login.before' must be a function",
    "  on: there is no event 'user.regstered': 'user.registered' is meant?",
    '  sesions: there is no such option',
    '  emailVerification.required: needs a mailer, which sends what proves the address',
    "  limits.store: 'backend' needs the option backend",
    "  messages.templates: there is no message kind 'resetPassword': 'reset_password' is meant?",
    "  limits: there is no route POST /logn; say for example 'POST /login'",
    "  captcha: there is no route POST /sign-up; say for example 'POST /login'",
  ])
})

test('a client without the models says which are missing', () => {
  const { authSession: _session, authRole: _role, ...rest } = prisma as Record<string, unknown>
  expect(messageOf({ prisma: rest })).toMatch(/the generated client lacks AuthSession, AuthRole: run npx prisma generate/)
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
  test.each([
    ['a placeholder', 'change-me-change-me-change-me-change-me', ['production', undefined]],
    ['an example', 'your-super-secret-key-that-is-long-enough', ['production', undefined]],
    ['one letter', 'x'.repeat(64), ['production']],
    ['a word over and over', 'correct horse battery '.repeat(3), ['production']],
  ])('%s, where it is production or nothing says that it is not', (_name, value, refusing) => {
    const before = process.env.NODE_ENV
    try {
      for (const env of ['production', undefined, 'development', 'test']) {
        if (env === undefined) delete process.env.NODE_ENV
        else process.env.NODE_ENV = env
        expect([env, messageOf({ secret: value }) !== '']).toEqual([env, refusing.includes(env as never)])
        expect([env, messageOf({ secret: [secret, value] }) !== '']).toEqual([env, refusing.includes(env as never)])
        expect(messageOf({ secret: 'c1f0b9a4d7e2836509bb1e6c7d2f4a88' })).toBe('')
      }
    } finally {
      process.env.NODE_ENV = before
    }
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
  ['a session of no length', { sessions: { idleTtl: 0 } }, /at least a second/],
  ['a lock of no length', { lockout: { duration: '0s' } }, /at least a second/],
  ['a base URL with a query', { baseUrl: 'https://example.com/auth?x=1' }, /baseUrl: must have no query/],
  ['a cookie domain that is a URL', { cookies: { domain: 'https://example.com' } }, /cookies.domain: must be a host name/],
  ['a second factor by email that nobody sends', { mfa: { required: 'all', totp: false, email: true } }, /mfa.required: nobody could set a factor up/],
  [
    'a second factor by SMS that nobody sends',
    { mailer: { send() {} }, mfa: { required: () => true, totp: false, sms: true } },
    /nobody could set a factor up/,
  ],
  [
    'a second factor by email of who signs in by email',
    { mailer: { send() {} }, magicLink: { enabled: true }, mfa: { required: 'all', totp: false, email: true } },
    /mfa.required: who signs in by magicLink or passwordless could set no other factor up/,
  ],
  [
    'a second factor by SMS of who signs in by SMS',
    {
      sms: { send() {} },
      identifiers: { phone: true },
      passwordless: { sms: true },
      mfa: { required: 'all', totp: false, sms: true },
    },
    /could set no other factor up/,
  ],
  ['a second factor of no kind', { mfa: { required: 'all', totp: false } }, /needs one of totp, email and sms/],
  ['a session of centuries', { sessions: { ttl: '999999999w' } }, /sessions.ttl: at most a hundred years/],
  ['a limit for centuries', { limits: { 'POST /login': { max: 1, per: 4e9 } } }, /limits/],
  ['audit rows kept for ever', { audit: { retain: '200000w' } }, /audit.retain: at most a hundred years/],
  ['a second factor required of true', { mfa: { required: true } }, /must be false, 'all' or a function/],
  ['a base URL that is none', { baseUrl: 'example.com' }, /baseUrl/],
])('%s is refused', (_name, options, message) => {
  expect(messageOf(options)).toMatch(message)
})

test.each([
  ['by email', { mailer: { send() {} }, mfa: { required: 'all', totp: false, email: true } }],
  ['by SMS', { sms: { send() {} }, mfa: { required: 'all', totp: false, email: true, sms: true } }],
  ['of a hundred years', { sessions: { ttl: '36525d' } }],
])('what can be set up is not refused: %s', (_name, options) => {
  expect(messageOf({ baseUrl: 'https://example.com/auth', ...options })).toBe('')
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
  const inTenant = { ...common, access: 'signed-in', audit: ['x'], path: '/tenants/:id/things' } as const
  expect(() => checkRoutes([route(inTenant)])).toThrow(/tenant: 'path'/)
  expect(() => checkRoutes([route({ ...inTenant, tenant: 'session' })])).toThrow(/tenant: 'path'/)
  expect(() => checkRoutes([route({ ...inTenant, tenant: 'path', path: '/tenants/:identity' })])).toThrow(/tenant: 'path'/)
  expect(() => checkRoutes([route({ ...inTenant, tenant: 'path' })])).not.toThrow()
})

test('a baseUrl of plain http away from this machine is warned of once while cookies are Secure: browsers drop them', () => {
  const warningsOf = (options: object) => {
    const lines: string[] = []
    const logger = { debug: () => {}, info: () => {}, warn: (_fields: object, message: string) => void lines.push(message), error: () => {} }
    void createAuth({ prisma, secret, logger, ...options } as never).close()
    return lines
  }
  expect(warningsOf({ baseUrl: 'http://api.example.com/auth' })).toEqual([
    expect.stringMatching(/browsers drop Secure cookies from http:\/\/api\.example\.com\/auth/),
  ])
  for (const baseUrl of [
    'https://api.example.com/auth',
    'http://localhost:3000/auth',
    'http://app.localhost/auth',
    'http://127.0.0.1/auth',
    'http://[::1]:3000/auth',
  ])
    expect(warningsOf({ baseUrl })).toEqual([])
  expect(warningsOf({})).toEqual([])
  expect(warningsOf({ baseUrl: 'http://api.example.com/auth', cookies: { secure: false } })).toEqual([])
  expect(warningsOf({ baseUrl: 'http://api.example.com/auth', transport: { allow: ['bearer'] } })).toEqual([])
})

test('mfa.totp is true, false or how codes are made, within what authenticator apps and RFC 4226 bear', () => {
  expect(messageOf({ mfa: { totp: { period: '5s' } } })).toContain('mfa.totp.period: from 15 to 120 seconds')
  expect(messageOf({ mfa: { totp: { period: '3m' } } })).toContain('mfa.totp.period: from 15 to 120 seconds')
  expect(messageOf({ mfa: { totp: { secretBytes: 15 } } })).toContain('mfa.totp.secretBytes')
  expect(messageOf({ mfa: { totp: 'yes' } })).toContain('mfa.totp: must be true, false or { period, secretBytes }')
  const totpOf = (mfa?: object) => parseOptions({ prisma, secret, ...(mfa && { mfa }) } as never).mfa.totp
  for (const same of [undefined, {}, { totp: true }, { totp: {} }]) expect(totpOf(same)).toEqual({ period: 30, secretBytes: 20 })
  expect(totpOf({ totp: { period: 60, secretBytes: 32 } })).toEqual({ period: 60, secretBytes: 32 })
  expect(totpOf({ totp: false })).toBe(false)
})
