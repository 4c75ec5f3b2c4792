import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type Route, route } from '../../http/route.ts'
import { shapes, tenantFields, text, tokenText } from '../../http/schemas.ts'
import { answerSignIn } from '../../http/sign-in-answer.ts'
import type { ResolvedOptions } from '../../options.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import type { Address } from '../messages/send-code.ts'
import { sendLoginCode, sendMagicLink } from './send-sign-in.ts'
import { signInByCode, signInByLink } from './sign-in-by-message.ts'

const address = { email: text(320).optional(), phone: text(40).optional() }
const byEmail = ({ passwordless, mailer, identifiers }: ResolvedOptions) => passwordless.email && mailer !== undefined && identifiers.email
const bySms = ({ passwordless, sms, identifiers }: ResolvedOptions) => passwordless.sms && sms !== undefined && identifiers.phone
const byLink = ({ magicLink, mailer, identifiers }: ResolvedOptions) => magicLink.enabled && mailer !== undefined && identifiers.email
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
const whose = ({ email, phone }: { email?: string | undefined; phone?: string | undefined }) => (email ?? phone)?.trim().toLowerCase()

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
      await sendLoginCode(auth, await addressIn(auth, body))
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
    limit: { ip: { max: 100, per: 900 }, account: { max: 50, per: 900, of: whose } },
    audit: signedIn,
    handler: async ({ auth, body: { code, tenant, rememberMe: remember = true, ...given } }) =>
      answerSignIn(await signInByCode(auth, await addressIn(auth, given), code, { remember, tenant }), { remember }),
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

/** The one address given, canonical, where sign-in by it is switched on. Throws VALIDATION_FAILED. */
async function addressIn(auth: AuthContext, given: { email?: string | undefined; phone?: string | undefined }): Promise<Address> {
  const { email, phone } = await canonicalIdentifiers(given)
  const { passwordless } = auth.options
  const invalid = (path: string, message: string) => new AuthError('VALIDATION_FAILED', { errors: [{ path, message }] })
  if (email !== undefined && phone !== undefined) throw invalid('phone', 'give one of email and phone')
  if (email !== undefined && passwordless.email) return { email }
  if (phone !== undefined && passwordless.sms) return { phone }
  throw invalid(email === undefined && phone === undefined ? 'email' : email === undefined ? 'phone' : 'email', 'is not used here, or missing')
}
