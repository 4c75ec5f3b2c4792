import { freshEmail, makeApp, ownClient, PASSWORD, signUp } from '../../support/make-app.ts'

const FIRST = 'the first pepper, of thirty-two bytes and more'
const SECOND = 'the second pepper, of thirty-two bytes and more'
const on = (pepper: string | string[]) => makeApp({ options: { password: { pepper } } })

test('R-011: a pepper is mixed in, named by keyid, and replaced at sign-in when another comes first', async () => {
  const before = await makeApp()
  const old = freshEmail()
  await signUp(before, { email: old })
  const first = await on(FIRST)
  const email = freshEmail()
  await signUp(first, { email })
  const prisma = await ownClient()
  const hashOf = async (email: string) => (await prisma.authUser.findFirstOrThrow({ where: { email } })).passwordHash!
  const original = await hashOf(email)
  expect(original).toMatch(/^\$argon2id\$v=19\$m=\d+,t=\d+,p=1,keyid=[A-Za-z0-9+/]{8}\$/)
  expect(original).not.toContain(FIRST)
  const login = (t: typeof first, email: string, status = 200) => t.call('post', '/auth/login', { email, password: PASSWORD }).expect(status)
  await login(first, email)
  expect(await hashOf(email)).toBe(original)
  await login(before, email, 401)
  const both = await on([SECOND, FIRST])
  await login(both, email)
  const replaced = await hashOf(email)
  expect(replaced).toContain('keyid=')
  expect(replaced.split('keyid=')[1]!.slice(0, 8)).not.toBe(original.split('keyid=')[1]!.slice(0, 8))
  await login(both, old)
  expect(await hashOf(old)).toContain('keyid=')
  const second = await on(SECOND)
  await login(second, email)
  await login(first, email, 401)
  await expect(on('short')).rejects.toThrow('password.pepper')
})

test('regression 16: underscore and percent in a search are themselves', async () => {
  const t = await makeApp()
  const tag = freshEmail().split('@')[0]!.replace('.', '')
  for (const name of [`a_b${tag}`, `acb${tag}`, `a%b${tag}`]) await t.auth.users.create({ email: `${name}@example.com` })
  const found = async (search: string) => (await t.auth.users.list({ search })).data.map(({ email }) => email)
  expect(await found(`a_b${tag}`)).toEqual([`a_b${tag}@example.com`])
  expect(await found(`a%b${tag}`)).toEqual([`a%b${tag}@example.com`])
  expect(await found(`B${tag}`)).toHaveLength(3)
  expect(await found(`\\${tag}`)).toEqual([])
})
