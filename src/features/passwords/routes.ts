import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { invalidField } from '../../errors.ts'
import { type Route, route } from '../../http/route.ts'
import { newTenantField, password, shapes, tenantFields, text, tokenText } from '../../http/schemas.ts'
import { answerSignIn } from '../../http/sign-in-answer.ts'
import type { ResolvedOptions } from '../../options.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import type { Identifiers } from '../accounts/identifiers.ts'
import { extraFields } from './extra-fields.ts'
import { acceptRoutes } from './invitation-routes.ts'
import { login } from './login.ts'
import { resetRoutes } from './reset-routes.ts'
import { signUp } from './sign-up.ts'
import { completeSignUp, initiateSignUp } from './two-step-sign-up.ts'

const identifierFields = { email: text(320).optional(), phone: text(40).optional(), username: text(64).optional() }
const loginBody = z.strictObject({ ...identifierFields, ...tenantFields, password, rememberMe: z.boolean().optional() })
const joining = { ...tenantFields, ...newTenantField, invitation: tokenText.optional() }
const signUpBody = z.looseObject({ ...identifierFields, ...joining, password, rememberMe: z.boolean().optional() })
const completeBody = z.looseObject({ email: text(320), code: text(32), ...joining, password, rememberMe: z.boolean().optional() })
const signUpErrors = [
  'EMAIL_TAKEN',
  'PHONE_TAKEN',
  'USERNAME_TAKEN',
  'PASSWORD_TOO_WEAK',
  'SIGNUP_REJECTED',
  'INVITATION_REQUIRED',
  'SEATS_TAKEN',
  'INVITATION_INVALID',
  'INVITATION_WRONG_ADDRESS',
  'EMAIL_DOMAIN_BLOCKED',
  'FORBIDDEN',
  'SLUG_TAKEN',
  'TENANT_SUSPENDED',
  'TENANT_REQUIRED',
  'BUSY',
] as const
const inTwoSteps = ({ signup, mailer, identifiers }: ResolvedOptions) => signup.enabled && signup.twoStep && mailer !== undefined && identifiers.email

export const passwordRoutes = (): Route[] => [
  route({
    method: 'POST',
    path: '/signup',
    summary: 'Make an account and sign in',
    access: 'public',
    hashes: true,
    enabled: (options) => options.signup.enabled,
    body: signUpBody,
    answers: { 201: () => z.union([shapes.signIn(), shapes.signedUp()]), 202: shapes.verificationRequired },
    errors: signUpErrors,
    limit: { ip: { max: 100, per: 3600 } },
    audit: ['user.registered', 'signup.address_taken'],
    handler: async ({ auth, body }) => {
      const { email, phone, username, password, tenant, newTenant, invitation, rememberMe: remember = true, ...rest } = body
      const identifiers = await identifiersOf(auth, { email, phone, username })
      const extra = await extraFields(auth, rest, password)
      const answer = await signUp(auth, {
        identifiers,
        password,
        remember,
        extra,
        tenant,
        newTenant,
        invitation,
      })
      return answer.status === 'signed_up' ? { status: 201, body: answer } : answerSignIn(answer, { remember, status: 201 })
    },
  }),
  route({
    method: 'POST',
    path: '/signup/initiate',
    summary: 'Send the code that an account begins with; the same answer for an address that has one',
    access: 'public',
    enabled: inTwoSteps,
    namesTenant: 'always',
    body: z.strictObject({ email: text(320), ...tenantFields }),
    answers: { 202: null },
    limit: { ip: { max: 60, per: 3600 } },
    audit: ['email.verification_requested', 'signup.address_taken'],
    handler: async ({ auth, body }) => {
      const { email = '' } = await canonicalIdentifiers({ email: body.email })
      await initiateSignUp(auth, email)
      return { status: 202 }
    },
  }),
  route({
    method: 'POST',
    path: '/signup/complete',
    summary: 'Make the account of an address that the code has proved',
    access: 'public',
    hashes: true,
    enabled: inTwoSteps,
    namesTenant: 'always',
    body: completeBody,
    answers: { 201: shapes.signIn, 202: shapes.verificationRequired },
    errors: ['CODE_INVALID', ...signUpErrors],
    limit: { ip: { max: 100, per: 3600 }, account: { max: 50, per: 900, of: ({ email }) => email.trim().toLowerCase() } },
    audit: ['user.registered', 'code.rejected'],
    handler: async ({ auth, body }) => {
      const { email: given, code, password, tenant, newTenant, invitation, rememberMe: remember = true, ...rest } = body
      const { email = '' } = await canonicalIdentifiers({ email: given })
      const extra = await extraFields(auth, rest, password)
      const answer = await completeSignUp(auth, { email, code, password, remember, extra, tenant, newTenant, invitation })
      return answerSignIn(answer, { remember, status: 201 })
    },
  }),
  route({
    method: 'POST',
    path: '/login',
    summary: 'Sign in by password',
    access: 'public',
    hashes: true,
    namesTenant: 'always',
    body: loginBody,
    answers: { 200: shapes.signIn },
    errors: [
      'INVALID_CREDENTIALS',
      'ACCOUNT_SUSPENDED',
      'EMAIL_NOT_VERIFIED',
      'NOT_A_MEMBER',
      'TENANT_SUSPENDED',
      'TENANT_REQUIRED',
      'TOO_MANY_ATTEMPTS',
      'BUSY',
    ],
    limit: {
      ip: { max: 100, per: 60 },
      account: { max: 60, per: 900, of: ({ email, phone, username }) => (email ?? phone ?? username)?.trim().toLowerCase() },
    },
    audit: ['login.succeeded', 'login.failed', 'user.locked'],
    handler: async ({ auth, body: { email, phone, username, password, tenant, rememberMe: remember = true } }) => {
      const identifiers = await identifiersOf(auth, { email, phone, username })
      if (Object.keys(identifiers).length > 1) throw invalidField('email', 'give one of email, phone and username')
      return answerSignIn(await login(auth, { identifiers, password, remember, tenant }), { remember })
    },
  }),
  ...acceptRoutes(),
  ...resetRoutes(),
]

/** Canonical, and only those that are switched on. */
async function identifiersOf(auth: AuthContext, given: { [Name in keyof Identifiers]?: string | undefined }): Promise<Identifiers> {
  const { identifiers: on } = auth.options
  for (const name of ['email', 'phone', 'username'] as const) {
    if (given[name] !== undefined && !on[name]) throw invalidField(name, 'is not used here')
  }
  const identifiers = await canonicalIdentifiers(given)
  const wanted = Object.entries(on).flatMap(([name, isOn]) => (isOn ? name : []))
  if (Object.keys(identifiers).length === 0) throw invalidField(wanted[0] ?? 'email', `one of these is needed: ${wanted.join(', ')}`)
  return identifiers
}
