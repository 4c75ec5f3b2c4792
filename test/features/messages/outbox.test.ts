import type { Mailer, OutgoingMessage } from '../../../src/index.ts'
import { bearer, freshEmail, makeApp, signUp, type TestApp } from '../../support/make-app.ts'

/** A sender that does as it is told. */
function tamedMailer() {
  const sent: OutgoingMessage[] = []
  const mailer: Mailer & { fail?: Error; sent: OutgoingMessage[] } = {
    sent,
    send: async (message) => {
      if (mailer.fail) throw mailer.fail
      sent.push(message)
    },
  }
  return mailer
}

/** Someone without a password asks for a code to confirm with. */
async function askForCode(t: TestApp) {
  const email = freshEmail()
  const user = await t.auth.users.create({ email, emailVerified: true })
  const { accessToken } = await t.auth.sessions.create(user.id)
  await t.call('post', '/auth/confirm', { send: true }, bearer(accessToken)).expect(202)
  return { email, userId: user.id }
}

test('a message is written encrypted with the change, leaves outside the request, and loses its payload once sent', async () => {
  const mailer = tamedMailer()
  mailer.fail = new Error('not yet')
  const t = await makeApp({ options: { mailer } })
  const { email, userId } = await askForCode(t)
  await t.auth.messages.deliver()
  const [row] = await t.prisma.authMessage.findMany({ where: { userId } })
  expect(row).toMatchObject({ kind: 'confirm_code', channel: 'email', sentAt: null, attempts: 1, lastError: 'Error: not yet' })
  expect(row!.payload).toMatch(/^v1\./)
  expect(JSON.stringify(row)).not.toContain(email)
  delete mailer.fail
  t.clock.advance(10)
  expect(await t.auth.messages.deliver()).toBeGreaterThanOrEqual(1)
  expect(mailer.sent.filter(({ to }) => to === email)).toHaveLength(1)
  expect(await t.prisma.authMessage.findUnique({ where: { id: row!.id } })).toMatchObject({ payload: null, lastError: null, sentAt: t.clock.now() })
})

test('what waits for someone goes with the account', async () => {
  const mailer = tamedMailer()
  mailer.fail = new Error('not yet')
  const t = await makeApp({ options: { mailer } })
  const { email, userId } = await askForCode(t)
  await t.auth.messages.deliver()
  await t.auth.users.delete(userId)
  expect(await t.prisma.authMessage.count({ where: { userId } })).toBe(0)
  delete mailer.fail
  t.clock.advance(3600)
  await t.auth.messages.deliver()
  expect(mailer.sent.filter(({ to }) => to === email)).toEqual([])
})

