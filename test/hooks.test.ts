import type { AuthContext } from '../src/context.ts'
import { runHook } from '../src/hooks.ts'
import type { AuthHooks } from '../src/index.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp } from './support/make-app.ts'

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic
const garbage: [string, unknown][] = [
  ['a text', 'text'],
  ['true', true],
  ['a list', [1, 2]],
  ['a map', new Map([['email', 'a@example.com']])],
  ['a circle', cyclic],
]

describe('F-23: a hook that gives back what cannot be meant fails the request, and nothing is written', () => {
  test.each(garbage)('%s', async (_name, value) => {
    for (const hook of ['signup.before', 'user.beforeCreate', 'user.sessionData', 'token.claims']) {
      const app = await makeApp({ options: { hooks: { [hook]: () => value } as AuthHooks } })
      const email = freshEmail()
      const { status } = await app.call('post', '/auth/signup', { email, password: PASSWORD })
      expect([hook, status]).toEqual([hook, 500])
      expect(await app.auth.users.findByEmail(email)).toBeNull()
      expect(JSON.stringify(app.logs.map(({ fields }) => String((fields as { err?: unknown }).err)))).toContain(hook)
    }
  })

  test('user.beforeUpdate, and identifiers that are none or left out', async () => {
    let given: unknown = 'text'
    const hooks = { 'user.beforeCreate': () => given, 'user.beforeUpdate': () => given } as AuthHooks
    const app = await makeApp({ options: { hooks } })
    given = undefined
    const { user } = await signUp(app)
    given = 'text'
    await expect(app.auth.users.update(user.id, { locale: 'de' })).rejects.toThrow(/user\.beforeUpdate has to give back an object/)
    for (const [result, refusal] of [
      [{ metadata: { plan: 'free' } }, /no identifier/],
      [{ email: { contains: 'a' } }, /not valid/],
    ] as const) {
      given = result
      await expect(app.auth.users.create({ email: freshEmail() })).rejects.toThrow(refusal)
    }
  })

  test('a body that JSON cannot hold is answered without the cookies of the session', async () => {
    const hooks = { 'response.transform': () => ({ big: 1n }) } as AuthHooks
    const app = await makeApp({ options: { hooks } })
    const answer = await app.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }, { 'x-auth-transport': 'cookie' })
    expect([answer.status, answer.headers['set-cookie']]).toEqual([500, undefined])
  })
})

test('what JSON leaves out, session data and claims leave out too: undefined is no fault, times are text', async () => {
  const at = new Date('2026-01-01T00:00:00Z')
  const data = { plan: undefined, at } as never
  const app = await makeApp({ options: { hooks: { 'user.sessionData': () => data, 'token.claims': () => data } } })
  const { accessToken, session } = await signUp(app)
  expect(session).toMatchObject({ data: { at: at.toISOString() } })
  expect(JSON.parse(Buffer.from(accessToken.split('.')[1]!, 'base64url').toString())).toMatchObject({ at: at.toISOString() })
  await app.call('get', '/private', undefined, bearer(accessToken)).expect(200)
})

test('services are bound for a hook that asks for them, once, and for no other', async () => {
  let bound = 0
  const services = () => ({ number: ++bound })
  const run = (hook: (input: unknown, context: { auth: unknown }) => void) =>
    runHook({ options: { hooks: { 'login.before': hook } }, services } as unknown as AuthContext, 'login.before', {})
  await run(() => undefined)
  expect(bound).toBe(0)
  await run((_input, context) => expect(context.auth).toBe(context.auth))
  expect(bound).toBe(1)
})
