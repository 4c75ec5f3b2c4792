import { makeApp, PASSWORD } from '../support/make-app.ts'

test.each([
  [{ email: '', password: '' }, ['email must not be empty', 'password must not be empty']],
  [{ email: 'ada@example.com' }, ['password is missing']],
  [{ email: 5, password: [PASSWORD] }, ['email must be a string', 'password must be a string']],
  [{ email: 'ada@example.com', password: 'x'.repeat(2000) }, ['password must have at most 1024 characters']],
  [{ email: 'ada@example.com', password: PASSWORD, rememberMe: 'yes' }, ['rememberMe must be a boolean']],
  [[], [' must be an object']],
])('what is wrong with a field can be read behind its name: %j (R-190)', async (body, wanted) => {
  const { call } = await makeApp()
  const { errors } = (await call('post', '/auth/login', body).expect(422)).body as { errors: { path: string; message: string }[] }
  expect(errors.map(({ path, message }) => `${path} ${message}`)).toEqual(wanted)
})
