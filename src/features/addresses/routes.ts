import * as z from 'zod'
import { AuthError } from '../../errors.ts'
import { actingAs, identifyPerson } from '../../guards/identify.ts'
import { type Answer, type Call, idsOf, type Route, route } from '../../http/route.ts'
import { tenantFields, text, tokenText } from '../../http/schemas.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import { reachesByEmail, reachesBySms } from '../accounts/reach.ts'
import { confirmAddressChange, requestAddressChange } from './change-address.ts'

const proof = z.union([z.strictObject({ token: tokenText, ...tenantFields }), z.strictObject({ code: text(32), ...tenantFields })])
const changed = ['code.rejected', 'session.revoked']

export const addressRoutes = (): Route[] => [
  route({
    method: 'POST',
    path: '/change-email',
    summary: 'Send what proves a new email address to it, and tell the old one',
    access: 'recent',
    enabled: reachesByEmail,
    body: z.strictObject({ newEmail: text(320) }),
    answers: { 202: null },
    errors: ['EMAIL_DOMAIN_BLOCKED'],
    limit: { ip: { max: 30, per: 900 } },
    audit: ['email.change_requested'],
    handler: async (call) => {
      const { email } = await canonical('newEmail', { email: call.body.newEmail })
      await requestAddressChange(call.auth, idsOf(call.who), { email })
      return { status: 202 }
    },
  }),
  route({
    method: 'POST',
    path: '/change-email/confirm',
    summary: 'Change the email address by the link sent to the new one, or, signed in, by the code',
    access: 'public',
    knowsCaller: true,
    enabled: reachesByEmail,
    namesTenant: 'if given',
    body: proof,
    answers: { 204: null },
    errors: ['LINK_INVALID', 'CODE_INVALID', 'EMAIL_TAKEN', 'UNAUTHENTICATED', 'TOKEN_INVALID', 'TOKEN_EXPIRED', 'SESSION_REVOKED'],
    limit: { ip: { max: 60, per: 900 } },
    audit: ['email.changed', ...changed],
    handler: confirmEmail,
  }),
  route({
    method: 'POST',
    path: '/change-phone',
    summary: 'Send a code to a new phone number',
    access: 'recent',
    enabled: reachesBySms,
    body: z.strictObject({ newPhone: text(40) }),
    answers: { 202: null },
    limit: { ip: { max: 30, per: 900 } },
    audit: ['phone.change_requested'],
    handler: async (call) => {
      const { phone } = await canonical('newPhone', { phone: call.body.newPhone })
      await requestAddressChange(call.auth, idsOf(call.who), { phone })
      return { status: 202 }
    },
  }),
  route({
    method: 'POST',
    path: '/change-phone/confirm',
    summary: 'Change the phone number by the code sent to the new one',
    access: 'signed-in',
    enabled: reachesBySms,
    body: z.strictObject({ code: text(32) }),
    answers: { 204: null },
    errors: ['CODE_INVALID', 'LINK_INVALID', 'PHONE_TAKEN'],
    limit: { ip: { max: 60, per: 900 } },
    audit: ['phone.changed', ...changed],
    handler: async (call) => {
      await confirmAddressChange(call.auth, 'phone', { code: call.body.code, userId: call.who.user.id })
      return { status: 204 }
    },
  }),
]

/** The canonical address; a refusal names the field that it came in. */
async function canonical<Name extends 'email' | 'phone'>(field: string, given: { [Key in Name]: string }): Promise<{ [Key in Name]: string }> {
  try {
    return (await canonicalIdentifiers(given)) as { [Key in Name]: string }
  } catch (error) {
    if (!(error instanceof AuthError) || !error.details.errors) throw error
    throw new AuthError('VALIDATION_FAILED', { errors: error.details.errors.map(({ message }) => ({ path: field, message })) })
  }
}

async function confirmEmail({ auth, body, req }: Call<z.output<typeof proof>>): Promise<Answer> {
  if ('token' in body) await confirmAddressChange(auth, 'email', body)
  else {
    // A code is short: it counts only for the account that is signed in.
    const who = await identifyPerson(auth, req)
    await confirmAddressChange(actingAs(auth, who), 'email', { code: body.code, userId: who.user.id })
  }
  return { status: 204 }
}