test('tries are bounded and spaced out; a message that is given up has an audit row (F-14)', async () => {
  const mailer = tamedMailer()
  mailer.fail = Object.assign(new Error('451 try again later'), { responseCode: 451 })
  const t = await makeApp({ options: { mailer, messages: { maxAttempts: 3 } } })
  const { userId } = await askForCode(t)
  await t.auth.messages.deliver()
  for (const pause of [10, 30]) {
    t.clock.advance(pause - 1)
    expect(await t.auth.messages.deliver()).toBe(0)
    t.clock.advance(1)
    await t.auth.messages.deliver()
  }
  const [message] = await t.auth.messages.pending()
  expect(message).toMatchObject({ userId, attempts: 3, failedAt: t.clock.now(), lastError: 'Error: 451 try again later' })
  const { data } = await t.auth.audit.query({ event: 'message.given_up' })
  expect(data[0]).toMatchObject({ userId, outcome: 'failure', data: { messageId: message!.id, kind: 'confirm_code' } })
  delete mailer.fail
  await t.auth.messages.retry(message!.id)
  await t.auth.messages.deliver()
  expect(mailer.sent).toHaveLength(1)
  await expect(t.auth.messages.retry(message!.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('what the sender says is kept without code and address (R-201)', async () => {
  const t = await makeApp({ options: { mailer: { send: async ({ to, data }) => Promise.reject(new Error(`550 <${to}> refused: ${data.code}`)) } } })
  const { email } = await askForCode(t)
  await t.auth.messages.deliver()
  const [message] = await t.auth.messages.pending()
  expect(message!.lastError).toBe('Error: 550 <[…]> refused: […]')
  expect(JSON.stringify(t.logs)).not.toContain(email)
})

test('a message whose code has expired is not sent any more', async () => {
  const mailer = tamedMailer()
  mailer.fail = new Error('down')
  const t = await makeApp({ options: { mailer } })
  await askForCode(t)
  await t.auth.messages.deliver()
  delete mailer.fail
  t.clock.advance(700)
  expect(await t.auth.messages.deliver()).toBe(0)
  expect(mailer.sent).toHaveLength(0)
})

test('several processes send a message once', async () => {
  const mailer = tamedMailer()
  mailer.fail = new Error('down')
  const t = await makeApp({ options: { mailer } })
  const { email } = await askForCode(t)
  await t.auth.messages.deliver()
  delete mailer.fail
  t.clock.advance(60)
  const others = await Promise.all([1, 2, 3].map(() => makeApp({ options: { mailer }, clock: t.clock })))
  await Promise.all([t, ...others].map(({ auth }) => auth.messages.deliver()))
  expect(mailer.sent.filter(({ to }) => to === email)).toHaveLength(1)
})

test('a message claimed by a process that died is sent by another once the claim has run out (F-05)', async () => {
  const mailer = tamedMailer()
  mailer.fail = new Error('down')
  const t = await makeApp({ options: { mailer } })
  const { userId } = await askForCode(t)
  await t.auth.messages.deliver()
  delete mailer.fail
  t.clock.advance(20)
  const until = new Date(t.clock.now().getTime() + 60_000)
  await t.prisma.authMessage.updateMany({ where: { userId }, data: { claimedBy: 'another', claimedUntil: until } })
  expect(await t.auth.messages.deliver()).toBe(0)
  t.clock.advance(61)
  expect(await t.auth.messages.deliver()).toBe(1)
})

test('one address gets at most limits.messagesPerRecipient messages, and the answer stays the same (R-037)', async () => {
  const t = await makeApp({ options: { limits: { enabled: true, messagesPerRecipient: { max: 3, per: '1h' } } } })
  const email = freshEmail()
  const user = await t.auth.users.create({ email, emailVerified: true })
  const { accessToken } = await t.auth.sessions.create(user.id)
  for (let i = 0; i < 20; i++) await t.call('post', '/auth/confirm', { send: true }, bearer(accessToken)).expect(202)
  await t.mailbox.settle()
  expect(t.mailbox.to(email)).toHaveLength(3)
  t.clock.advance(3600)
  const next = await t.auth.sessions.create(user.id)
  await t.call('post', '/auth/confirm', { send: true }, bearer(next.accessToken)).expect(202)
  await t.mailbox.settle()
  expect(t.mailbox.to(email)).toHaveLength(4)
})

test('what goes to an address that nobody has proved counts, whatever it is; the sign-up succeeds all the same (R-037)', async () => {
  const t = await makeApp({ options: { limits: { enabled: true, messagesPerRecipient: { max: 3, per: '1h' } } } })
  const email = freshEmail()
  for (let round = 0; round < 6; round++) {
    const { accessToken } = await signUp(t, { email })
    await t.mailbox.settle()
    await t.call('delete', '/auth/me', undefined, bearer(accessToken)).expect(204)
  }
  expect(t.mailbox.to(email)).toHaveLength(3)
  expect((await t.auth.messages.pending()).filter(({ kind }) => kind === 'verify_email')).toEqual([])
  const { user } = await signUp(t, { email })
  // Notices count by themselves, so that they take no place from a code.
  for (let n = 0; n < 6; n++) await t.auth.users.setPassword(user.id, `a password that is new ${n}`)
  await t.mailbox.settle()
  expect(t.mailbox.to(email)).toHaveLength(6)
  t.clock.advance(3600)
  await t.call('post', '/auth/forgot-password', { email }).expect(202)
  await t.mailbox.settle()
  expect(t.mailbox.to(email)).toHaveLength(7)
  await t.auth.users.update(user.id, { emailVerified: true })
  for (let n = 0; n < 6; n++) await t.auth.users.setPassword(user.id, `a password that is newer ${n}`)
  await t.mailbox.settle()
  expect(t.mailbox.to(email)).toHaveLength(13)
})

test('templates are replaced by kind and get the locale; appName is in the words', async () => {
  const t = await makeApp({
    options: {
      messages: {
        appName: 'Acme',
        locale: 'de',
        templates: { confirm_code: ({ locale, appName, data }) => ({ subject: `${appName} ${locale}`, text: `Ihr Code: ${data.code}` }) },
      },
    },
  })
  const { email } = await askForCode(t)
  await t.mailbox.settle()
  const message = t.mailbox.last(email)!
  expect(message).toMatchObject({ subject: 'Acme de', text: `Ihr Code: ${message.data.code}`, locale: 'de' })
  expect(message.html).toBeUndefined()
})

test('messages.pollEvery: a process sends what another has left', async () => {
  const mailer = tamedMailer()
  const dead = await makeApp({ options: { mailer: { send: () => new Promise(() => {}) } } })
  const { email, userId } = await askForCode(dead)
  await new Promise((resolve) => setTimeout(resolve, 200))
  await dead.prisma.authMessage.updateMany({ where: { userId }, data: { claimedUntil: dead.clock.now() } })
  const t = await makeApp({ options: { mailer, messages: { pollEvery: '1s' } }, clock: dead.clock })
  for (let i = 0; i < 50 && mailer.sent.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 100))
  expect(mailer.sent.map(({ to }) => to)).toContain(email)
  expect(t.logs.filter(({ level }) => level === 'error')).toEqual([])
})
