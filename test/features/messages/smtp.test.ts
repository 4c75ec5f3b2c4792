import type { AddressInfo } from 'node:net'
import net from 'node:net'
import { createTransport } from 'nodemailer'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { nodemailerMailer } from '../../../src/nodemailer/index.ts'
import { freshEmail, makeApp, ownClient, ownDatabase, signUp } from '../../support/make-app.ts'

interface Letter {
  to: string
  raw: string
}
type Handlers = Pick<SMTPServerOptions, 'onRcptTo' | 'onData'>

const servers: { close: (done: () => void) => void }[] = []
afterAll(async () => {
  for (const server of servers) await new Promise<void>((resolve) => server.close(resolve))
})

/** A real SMTP server that can be told how to behave. */
async function smtpServer() {
  const letters: Letter[] = []
  const state: { handlers: Handlers } = { handlers: {} }
  const accept: NonNullable<Handlers['onData']> = (stream, session, done) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
    stream.on('end', () => {
      letters.push({ to: session.envelope.rcptTo[0]!.address, raw: Buffer.concat(chunks).toString() })
      done()
    })
  }
  const server = new SMTPServer({
    authOptional: true,
    closeTimeout: 100,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (address, session, done) => (state.handlers.onRcptTo ? state.handlers.onRcptTo.call(server, address, session, done) : done()),
    onData: (stream, session, done) => (state.handlers.onData ?? accept).call(server, stream, session, done),
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  return { letters, state, port: (server.server.address() as AddressInfo).port }
}

const transport = (port: number) =>
  createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true, connectionTimeout: 500, greetingTimeout: 500, socketTimeout: 500 })

async function appOn(port: number) {
  const mailer = nodemailerMailer(transport(port), { from: 'Acme <no-reply@acme.example>' })
  const t = await makeApp({ prisma: await ownClient(await ownDatabase()), options: { mailer, messages: { appName: 'Acme' } } })
  await t.auth.users.create({ email: freshEmail(), password: 'the first hash loads argon2' })
  return t
}

const refusals: [string, (hit: (responseCode: number, message: string) => Error) => Handlers][] = [
  ['greylists', (hit) => ({ onRcptTo: (_address, _session, done) => done(hit(451, 'greylisted, try later')) })],
  ['refuses', (hit) => ({ onRcptTo: (_address, _session, done) => done(hit(550, 'no such mailbox')) })],
  ['hangs', (hit) => ({ onRcptTo: () => void hit(0, '') })],
]

test.each(refusals)('F-14: a server that %s delays a message and never the answer; it arrives once, its token still good', async (_what, handlers) => {
  const { letters, state, port } = await smtpServer()
  let hits = 0
  state.handlers = handlers((responseCode, message) => {
    hits++
    return Object.assign(new Error(message), { responseCode })
  })
  const t = await appOn(port)
  const email = freshEmail()
  const began = performance.now()
  await signUp(t, { email })
  expect(performance.now() - began).toBeLessThan(3000)
  await t.auth.messages.deliver()
  expect(hits).toBeGreaterThanOrEqual(1)
  expect(letters).toHaveLength(0)
  state.handlers = {}
  t.clock.advance(30)
  await t.auth.messages.deliver()
  expect(letters.map(({ to }) => to)).toEqual([email])
  const body = letters[0]!.raw.replace(/=\r\n/g, '').replaceAll('=3D', '=')
  const token = /token=(lkc_[\w-]+)/.exec(body)![1]!
  await t.call('post', '/auth/verify-email', { token }).expect(204)
  expect(JSON.stringify([t.logs, await t.auth.messages.pending()])).not.toContain(token)
})

test('F-14: a server that drops the line after DATA, and one that is not there, are tried again', async () => {
  let drops = 2
  const { letters, port } = await smtpServer()
  const proxy = net.createServer((socket) => {
    const upstream = net.connect(port, '127.0.0.1')
    upstream.on('data', (chunk) => socket.write(chunk))
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
    socket.on('data', (chunk) => {
      if (/^DATA/m.test(chunk.toString()) && drops-- > 0) {
        socket.destroy()
        upstream.destroy()
      } else upstream.write(chunk)
    })
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  servers.push(proxy)
  const t = await appOn((proxy.address() as AddressInfo).port)
  const email = freshEmail()
  await signUp(t, { email })
  for (let i = 0; i < 4; i++) {
    await t.auth.messages.deliver()
    t.clock.advance(60)
  }
  expect(letters.map(({ to }) => to)).toEqual([email])
  const gone = await appOn(1)
  await signUp(gone)
  await gone.auth.messages.deliver()
  expect((await gone.auth.messages.pending()).at(-1)).toMatchObject({ failedAt: null, lastError: expect.stringMatching(/ECONNREFUSED|EACCES|EPERM/) })
})

test('a letter keeps its Message-ID between tries, has both bodies, and no user text in its head', async () => {
  const { letters, state, port } = await smtpServer()
  const t = await appOn(port)
  const ids: string[] = []
  state.handlers = {
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
      stream.on('end', () => {
        ids.push(/^Message-ID: (.+)$/im.exec(Buffer.concat(chunks).toString())![1]!.trim())
        done(Object.assign(new Error('busy'), { responseCode: 452 }))
      })
    },
  }
  await signUp(t)
  await t.auth.messages.deliver()
  state.handlers = {}
  t.clock.advance(60)
  await t.auth.messages.deliver()
  const raw = letters[0]!.raw
  expect(raw).toContain(`Message-ID: ${ids[0]}`)
  expect(raw).toMatch(/^From: Acme <no-reply@acme\.example>/m)
  expect(raw).toMatch(/^Subject: Confirm your email address for Acme/m)
  expect(raw).toMatch(/^Auto-Submitted: auto-generated/m)
  expect(raw).toContain('Content-Type: text/plain')
  expect(raw).toContain('Content-Type: text/html')
})

test('nodemailerMailer wants a sender address', () => {
  expect(() => nodemailerMailer(transport(25), { from: 'nobody' })).toThrow(TypeError)
})
