import { freshEmail, makeApp, signUp } from '../../support/make-app.ts'

const calls: string[] = []
// The hasher is loaded at the first hash, so this stands before it.
jest.mock('@node-rs/argon2', () => {
  const real = jest.requireActual('@node-rs/argon2')
  return {
    hash: (...args: unknown[]) => calls.push('hash') && real.hash(...args),
    verify: (...args: unknown[]) => calls.push('verify') && real.verify(...args),
  }
})

test('R-020: the hasher works exactly once for an unknown account, one without a password and a known one', async () => {
  const app = await makeApp()
  const { user } = await signUp(app)
  const { email } = await app.auth.users.create({ email: freshEmail() })
  const worked = async (email: string) => {
    calls.length = 0
    await app.call('post', '/auth/login', { email, password: 'not the password' }).expect(401)
    return calls.length
  }
  expect([await worked(freshEmail()), await worked(email!), await worked(user.email)]).toEqual([1, 1, 1])
})
