import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { RequestHandler } from 'express'
import { bearer, makeApp, signUp, type TestApp } from '../support/make-app.ts'

let app: TestApp
let seen: unknown[] = []
const look: RequestHandler = (req, res) => {
  seen.push((req as any).user)
  res.json({ auth: req.auth?.user.id ?? null, user: (req as any).user ?? null })
}
const assign =
  (property: 'auth' | 'user', value: unknown): RequestHandler =>
  (req, _res, next) => {
    ;(req as any)[property] = value
    next()
  }

beforeAll(async () => {
  app = await makeApp({
    routes: (express, auth) => {
      express.get('/open', look)
      express.get('/own', auth.requireAuth(), look)
      express.get('/forged', assign('auth', { user: { id: 'root' }, roles: ['admin'], has: () => true }), auth.requireRole('admin'), look)
      express.get('/forged-optional', assign('auth', { user: { id: 'root' } }), auth.optionalAuth(), look)
      express.get('/replaced', assign('user', { id: 'of another library' }), auth.requireAuth(), look)
      express.get('/replaces', auth.requireAuth(), assign('user', { id: 'mine' }), look)
      express.get('/cleared', auth.requireAuth(), assign('auth', undefined), assign('user', null), look)
      express.get('/twice', auth.requireAuth(), auth.requireAuth(), look)
    },
  })
})
beforeEach(() => void (seen = []))
const get = (path: string, token?: string) => app.call('get', path, undefined, token ? bearer(token) : {})

test('req.auth and req.user are those of one request and of no other', async () => {
  const { accessToken, user } = await signUp(app)
  expect((await get('/own', accessToken).expect(200)).body).toMatchObject({ auth: user.id, user: { id: user.id, tenantId: null, roles: [] } })
  expect((await get('/open').expect(200)).body).toEqual({ auth: null, user: null })
  expect((await get('/twice', accessToken).expect(200)).body.auth).toBe(user.id)
})

test('what other code put at req.auth signs nobody in', async () => {
  expect((await get('/forged').expect(401)).body.code).toBe('UNAUTHENTICATED')
  const { accessToken, user } = await signUp(app)
  expect((await get('/forged', accessToken).expect(403)).body.code).toBe('FORBIDDEN')
  expect((await get('/forged-optional', accessToken).expect(200)).body.auth).toBe(user.id)
})

test('req.user: the guard replaces what was there, what comes after it replaces that', async () => {
  const { accessToken, user } = await signUp(app)
  expect((await get('/replaced', accessToken).expect(200)).body.user.id).toBe(user.id)
  expect((await get('/replaces', accessToken).expect(200)).body).toEqual({ auth: user.id, user: { id: 'mine' } })
  expect((await get('/cleared', accessToken).expect(200)).body).toEqual({ auth: null, user: null })
})

test('whom one instance signed in is nobody to another', async () => {
  const other = await makeApp({ options: { tokens: { audience: 'https://other.example.com' } } })
  const { accessToken } = await signUp(app)
  const both: RequestHandler[] = [app.auth.requireAuth(), other.auth.requireAuth()]
  app.app.get('/both-instances', ...both, look)
  expect((await get('/both-instances', accessToken).expect(401)).body.code).toBe('TOKEN_INVALID')
})

test('a request that is not Express’s gets both as its own', async () => {
  const { accessToken, user } = await signUp(app)
  await get('/own', accessToken).expect(200)
  const req = Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url: '/', headers: bearer(accessToken), app: { get: () => true } })
  await new Promise((resolve) => app.auth.requireAuth()(req as never, {} as never, resolve))
  expect(Object.keys(req)).toEqual(expect.arrayContaining(['auth', 'user']))
  expect((req as any).auth.user.id).toBe(user.id)
})

test('a request without the state that Node keeps for a stream, as a mock may be, has both all the same', async () => {
  const { accessToken, user } = await signUp(app)
  const mock = () =>
    Object.assign(Object.create(app.app.request) as object, { headers: bearer(accessToken), app: { get: () => true }, _readableState: undefined }) as never
  const [req, other] = [mock(), mock()] as [any, any]
  await new Promise((resolve) => app.auth.requireAuth()(req as never, {} as never, resolve))
  expect([req.auth.user.id, req.user.id]).toEqual([user.id, user.id])
  req.user = { id: 'mine' }
  expect([req.auth.user.id, req.user.id]).toEqual([user.id, 'mine'])
  expect([other.auth, other.user]).toEqual([undefined, undefined])
})
