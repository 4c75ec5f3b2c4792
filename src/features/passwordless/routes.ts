import * as z from 'zod'
import { type Route, route } from '../../http/route.ts'
import { addressNamed, shapes, tenantFields, text, tokenText } from '../../http/schemas.ts'
import { answerSignIn } from '../../http/sign-in-answer.ts'
import type { ResolvedOptions } from '../../options.ts'
import { canonicalIdentifiers, oneAddress } from '../accounts/canonical-identifiers.ts'
import { reachesByEmail, reachesBySms } from '../accounts/reach.ts'
import { sendLoginCode, sendMagicLink } from './send-sign-in.ts'
import { signInByCode, signInByLink } from './sign-in-by-message.ts'

const address = { email: text(320).optional(), phone: text(40).optional() }
const byEmail = (options: ResolvedOptions) => options.passwordless.email && reachesByEmail(options)
const bySms = (options: ResolvedOptions) => options.passwordless.sms && reachesBySms(options)
const byLink = (options: ResolvedOptions) => options.magicLink.enabled && reachesByEmail(options)
/** Where sign-in by it is switched on. */
const addressIn = ({ passwordless }: ResolvedOptions, given: { email?: string; phone?: string }) =>
  oneAddress(given, { email: passwordless.email, phone: passwordless.sms })
const signedIn = ['login.succeeded', 'user.registered', 'email.verified', 'phone.verified', 'code.rejected']
const refusals = [
  'ACCOUNT_SUSPENDED',
  'EMAIL_TAKEN',
  'PHONE_TAKEN',
  'SIGNUP_REJECTED',
  'INVITATION_REQUIRED',
  'SEATS_TAKEN',
  'EMAIL_DOMAIN_BLOCKED',
  'NOT_A_MEMBER',
  'TENANT_SUSPENDED',
  'TENANT_REQUIRED',
  'FEATURE_DISABLED',
] as const

export const passwordlessRoutes = (): Route[] => [
  route({
    method: 'POST',
    path: '/passwordless/send',
    summary: 'Send a code to sign in with; the same answer whether or not there is such an account',
    access: 'public',
    enabled: (options) => byEmail(options) || bySms(options),
    namesTenant: 'always',
    body: z.strictObject({ ...address, ...tenantFields }),
    answers: { 202: null },
    limit: { ip: { max: 60, per: 900 } },
    audit: ['passwordless.requested'],
    handler: async ({ auth, body }) => {
      await sendLoginCode(auth, await addressIn(auth.options, body))
      return { status: 202 }
    },
  }),
  route({
    method: 'POST',
    path: '/passwordless/verify',
    summary: 'Sign in by the code',
    access: 'public',
    enabled: (options) => byEmail(options) || bySms(options),
    namesTenant: 'always',
    body: z.strictObject({ ...address, ...tenantFields, code: text(32), rememberMe: z.boolean().optional() }),
    answers: { 200: shapes.signIn },
    errors: ['CODE_INVALID', 'LINK_INVALID', ...refusals],
    limit: { ip: { max: 100, per: 900 }, account: { max: 50, per: 900, of: addressNamed } },
    audit: signedIn,
    handler: async ({ auth, body: { code, tenant, rememberMe: remember = true, ...given } }) =>
      answerSignIn(await signInByCode(auth, await addressIn(auth.options, given), code, { remember, tenant }), { remember }),
  }),
  route({
    method: 'POST',
    path: '/magic-link/request',
    summary: 'Send a link to sign in with; the same answer whether or not there is such an account',
    access: 'public',
    enabled: byLink,
    namesTenant: 'always',
    body: z.strictObject({ email: text(320), ...tenantFields }),
    answers: { 202: null },
    limit: { ip: { max: 60, per: 900 } },
    audit: ['magic_link.requested'],
    handler: async ({ auth, body }) => {
      const { email = '' } = await canonicalIdentifiers({ email: body.email })
      await sendMagicLink(auth, email)
      return { status: 202 }
    },
  }),
  route({
    method: 'POST',
    path: '/magic-link/consume',
    summary: 'Sign in by the token of the link',
    access: 'public',
    enabled: byLink,
    body: z.strictObject({ token: tokenText, ...tenantFields, rememberMe: z.boolean().optional() }),
    answers: { 200: shapes.signIn },
    errors: ['LINK_INVALID', ...refusals],
    limit: { ip: { max: 100, per: 900 } },
    audit: signedIn,
    handler: async ({ auth, body: { token, tenant, rememberMe: remember = true } }) =>
      answerSignIn(await signInByLink(auth, token, { remember, tenant }), { remember }),
  }),
]
