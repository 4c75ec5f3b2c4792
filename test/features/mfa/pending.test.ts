import { generateSync } from 'otplib'
import { routes } from '../../support/contract.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp } from '../../support/make-app.ts'

// What a sign-in that waits may call, by api.md: everything else refuses each value of its answer, wherever it is put.
const opens = {
  mfa_required: ['GET /mfa', 'POST /mfa/challenge', 'POST /mfa/verify', 'POST /logout'],
  mfa_enrollment_required: [
    'GET /mfa',
    'POST /mfa/totp',
    'POST /mfa/email',
    'POST /mfa/sms',
    'POST /mfa/totp/:id/confirm',
    'POST /mfa/factors/:id/confirm',
    'POST /mfa/challenge',
    'POST /mfa/verify',
    'POST /logout',
  ],
} as const
const everything = {
  mfa: { email: true, sms: true },
  identifiers: { email: true, phone: true, username: true },
  signup: { twoStep: true },
  passwordReset: { strategy: 'both' },
  passwordless: { email: true, sms: true, allowSignup: true },
  magicLink: { enabled: true, allowSignup: true },
  appUrl: 'https://app.example.com',
  passkeys: { enabled: true },
  apiKeys: { enabled: true },
} as const

test.each(Object.keys(opens) as (keyof typeof opens)[])(
  'R-110, regression 4: after %s no route but those of the step takes any of its values',
  async (status) => {
    const t = await makeApp({
      options: { ...everything, mfa: { ...everything.mfa, required: status === 'mfa_enrollment_required' ? 'all' : false } },
      routes: (app, auth) => app.get('/optional', auth.optionalAuth(), (req, res) => void res.json({ auth: req.auth ?? null })),
    })
    const email = freshEmail()
    const NEW = 'a wholly different password'
    if (status === 'mfa_required') {
      const { accessToken } = await signUp(t, { email })
      const { body } = await t.call('post', '/auth/mfa/totp', {}, bearer(accessToken)).expect(200)
      const code = generateSync({ secret: body.secret, epoch: t.clock.now().getTime() / 1000, digits: 6, period: 30 })
      await t.call('post', `/auth/mfa/totp/${body.id}/confirm`, { code }, bearer(accessToken)).expect(200)
    } else await t.call('post', '/auth/signup', { email, password: PASSWORD }).expect(201)
    const { body: answer } = await t.call('post', '/auth/login', { email, password: PASSWORD }).expect(200)
    expect(answer.status).toBe(status)
    const values = [answer.mfaToken as string, `${answer.mfaToken}x`]
    const user = await t.prisma.authUser.findFirstOrThrow({ where: { email } })

    for (const value of values) {
      for (const { method, path } of routes) {
        if ((opens[status] as readonly string[]).includes(`${method} ${path}`)) continue
        const verb = method.toLowerCase() as 'get' | 'post' | 'patch' | 'delete'
        const fields = {
          mfaToken: value,
          token: value,
          refreshToken: value,
          passwordToken: value,
          tenantToken: value,
          code: value,
          newPassword: NEW,
          currentPassword: PASSWORD,
        }
        for (const body of [
          {},
          fields,
          { token: value, newPassword: NEW },
          { token: value },
          { refreshToken: value },
          { passwordToken: value, newPassword: NEW },
        ]) {
          const ways: Record<string, string>[] = [
            bearer(value),
            { cookie: `__Host-lk.access=${value}; __Host-lk.refresh=${value}`, 'x-auth-transport': 'cookie' },
            { 'x-api-key': value },
          ]
          for (const headers of ways) {
            const { status: got, body: reply } = await t.call(verb, `/auth${path.replace(':id', 'x')}`, method === 'GET' ? undefined : body, headers)
            const isPublic = got === 200 && /^(GET \/(config|health|\.well-known)|POST \/passkeys\/authentication\/options)/.test(`${method} ${path}`)
            expect([method, path, got, isPublic || (got >= 400 && got < 500) || got === 202, reply.accessToken]).toEqual([method, path, got, true, undefined])
          }
        }
      }
      await t.call('get', '/private', undefined, bearer(value)).expect(401)
      expect((await t.call('get', '/optional', undefined, bearer(value)).expect(200)).body).toEqual({ auth: null })
    }
    const after = await t.prisma.authUser.findFirstOrThrow({ where: { email } })
    expect(after.passwordHash).toBe(user.passwordHash)
  },
)
