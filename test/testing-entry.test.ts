import express from 'express'
import request from 'supertest'
import { consoleMailer } from '../src/index.ts'
import { createTestAuth, memoryMailer, signInAs } from '../src/testing/index.ts'
import { freshEmail, ownClient, ownDatabase } from './support/make-app.ts'

test('latchkey/testing: an instance, a session, a mailbox and a clock', async () => {
  const { auth, mailbox, clock } = createTestAuth({ prisma: await ownClient(), stepUp: { maxAge: '1m' } })
  const app = express()
    .use('/auth', auth.router())
    .get('/careful', auth.requireStepUp(), (_req, res) => void res.json({ ok: true }))
  const email = freshEmail()
  const user = await auth.users.create({ email, emailVerified: true })
  const { headers, answer } = await signInAs(auth, user, { amr: ['pwd', 'mfa'] })
  expect(answer.session.amr).toEqual(['pwd', 'mfa'])
  await request(app).get('/careful').set(headers).expect(200)
  clock.advance(61)
  await request(app).get('/careful').set(headers).expect(403)
  await request(app).post('/auth/forgot-password').send({ email }).expect(202)
  await auth.messages.deliver()
  expect(mailbox.last(email)).toMatchObject({ kind: 'reset_password', channel: 'email' })
  expect(mailbox.last(email, 'magic_link')).toBeUndefined()
  mailbox.clear()
  expect(mailbox.messages).toEqual([])
  await auth.close()
})

test('signInAs makes a member with roles of whoever it signs in', async () => {
  const { auth } = createTestAuth({ prisma: await ownClient(), tenants: { mode: 'shared' } })
  const app = express()
    .get('/tenant', auth.requireTenant(), auth.requireRole('clerk'), (req, res) => void res.json({ tenantId: req.auth?.tenantId }))
    .get('/staff', auth.requireRole('keeper'), (_req, res) => void res.json({ ok: true }))
  const user = await auth.users.create({ email: freshEmail() })
  const { id: tenantId } = await auth.tenants.create({ name: 'Acme' })
  const plain = await signInAs(auth, user)
  await request(app).get('/staff').set(plain.headers).expect(403)
  for (let i = 0; i < 2; i++) {
    const inside = await signInAs(auth, user, { tenantId, roles: ['clerk'] })
    expect((await request(app).get('/tenant').set(inside.headers).expect(200)).body).toEqual({ tenantId })
  }
  const keeper = await signInAs(auth, user, { roles: ['keeper'] })
  await request(app).get('/staff').set(keeper.headers).expect(200)
  await auth.close()
})

test('consoleMailer prints in development and refuses production', async () => {
  const lines: string[] = []
  const message = { id: '1', channel: 'email', kind: 'magic_link', to: 'a@example.com', subject: 'Hello', text: 'one\ntwo\n', data: {} } as const
  await consoleMailer({ print: (line) => void lines.push(line) }).send(message)
  expect(lines).toEqual(['── email to a@example.com: Hello\n   one\n   two'])
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  try {
    expect(() => consoleMailer()).toThrow(/development/)
  } finally {
    process.env.NODE_ENV = before
  }
  expect(memoryMailer().messages).toEqual([])
})

test('an agent of supertest stays signed in by cookies over plain http, and what is given wins', async () => {
  const prisma = await ownClient()
  const { auth } = createTestAuth({ prisma })
  const app = express()
    .use('/auth', auth.router())
    .get('/me', auth.requireAuth(), (req, res) => void res.json(req.auth?.via))
  const agent = request.agent(app).set('X-Auth-Transport', 'cookie')
  await agent.post('/auth/signup').send({ email: freshEmail(), password: 'correct horse battery' }).expect(201)
  expect((await agent.get('/me').expect(200)).body).toBe('cookie')
  await agent.post('/auth/logout').expect(204)
  await agent.get('/me').expect(401)
  const secure = createTestAuth({ prisma, cookies: { secure: true } })
  const answer = await request(express().use('/auth', secure.auth.router()))
    .post('/auth/signup')
    .set('X-Auth-Transport', 'cookie')
    .send({ email: freshEmail(), password: 'correct horse battery' })
    .expect(201)
  expect(answer.headers['set-cookie']![0]).toMatch(/^__Host-lk\.access=.*Secure/)
  await Promise.all([auth.close(), secure.auth.close()])
})

test('what went wrong on the server is printed; a missing table is told with what mends it', async () => {
  const { auth } = createTestAuth({ prisma: await ownClient(await ownDatabase({ empty: true })) })
  const print = jest.spyOn(console, 'error').mockImplementation(() => {})
  const body = { email: freshEmail(), password: 'correct horse battery' }
  await request(express().use('/auth', auth.router())).post('/auth/signup').send(body).expect(500)
  const lines = print.mock.calls.map(([line]) => String(line))
  print.mockRestore()
  expect(lines).toContainEqual(expect.stringMatching(/"message":"a request failed: the database lacks a table or column, run npx prisma migrate deploy"/))
  await auth.close()
})
