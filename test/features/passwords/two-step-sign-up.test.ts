import { z } from 'zod'
import { freshEmail, makeApp, PASSWORD, signUp } from '../../support/make-app.ts'
import { otherThan, sentTo } from '../../support/secrets.ts'

test('the code comes first, the account after (A7)', async () => {
  const t = await makeApp({ options: { signup: { twoStep: true, fields: z.strictObject({ plan: z.string() }) } } })
  const email = freshEmail()
  await t.call('post', '/auth/signup/initiate', { email }).expect(202)
  expect(await t.auth.users.findByEmail(email)).toBeNull()
  const { code } = await sentTo(t, email, 'signup_code')
  const complete = (body: object) => t.call('post', '/auth/signup/complete', { email, code, password: PASSWORD, plan: 'pro', ...body })
  await complete({ code: otherThan(code) }).expect(401)
  await complete({ password: 'password1' }).expect(422)
  await complete({ plan: 7 }).expect(422)
  const { body } = await complete({}).expect(201)
  expect(body).toMatchObject({ status: 'signed_in', user: { email, emailVerified: true } })
  expect(t.events.find(({ name }) => name === 'user.registered')!.event).toMatchObject({ email, extra: { plan: 'pro' } })
  await complete({}).expect(401)
})

test('the owner of a taken address is told; the answer is the same (R-021)', async () => {
  const t = await makeApp({ options: { signup: { twoStep: true } } })
  const email = freshEmail()
  await signUp(t, { email })
  await t.call('post', '/auth/signup/initiate', { email }).expect(202)
  await sentTo(t, email, 'already_registered')
  expect(t.mailbox.last(email, 'signup_code')).toBeUndefined()
})

test('invitationOnly and blocked domains hold for sign-up (A9, A21)', async () => {
  const closed = await makeApp({ options: { signup: { invitationOnly: true } } })
  const { body } = await closed.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD }).expect(403)
  expect(body.code).toBe('INVITATION_REQUIRED')
  const t = await makeApp({ options: { signup: { blockDisposable: ['trash.example'] } } })
  const join = (email: string) => t.call('post', '/auth/signup', { email, password: PASSWORD })
  expect((await join('a@mail.trash.example').expect(403)).body.code).toBe('EMAIL_DOMAIN_BLOCKED')
  await join('a@nottrash.example').expect(201)
  expect(await t.auth.emailDomains.block(['Spam.example', 'junk.example', 'junk.example'], { source: 'a list' })).toBe(2)
  expect(await t.auth.emailDomains.block(['spam.example'])).toBe(0)
  await join('a@spam.example').expect(403)
  expect((await t.auth.emailDomains.list()).map(({ domain }) => domain)).toEqual(['junk.example', 'spam.example'])
  await t.auth.emailDomains.unblock('spam.example')
  await join('a@spam.example').expect(201)
  await expect(t.auth.emailDomains.unblock('spam.example')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('CAPTCHA is asked for on the routes chosen, in body or header, and fails closed (A22)', async () => {
  const asked: unknown[] = []
  const t = await makeApp({
    options: {
      captcha: {
        routes: ['POST /signup', 'POST /forgot-password'],
        verify: async (token, from) => {
          asked.push(from.route)
          if (token === 'broken') throw new Error('down')
          return token === 'good'
        },
      },
    },
  })
  const join = (body: object, headers = {}) => t.call('post', '/auth/signup', { email: freshEmail(), password: PASSWORD, ...body }, headers)
  for (const token of [undefined, 'bad', 'broken', 7])
    expect((await join(token === undefined ? {} : { captchaToken: token }).expect(403)).body.code).toBe('CAPTCHA_FAILED')
  await join({ captchaToken: 'good' }).expect(201)
  await join({}, { 'x-captcha-token': 'good' }).expect(201)
  expect(t.events.filter(({ name }) => name === 'user.registered').map(({ event }) => event.extra)).toEqual([{}, {}])
  await t.call('post', '/auth/forgot-password', { email: freshEmail(), captchaToken: 'good' }).expect(202)
  expect(new Set(asked)).toEqual(new Set(['POST /signup', 'POST /forgot-password']))
  await expect(makeApp({ options: { captcha: { routes: ['POST /nowhere'], verify: () => true } } })).rejects.toThrow('POST /nowhere')
})

test('R-021: a known address takes the same statements as an unknown one, the first time and again', async () => {
  const t = await makeApp({ options: { signup: { twoStep: true } } })
  const known = freshEmail()
  await signUp(t, { email: known })
  const statementsOf = async (email: string) => {
    t.statements()
    await t.call('post', '/auth/signup/initiate', { email }).expect(202)
    return t.statements().map((statement) => statement.replace(/\(\?.*|VALUES.*/s, ''))
  }
  const unknown = freshEmail()
  for (const round of [1, 2]) expect([round, await statementsOf(known)]).toEqual([round, await statementsOf(unknown)])
  await sentTo(t, known, 'already_registered')
  const codes = t.mailbox.to(known).filter(({ data }) => data.code !== undefined)
  expect(codes).toEqual([])
})
