import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { bearer, makeApp } from '../../support/make-app.ts'

// Of Chromium 156's platform authenticator, as it was recorded; its challenges are given again here.
const { origin, userId, challenges, registration, authentication } = JSON.parse(readFileSync(path.join(__dirname, 'recorded-ceremony.json'), 'utf8'))

test('R-121: a recorded ceremony is accepted, and nothing that was changed in it', async () => {
  const next: Uint8Array[] = []
  const random = (bytes: number) => (bytes === 32 && next.shift()) || randomBytes(bytes)
  const t = await makeApp({ options: { random, passkeys: { enabled: true, rpId: 'localhost', origins: [origin] } } })
  const now = t.clock.now()
  await t.prisma.authUser.create({ data: { id: userId, email: 'recorded@example.com', emailVerifiedAt: now, createdAt: now, updatedAt: now } })
  const { accessToken } = await t.auth.sessions.create(userId)
  const begin = async (path: string, challenge: string, headers = {}) => {
    next.push(new Uint8Array(Buffer.from(challenge, 'base64url')))
    return (await t.call('post', `/auth/passkeys/${path}/options`, path === 'registration' ? undefined : {}, headers).expect(200)).body
  }
  const { ceremonyToken } = await begin('registration', challenges[0], bearer(accessToken))
  const { body } = await t.call('post', '/auth/passkeys/registration', { response: registration, ceremonyToken }, bearer(accessToken)).expect(201)
  expect(body).toMatchObject({ deviceType: 'singleDevice', backedUp: false })

  const send = async (response: object) => {
    const begun = await begin('authentication', challenges[1])
    return t.call('post', '/auth/passkeys/authentication', { response, ceremonyToken: begun.ceremonyToken })
  }
  for (const field of ['clientDataJSON', 'authenticatorData', 'signature', 'userHandle']) {
    const bytes = Buffer.from(authentication.response[field], 'base64url')
    bytes[bytes.length - 1]! ^= 1
    const { status, body } = await send({ ...authentication, response: { ...authentication.response, [field]: bytes.toString('base64url') } })
    expect([field, status, body.code]).toEqual([field, 401, 'INVALID_CREDENTIALS'])
  }
  const { status, body: answer } = await send(authentication)
  expect([status, answer.session?.amr]).toEqual([200, ['webauthn', 'mfa']])
  expect((await send(authentication)).status).toBe(401)
})
