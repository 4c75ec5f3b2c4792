import * as z from 'zod'
import { actingAs, identifyPerson } from '../../guards/identify.ts'
import { type Answer, type Call, idsOf, type Route, route } from '../../http/route.ts'
import { addressNamed, password, tenantFields, text, tokenText } from '../../http/schemas.ts'
import type { ResolvedOptions } from '../../options.ts'
import { oneAddress } from '../accounts/canonical-identifiers.ts'
import { findUserById } from '../accounts/find-user.ts'
import { reachesByEmail, reachesBySms } from '../accounts/reach.ts'
import { requireRecent } from '../confirmation/recent.ts'
import { changePassword, changeRequiredPassword } from './change-password.ts'
import { checkResetCode, requestReset } from './request-reset.ts'
import { resetPassword } from './reset-password.ts'

const address = { email: text(320).optional(), phone: text(40).optional() }
const changeBody = z.strictObject({
  passwordToken: tokenText.optional(),
  currentPassword: password.optional(),
  newPassword: password,
  revokeOthers: z.boolean().optional(),
  ...tenantFields,
})
/** Where it can be reached. */
const addressIn = (options: ResolvedOptions, given: { email?: string; phone?: string }) =>
  oneAddress(given, { email: reachesByEmail(options), phone: reachesBySms(options) })
const isOn = (options: ResolvedOptions) => options.passwordReset.enabled && (reachesByEmail(options) || reachesBySms(options))

export const resetRoutes = (): Route[] => [
  route({
    method: 'POST',
    path: '/forgot-password',
    summary: 'Send what a password is reset with; the same answer whether or not there is such an account',
    access: 'public',
    enabled: isOn,
    namesTenant: 'always',
    body: z.strictObject({ ...address, ...tenantFields }),
    answers: { 202: null },
    limit: { ip: { max: 60, per: 900 } },
    audit: ['password.reset_requested'],
    handler: async ({ auth, body }) => {
      await requestReset(auth, await addressIn(auth.options, body))
      return { status: 202 }
    },
  }),
  route({
    method: 'POST',
    path: '/forgot-password/verify',
    summary: 'Trade the code for a token that sets a new password, once',
    access: 'public',
    enabled: (options) => isOn(options) && (options.passwordReset.strategy !== 'link' || reachesBySms(options)),
    namesTenant: 'always',
    body: z.strictObject({ ...address, ...tenantFields, code: text(32) }),
    answers: { 200: () => z.strictObject({ resetToken: z.string(), expiresIn: z.int() }) },
    errors: ['CODE_INVALID'],
    limit: { ip: { max: 100, per: 900 }, account: { max: 50, per: 900, of: addressNamed } },
    audit: ['code.rejected'],
    handler: async ({ auth, body: { code, tenant: _tenant, ...given } }) => ({
      status: 200,
      body: await checkResetCode(auth, await addressIn(auth.options, given), code),
    }),
  }),
  route({
    method: 'POST',
    path: '/reset-password',
    summary: 'Set a new password by the token; every session ends, and nobody is signed in',
    access: 'public',
    hashes: true,
    enabled: isOn,
    namesTenant: 'if given',
    body: z.strictObject({ token: tokenText, newPassword: password, ...tenantFields }),
    answers: { 204: null },
    errors: ['LINK_INVALID', 'PASSWORD_TOO_WEAK', 'PASSWORD_REUSED', 'BUSY'],
    limit: { ip: { max: 60, per: 900 } },
    audit: ['password.reset', 'code.rejected', 'session.revoked', 'email.verified', 'user.wiped'],
    handler: async ({ auth, body: { token, newPassword } }) => {
      await resetPassword(auth, token, newPassword)
      return { status: 204 }
    },
  }),
  route({
    method: 'POST',
    path: '/change-password',
    summary: 'Change the password, signed in or by the token of a sign-in that waits for it',
    access: 'public',
    continuesSession: 'access',
    namesTenant: 'if given',
    body: changeBody,
    answers: { 204: null },
    errors: [
      'UNAUTHENTICATED',
      'TOKEN_INVALID',
      'TOKEN_EXPIRED',
      'SESSION_REVOKED',
      'INVALID_CREDENTIALS',
      'LINK_INVALID',
      'STEP_UP_REQUIRED',
      'PASSWORD_TOO_WEAK',
      'PASSWORD_REUSED',
      'TOO_MANY_ATTEMPTS',
      'BUSY',
    ],
    limit: { ip: { max: 60, per: 900 } },
    audit: ['password.changed', 'login.failed', 'session.revoked'],
    handler: change,
  }),
]

async function change({ auth, body, req }: Call<z.output<typeof changeBody>>): Promise<Answer> {
  const { passwordToken, currentPassword, newPassword, revokeOthers = true } = body
  const given = { newPassword, currentPassword }
  if (passwordToken !== undefined) {
    await changeRequiredPassword(auth, passwordToken, given)
    return { status: 204 }
  }
  const who = await identifyPerson(auth, req)
  // The first password of an account that had none is as sensitive as a new way in.
  const user = await findUserById(auth, who.user.id)
  if (user?.passwordHash === null) await requireRecent(auth, who, { maxAge: auth.options.stepUp.maxAge })
  await changePassword(actingAs(auth, who), idsOf(who), { ...given, revokeOthers })
  return { status: 204 }
}
