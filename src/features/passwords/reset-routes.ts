import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { actingAs, identifyPerson } from '../../guards/identify.ts'
import { type Answer, type Call, idsOf, type Route, route } from '../../http/route.ts'
import { password, tenantFields, text, tokenText } from '../../http/schemas.ts'
import type { ResolvedOptions } from '../../options.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import { findUserById } from '../accounts/find-user.ts'
import { requireRecent } from '../confirmation/recent.ts'
import type { Address } from '../messages/send-code.ts'
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
const byEmail = ({ mailer, identifiers }: ResolvedOptions) => mailer !== undefined && identifiers.email
const bySms = ({ sms, identifiers }: ResolvedOptions) => sms !== undefined && identifiers.phone
const isOn = (options: ResolvedOptions) => options.passwordReset.enabled && (byEmail(options) || bySms(options))
const whose = ({ email, phone }: { email?: string | undefined; phone?: string | undefined }) => (email ?? phone)?.trim().toLowerCase()

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
      await requestReset(auth, await addressIn(auth, body))
      return { status: 202 }
    },
  }),
  route({
    method: 'POST',
    path: '/forgot-password/verify',
    summary: 'Trade the code for a token that sets a new password, once',
    access: 'public',
    enabled: (options) => isOn(options) && (options.passwordReset.strategy !== 'link' || bySms(options)),
    namesTenant: 'always',
    body: z.strictObject({ ...address, ...tenantFields, code: text(32) }),
    answers: { 200: z.strictObject({ resetToken: z.string(), expiresIn: z.int() }) },
    errors: ['CODE_INVALID'],
    limit: { ip: { max: 100, per: 900 }, account: { max: 50, per: 900, of: whose } },
    audit: ['code.rejected'],
    handler: async ({ auth, body: { code, tenant: _tenant, ...given } }) => ({
      status: 200,
      body: await checkResetCode(auth, await addressIn(auth, given), code),
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
    continuesSession: true,
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
  const given = { newPassword, ...(currentPassword !== undefined && { currentPassword }) }
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

/** The one address given, canonical, where it is in use and can be reached. Throws VALIDATION_FAILED. */
async function addressIn(auth: AuthContext, given: { email?: string | undefined; phone?: string | undefined }): Promise<Address> {
  const { email, phone } = await canonicalIdentifiers(given)
  const invalid = (path: string, message: string) => new AuthError('VALIDATION_FAILED', { errors: [{ path, message }] })
  if (email !== undefined && phone !== undefined) throw invalid('phone', 'give one of email and phone')
  if (email !== undefined && byEmail(auth.options)) return { email }
  if (phone !== undefined && bySms(auth.options)) return { phone }
  throw invalid(phone === undefined ? 'email' : 'phone', email === undefined && phone === undefined ? 'is missing' : 'is not used here')
}
