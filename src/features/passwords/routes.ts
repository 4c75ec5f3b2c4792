import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type Route, route } from '../../http/route.ts'
import { password, shapes, text } from '../../http/schemas.ts'
import type { JsonObject } from '../../json.ts'
import { isStorableJson } from '../../text.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import type { Identifiers } from '../accounts/identifiers.ts'
import { login } from './login.ts'
import { signUp } from './sign-up.ts'

const identifierFields = { email: text(320).optional(), phone: text(40).optional(), username: text(64).optional() }
const loginBody = z.strictObject({ ...identifierFields, password, rememberMe: z.boolean().optional() })
const signUpBody = z.looseObject({ ...identifierFields, password, rememberMe: z.boolean().optional() })
// Features of their own, which a body of this version cannot ask for.
const notYet = ['tenant', 'newTenant', 'invitation']

export const passwordRoutes = (_auth: AuthContext): Route[] => [
  route({
    method: 'POST',
    path: '/signup',
    summary: 'Make an account and sign in',
    access: 'public',
    enabled: (options) => options.signup.enabled,
    body: signUpBody,
    answers: { 201: z.union([shapes.signedIn, shapes.signedUp]) },
    errors: ['EMAIL_TAKEN', 'PHONE_TAKEN', 'USERNAME_TAKEN', 'PASSWORD_TOO_WEAK', 'SIGNUP_REJECTED', 'BUSY'],
    limit: { ip: { max: 100, per: 3600 } },
    audit: ['user.registered'],
    handler: async ({ auth, body }) => {
      const { email, phone, username, password, rememberMe: remember = true, ...rest } = body
      const identifiers = await identifiersOf(auth, { email, phone, username })
      const extra = await extraFields(auth, rest)
      const answer = await signUp(auth, { identifiers, password, remember, extra })
      return answer.status === 'signed_in' ? { status: 201, body: answer, signedIn: { tokens: answer, remember } } : { status: 201, body: answer }
    },
  }),
  route({
    method: 'POST',
    path: '/login',
    summary: 'Sign in by password',
    access: 'public',
    body: loginBody,
    answers: { 200: shapes.signedIn },
    errors: ['INVALID_CREDENTIALS', 'ACCOUNT_SUSPENDED', 'TOO_MANY_ATTEMPTS', 'BUSY'],
    limit: {
      ip: { max: 100, per: 60 },
      account: { max: 60, per: 900, of: ({ email, phone, username }) => (email ?? phone ?? username)?.trim().toLowerCase() },
    },
    audit: ['login.succeeded', 'login.failed', 'user.locked'],
    handler: async ({ auth, body: { email, phone, username, password, rememberMe: remember = true } }) => {
      const identifiers = await identifiersOf(auth, { email, phone, username })
      if (Object.keys(identifiers).length > 1) throw invalid('email', 'give one of email, phone and username')
      const answer = await login(auth, { identifiers, password, remember })
      return { status: 200, body: answer, signedIn: { tokens: answer, remember } }
    },
  }),
]

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
