import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type Route, route } from '../../http/route.ts'
import { password, shapes, text } from '../../http/schemas.ts'
import { answerSignIn } from '../../http/sign-in-answer.ts'
import type { JsonObject } from '../../json.ts'
import type { ResolvedOptions } from '../../options.ts'
import { isStorableJson } from '../../text.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import type { Identifiers } from '../accounts/identifiers.ts'
import { login } from './login.ts'
import { resetRoutes } from './reset-routes.ts'
import { signUp } from './sign-up.ts'
import { completeSignUp, initiateSignUp } from './two-step-sign-up.ts'

const identifierFields = { email: text(320).optional(), phone: text(40).optional(), username: text(64).optional() }
const tenantFields = { tenant: text(64).optional() }
const newTenant = z.strictObject({ name: text(120), slug: text(63).optional() })
const loginBody = z.strictObject({ ...identifierFields, ...tenantFields, password, rememberMe: z.boolean().optional() })
const signUpBody = z.looseObject({ ...identifierFields, ...tenantFields, newTenant: newTenant.optional(), password, rememberMe: z.boolean().optional() })
const completeBody = z.looseObject({ email: text(320), code: text(32), password, rememberMe: z.boolean().optional() })
// Features of their own, which a body of this version cannot ask for.
const notYet = ['invitation']
const signUpErrors = [
  'EMAIL_TAKEN',
  'PHONE_TAKEN',
  'USERNAME_TAKEN',
  'PASSWORD_TOO_WEAK',
  'SIGNUP_REJECTED',
  'INVITATION_REQUIRED',
  'EMAIL_DOMAIN_BLOCKED',
  'FORBIDDEN',
  'SLUG_TAKEN',
  'TENANT_SUSPENDED',
  'TENANT_REQUIRED',
  'BUSY',
] as const
const inTwoSteps = ({ signup, mailer, identifiers }: ResolvedOptions) => signup.enabled && signup.twoStep && mailer !== undefined && identifiers.email

export const passwordRoutes = (auth: AuthContext): Route[] => [
  route({
    method: 'POST',
    path: '/signup',
    summary: 'Make an account and sign in',
    access: 'public',
    enabled: (options) => options.signup.enabled,
    body: signUpBody,
    answers: { 201: z.union([shapes.signIn, shapes.signedUp]), 202: shapes.verificationRequired },
    errors: signUpErrors,
    limit: { ip: { max: 100, per: 3600 } },
    audit: ['user.registered', 'signup.address_taken'],
    handler: async ({ auth, body }) => {
      const { email, phone, username, password, tenant, newTenant, rememberMe: remember = true, ...rest } = body
      const identifiers = await identifiersOf(auth, { email, phone, username })
      const extra = await extraFields(auth, rest)
      const answer = await signUp(auth, {
        identifiers,
        password,
        remember,
        extra,
        ...(tenant !== undefined && { tenant }),
        ...(newTenant && { newTenant: ofSlug(newTenant) }),
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
    body: z.strictObject({ email: text(320) }),
    answers: { 202: null },
    limit: { ip: { max: 60, per: 3600 } },
    audit: ['email.verification_requested', 'signup.address_taken'],
    handler: async ({ auth, body }) => {
      const { email = '' } = await canonicalIdentifiers(body)
      await initiateSignUp(auth, email)
      return { status: 202 }
    },
  }),
  route({
    method: 'POST',
    path: '/signup/complete',
    summary: 'Make the account of an address that the code has proved',
    access: 'public',
    enabled: inTwoSteps,
    body: completeBody,
    answers: { 201: shapes.signIn, 202: shapes.verificationRequired },
    errors: ['CODE_INVALID', ...signUpErrors],
    limit: { ip: { max: 100, per: 3600 }, account: { max: 50, per: 900, of: ({ email }) => email.trim().toLowerCase() } },
    audit: ['user.registered', 'code.rejected'],
    handler: async ({ auth, body }) => {
      const { email: given, code, password, rememberMe: remember = true, ...rest } = body
      const { email = '' } = await canonicalIdentifiers({ email: given })
      const extra = await extraFields(auth, rest)
      return answerSignIn(await completeSignUp(auth, { email, code, password, remember, extra }), { remember, status: 201 })
    },
  }),
  route({
    method: 'POST',
    path: '/login',
    summary: 'Sign in by password',
    access: 'public',
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
      if (tenant !== undefined && auth.options.tenants.mode === 'off') throw invalid('tenant', 'is not used here')
      const identifiers = await identifiersOf(auth, { email, phone, username })
      if (Object.keys(identifiers).length > 1) throw invalid('email', 'give one of email, phone and username')
      return answerSignIn(await login(auth, { identifiers, password, remember, ...(tenant !== undefined && { tenant }) }), { remember })
    },
  }),
  ...resetRoutes(auth),
]
const ofSlug = ({ name, slug }: { name: string; slug?: string | undefined }) => ({ name, ...(slug !== undefined && { slug }) })

const invalid = (path: string, message: string) => new AuthError('VALIDATION_FAILED', { errors: [{ path, message }] })

/** Canonical, and only those that are switched on. */
async function identifiersOf(auth: AuthContext, given: { [Name in keyof Identifiers]?: string | undefined }): Promise<Identifiers> {
  const { identifiers: on } = auth.options
  for (const name of ['email', 'phone', 'username'] as const) {
    if (given[name] !== undefined && !on[name]) throw invalid(name, 'is not used here')
  }
  const identifiers = await canonicalIdentifiers(given)
  const wanted = Object.entries(on).flatMap(([name, isOn]) => (isOn ? name : []))
  if (Object.keys(identifiers).length === 0) throw invalid(wanted[0] ?? 'email', `one of these is needed: ${wanted.join(', ')}`)
  return identifiers
}

/** The fields that are not ours, as `signup.fields` leaves them. They reach hooks and events, never a column. */
async function extraFields(auth: AuthContext, rest: Record<string, unknown>): Promise<JsonObject> {
  const early = notYet.find((name) => rest[name] !== undefined)
  if (early) throw invalid(early, 'is not used here')
  const { fields } = auth.options.signup
  const result = fields ? await fields.safeParseAsync(rest) : { success: true as const, data: rest }
  if (!result.success) {
    throw new AuthError('VALIDATION_FAILED', { errors: result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })) })
  }
  if (!isStorableJson(result.data)) throw invalid('', 'holds text that cannot be stored, or is nested too deep')
  return result.data as JsonObject
}
