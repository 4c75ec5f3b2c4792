import { bearer, freshEmail, makeApp, PASSWORD, signUp } from '../support/make-app.ts'

const NEW = 'a wholly different password'

/** What takes a secret, with a guess at it. Each must end in 429 or in a code that is dead whatever is guessed. */
const guesses: [string, (i: number, email: string) => [string, object]][] = [
  ['sign-in', (i, email) => ['/login', { email, password: `wrong ${i}` }]],
  ['change of password', (i) => ['/change-password', { currentPassword: `wrong ${i}`, newPassword: NEW }]],
  ['confirmation', (i) => ['/confirm', { password: `wrong ${i}` }]],
  ['reset', (i) => ['/reset-password', { token: `lkc_${i}`, newPassword: NEW }]],
  ['reset code', (i, email) => ['/forgot-password/verify', { email, code: String(100_000 + i) }]],
  ['magic link', (i) => ['/magic-link/consume', { token: `lkc_${i}` }]],
  ['sign-in code', (i, email) => ['/passwordless/verify', { email, code: String(100_000 + i) }]],
  ['verification link', (i) => ['/verify-email', { token: `lkc_${i}` }]],
  ['verification code', (i, email) => ['/verify-email', { email, code: String(100_000 + i) }]],
  ['change of address', (i) => ['/change-email/confirm', { token: `lkc_${i}` }]],
]

test.each(guesses)('R-041: guesses at a %s end in 429', async (_what, guess) => {
  const t = await makeApp({
    options: {
      limits: { enabled: true },
      magicLink: { enabled: true },
      passwordless: { email: true },
      passwordReset: { strategy: 'both' },
      emailVerification: { strategy: 'both' },
    },
  })
  const email = freshEmail()
  const { accessToken } = await signUp(t, { email, password: PASSWORD })
  let last = 0
  for (let i = 0; i < 150 && last !== 429; i++) {
    const [path, body] = guess(i, email)
    const answer = await t.call('post', `/auth${path}`, body, bearer(accessToken))
    last = answer.status
    expect([401, 429]).toContain(last)
    if (last === 429) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  }
  expect(last).toBe(429)
})
