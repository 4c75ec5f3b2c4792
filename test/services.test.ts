import { randomBytes } from 'node:crypto'
import { encrypt } from '../src/crypto/encryption.ts'
import { deriveSubkeys } from '../src/crypto/subkeys.ts'
import type { AuthServices } from '../src/index.ts'
import { bearer, freshEmail, makeApp, PASSWORD, signUp } from './support/make-app.ts'

// What a request held, handed on by an app without looking at it: `auth.sessions.revokeAll(req.body.userId)`.
const operators: unknown[] = [{}, { not: 'x' }, { contains: '' }, { in: ['x'] }, ['x'], 5, true, null, undefined]

type Call = (auth: AuthServices, value: never, id: string) => Promise<unknown>
const calls: Record<string, Call> = {
  'users.get': (auth, value) => auth.users.get(value),
  'users.findByEmail': (auth, value) => auth.users.findByEmail(value),
  'users.setPassword': (auth, value, id) => auth.users.setPassword(id, value),
  'users.suspend': (auth, value) => auth.users.suspend(value),
  'users.delete': (auth, value) => auth.users.delete(value),
  'sessions.list': (auth, value) => auth.sessions.list(value),
  'sessions.revoke': (auth, value) => auth.sessions.revoke(value),
  'sessions.revokeAll': (auth, value) => auth.sessions.revokeAll(value),
  'roles.of': (auth, value) => auth.roles.of(value),
  'roles.assign': (auth, value, id) => auth.roles.assign(id, value),
  'permissions.delete': (auth, value) => auth.permissions.delete(value),
  'apiKeys.list': (auth, value) => auth.apiKeys.list(value),
  'apiKeys.revoke': (auth, value) => auth.apiKeys.revoke(value),
  'tenants.delete': (auth, value) => auth.tenants.delete(value),
  'memberships.of': (auth, value) => auth.memberships.of(value),
  'mfa.reset': (auth, value) => auth.mfa.reset(value),
  'mfa.removeFactor': (auth, value, id) => auth.mfa.removeFactor(id, value),
  'mfa.removeTrustedDevice': (auth, value, id) => auth.mfa.removeTrustedDevice(id, value ?? ({} as never)),
  'passkeys.list': (auth, value) => auth.passkeys.list(value),
  'identities.unlink': (auth, value, id) => auth.identities.unlink(id, value),
  'admins.remove': (auth, value) => auth.admins.remove(value),
  'emailDomains.unblock': (auth, value) => auth.emailDomains.unblock(value),
  'messages.retry': (auth, value) => auth.messages.retry(value),
}

