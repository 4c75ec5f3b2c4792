import { bearer, freshEmail, makeApp, PASSWORD, signUp, type TestApp } from '../../support/make-app.ts'
import { otherThan, sentTo } from '../../support/secrets.ts'

const NEW = 'a wholly different password'
const AT_ONCE = 50
let t: TestApp
beforeAll(async () => {
  t = await makeApp({
    options: {
      signup: { twoStep: true },
      emailVerification: { strategy: 'both' },
      passwordReset: { strategy: 'both' },
      passwordless: { email: true },
      magicLink: { enabled: true },
      codes: { maxAttempts: 10 },
    },
  })
})

interface Once {
  /** What the holder of the code or link sends. */
  redeem: (i: number) => ReturnType<TestApp['call']>
  /** The same with a guess in place of the code. */
  guess?: (code: string) => ReturnType<TestApp['call']>
  code?: string
}

/** Each thing that is spent by its use. */
const things: [string, () => Promise<Once>][] = [
  [
    'a verification code',
    async () => {
      const email = freshEmail()
      await signUp(t, { email })
      const { code } = await sentTo(t, email, 'verify_email')
      const guess = (code: string) => t.call('post', '/auth/verify-email', { email, code })
      return { redeem: () => guess(code), guess, code }
    },
  ],
  [
    'a sign-in code',
    async () => {
      const email = freshEmail()
      await t.auth.users.create({ email, emailVerified: true })
      await t.call('post', '/auth/passwordless/send', { email }).expect(202)
      const { code } = await sentTo(t, email, 'login_code')
      const guess = (code: string) => t.call('post', '/auth/passwordless/verify', { email, code })
      return { redeem: () => guess(code), guess, code }
    },
  ],
  [
    'a reset code',
    async () => {
      const email = freshEmail()
      await signUp(t, { email })
      await t.call('post', '/auth/forgot-password', { email }).expect(202)
      const { code } = await sentTo(t, email, 'reset_password')
      const guess = (code: string) => t.call('post', '/auth/forgot-password/verify', { email, code })
      return { redeem: () => guess(code), guess, code }
    },
  ],
  [
    'the token that a reset code was traded for',
    async () => {
      const email = freshEmail()
      await signUp(t, { email })
      await t.call('post', '/auth/forgot-password', { email }).expect(202)
      const { code } = await sentTo(t, email, 'reset_password')
      const { body } = await t.call('post', '/auth/forgot-password/verify', { email, code }).expect(200)
      return { redeem: (i) => t.call('post', '/auth/reset-password', { token: body.resetToken, newPassword: `${NEW} ${i}` }) }
    },
  ],
  [
    'a sign-up code',
    async () => {
      const email = freshEmail()
      await t.call('post', '/auth/signup/initiate', { email }).expect(202)
      const { code } = await sentTo(t, email, 'signup_code')
      const guess = (code: string) => t.call('post', '/auth/signup/complete', { email, code, password: PASSWORD })
      return { redeem: () => guess(code), guess, code }
    },
  ],
  [
    'a change of address',
    async () => {
      const { accessToken } = await signUp(t)
      const newEmail = freshEmail()
      await t.call('post', '/auth/change-email', { newEmail }, bearer(accessToken)).expect(202)
      const { token } = await sentTo(t, newEmail, 'change_email')
      return { redeem: () => t.call('post', '/auth/change-email/confirm', { token }) }
    },
  ],
  [
    'a confirmation code',
    async () => {
      const email = freshEmail()
      const user = await t.auth.users.create({ email, emailVerified: true })
      const { accessToken } = await t.auth.sessions.create(user.id)
      await t.call('post', '/auth/confirm', { send: true }, bearer(accessToken)).expect(202)
      const { code } = await sentTo(t, email, 'confirm_code')
      const guess = (code: string) => t.call('post', '/auth/confirm', { code }, bearer(accessToken))
      return { redeem: () => guess(code), guess, code }
    },
  ],
]

test.each(things)('R-051: %s redeemed 50 times at once: one wins', async (_what, make) => {
  const { redeem } = await make()
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => redeem(i)))
  expect(answers.filter(({ status }) => status < 300)).toHaveLength(1)
  expect(answers.filter(({ status }) => status >= 500 && status !== 503)).toEqual([])
})

test.each(things)('R-034: %s: of 50 guesses at once no more than the budget are compared, and then the right one is dead', async (_what, make) => {
  const { guess, code } = await make()
  if (!guess || code === undefined) return
  const before = (await t.auth.audit.query({ event: 'code.rejected', limit: 200 })).data.length
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => guess(otherThan(code, i + 1))))
  expect(answers.some(({ status }) => status < 300)).toBe(false)
  const { data } = await t.auth.audit.query({ event: 'code.rejected', limit: 200 })
  const wrong = data.slice(0, data.length - before).filter(({ data }) => (data as { reason: string }).reason === 'wrong')
  expect(wrong.length).toBeLessThanOrEqual(10)
  expect((await guess(code)).status).toBe(401)
})