describe('R-190: a service takes text for whose and which, never a condition', () => {
  test.each(Object.entries(calls))('%s', async (_name, call) => {
    const app = await makeApp()
    const { user, accessToken } = await signUp(app)
    for (const value of operators) await expect(call(app.auth, value as never, user.id)).rejects.toMatchObject({ name: 'AuthError', code: 'VALIDATION_FAILED' })
    await app.call('get', '/private', undefined, bearer(accessToken)).expect(200)
    await app.call('post', '/auth/login', { email: user.email, password: PASSWORD }).expect(200)
  })

  test('within an object, and in a transaction', async () => {
    const app = await makeApp({ options: { tenants: { mode: 'shared' } } })
    const { user } = await signUp(app)
    const no = { not: 'x' } as never
    const refused = { code: 'VALIDATION_FAILED' }
    await expect(app.auth.audit.query({ userId: no })).rejects.toMatchObject(refused)
    await expect(app.auth.users.list({ tenantId: no })).rejects.toMatchObject(refused)
    await expect(app.auth.sessions.revokeAll(user.id, { except: no })).rejects.toMatchObject(refused)
    await expect(app.auth.memberships.remove({ userId: no, tenantId: no })).rejects.toMatchObject(refused)
    await expect(app.auth.memberships.list({ userId: no })).rejects.toMatchObject(refused)
    const everything = async () => {
      for await (const text of app.auth.audit.export({ tenantId: no, format: 'csv' })) throw new Error(text)
    }
    await expect(everything()).rejects.toMatchObject(refused)
    await expect(app.auth.permissions.define([{ name: 'a:b', guard: no }])).rejects.toMatchObject(refused)
    for (const wrong of [no, undefined, [], {}, 5] as never[]) await expect(app.auth.memberships.list(wrong)).rejects.toMatchObject(refused)
    for (const wrong of [undefined, null, no] as never[]) await expect(app.auth.invitations.list({ tenantId: wrong })).rejects.toMatchObject(refused)
    await expect(app.auth.invitations.revoke({ id: no })).rejects.toMatchObject(refused)
    await expect(app.auth.provision({ email: freshEmail(), tenant: no })).rejects.toMatchObject(refused)
    await expect(app.auth.transaction((auth) => auth.sessions.revokeAll(no))).rejects.toMatchObject(refused)
    expect(await app.auth.sessions.list(user.id)).toHaveLength(1)
  })

  test('and a Date for when', async () => {
    const app = await makeApp()
    const { user } = await signUp(app)
    const refusal = (path: string) => ({ code: 'VALIDATION_FAILED', details: { errors: [{ path, message: 'must be a Date' }] } })
    for (const wrong of ['2030', 'x', 5, {}, new Date('x')] as never[]) {
      await expect(app.auth.users.suspend(user.id, { until: wrong })).rejects.toMatchObject(refusal('until'))
      await expect(app.auth.audit.query({ from: wrong })).rejects.toMatchObject(refusal('from'))
      await expect(app.auth.audit.query({ to: wrong })).rejects.toMatchObject(refusal('to'))
      await expect(app.auth.audit.export({ from: wrong }).next()).rejects.toMatchObject(refusal('from'))
    }
    expect((await app.auth.users.get(user.id))?.status).toBe('active')
    const [from, to] = [new Date(0), new Date('2100-01-01')]
    expect((await app.auth.audit.query({ userId: user.id, from, to })).data.length).toBeGreaterThan(0)
    await app.auth.users.suspend(user.id, { until: to })
    expect((await app.auth.users.get(user.id))?.status).toBe('suspended')
  })
})

test('auth.encryption keeps columns of the app: bound to their place, readable after the secret is replaced, apart from what the package seals itself', async () => {
  const [older, newer] = ['an older secret of more than thirty-two bytes', 'a newer secret of more than thirty-two bytes']
  const { auth } = await makeApp({ options: { secret: older } })
  const sealed = auth.encryption.encrypt('DE02 1203 0000 0000 2020 51 ü', 'iban:1')
  expect(sealed).not.toContain('DE02')
  expect(sealed).not.toBe(auth.encryption.encrypt('DE02 1203 0000 0000 2020 51 ü', 'iban:1'))
  expect([auth.encryption.decrypt(sealed, 'iban:1'), auth.encryption.decrypt(sealed, 'iban:2')]).toEqual(['DE02 1203 0000 0000 2020 51 ü', null])

  const { auth: moved } = await makeApp({ options: { secret: [newer, older] } })
  expect([moved.encryption.isStale(sealed), moved.encryption.decrypt(sealed, 'iban:1')]).toEqual([true, 'DE02 1203 0000 0000 2020 51 ü'])
  const again = moved.encryption.encrypt('text', 'iban:1')
  expect([moved.encryption.isStale(again), auth.encryption.decrypt(again, 'iban:1')]).toEqual([false, null])
  const { auth: done } = await makeApp({ options: { secret: newer } })
  expect([done.encryption.decrypt(again, 'iban:1'), done.encryption.decrypt(sealed, 'iban:1')]).toEqual(['text', null])

  // Nobody who may have a value decrypted reads by it what the package keeps, an authenticator app's secret say.
  const ownRow = encrypt(deriveSubkeys([newer]), 'JBSWY3DPEHPK3PXP', 'mfa-factor:1', randomBytes)
  expect(done.encryption.decrypt(ownRow, 'mfa-factor:1')).toBeNull()
  for (const wrong of [undefined, null, 1, {}, []] as never[]) {
    expect(() => done.encryption.encrypt(wrong, 'iban:1')).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }))
    expect(() => done.encryption.encrypt('text', wrong)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }))
    expect(done.encryption.decrypt(wrong, 'iban:1')).toBeNull()
  }
})
