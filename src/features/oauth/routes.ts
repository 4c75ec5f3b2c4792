import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { type Answer, idsOf, type Route, route } from '../../http/route.ts'
import { refuseForeignNavigation } from '../../http/same-origin.ts'
import { newTenantField, shapes, tenantFields, text, tokenText } from '../../http/schemas.ts'
import { answerSignIn } from '../../http/sign-in-answer.ts'
import type { ResolvedOptions } from '../../options.ts'
import { beginSignIn } from './begin-sign-in.ts'
import { answerCallback, answerStart, bindTrip } from './callback-routes.ts'
import { exchangeCode } from './exchange-code.ts'
import { signInByIdToken } from './finish-sign-in.ts'
import { identityRoutes } from './identity-routes.ts'

const isOn = ({ providers }: ResolvedOptions) => providers.length > 0
const params = z.strictObject({ provider: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'is no provider') })
const isSet = z.enum(['1', 'true', '0', 'false']).transform((value) => value === '1' || value === 'true')
const target = text(1024).optional()
const asked = { tenant: text(64).optional(), invitation: tokenText.optional() }
const start = z
  .object({ redirectTo: target, ...asked, newTenant: text(120).optional(), newTenantSlug: text(63).optional(), popup: isSet.optional() })
  .transform(({ newTenant: name, newTenantSlug: slug, ...rest }) => ({ ...rest, newTenant: name === undefined ? undefined : { name, slug } }))
const came = {
  code: text(4096).optional(),
  state: text(256).optional(),
  iss: text(512).optional(),
  error: text(256).optional(),
}
const tenantErrors = [
  'TENANT_REQUIRED',
  'TENANT_SUSPENDED',
  'NOT_A_MEMBER',
  'MEMBER_TAKEN',
  'SEATS_TAKEN',
  'INVITATION_INVALID',
  'INVITATION_WRONG_ADDRESS',
  'SLUG_TAKEN',
  'FORBIDDEN',
] as const
const signUpErrors = ['SIGNUP_REJECTED', 'INVITATION_REQUIRED', 'EMAIL_NOT_VERIFIED', 'EMAIL_DOMAIN_BLOCKED', 'EMAIL_TAKEN', ...tenantErrors] as const
const signInErrors = ['ACCOUNT_SUSPENDED', 'PROVIDER_EMAIL_NOT_VERIFIED', 'PROVIDER_ERROR', 'NOT_FOUND', ...signUpErrors] as const
const callbackErrors = ['OAUTH_STATE_INVALID', 'PROVIDER_DENIED', 'IDENTITY_TAKEN', 'SESSION_REVOKED', ...signInErrors] as const
const written = ['login.succeeded', 'login.failed', 'user.registered', 'identity.linked', 'user.wiped', 'email.verified', 'mfa.challenged']
const callback = { access: 'public', crossSite: true, enabled: isOn, params, answers: { 200: null, 302: null }, pages: [200] } as const

export const oauthRoutes = (): Route[] => [
  route({
    method: 'GET',
    path: '/oauth/:provider',
    summary: 'Go to a provider to sign in',
    access: 'public',
    enabled: isOn,
    params,
    query: start,
    answers: { 200: null, 302: null },
    pages: [200],
    errors: ['NOT_FOUND', 'PROVIDER_ERROR', 'TENANT_REQUIRED', 'INVITATION_INVALID'],
    limit: { ip: { max: 100, per: 60 } },
    audit: [],
    handler: (call) => answerStart(call, call.params.provider, call.query),
  }),
  route({
    method: 'GET',
    path: '/oauth/:provider/callback',
    summary: 'Come back from a provider',
    ...callback,
    query: z.object(came),
    errors: callbackErrors,
    limit: { ip: { max: 100, per: 60 } },
    audit: written,
    handler: (call) => answerCallback(call, call.params.provider, call.query),
  }),
  route({
    method: 'POST',
    path: '/oauth/:provider/callback',
    summary: 'Come back from a provider that posts a form',
    ...callback,
    form: true,
    body: z.object({ ...came, user: text(4096).optional() }),
    errors: callbackErrors,
    limit: { ip: { max: 100, per: 60 } },
    audit: written,
    handler: (call) => answerCallback(call, call.params.provider, call.body),
  }),
  route({
    method: 'POST',
    path: '/oauth/exchange',
    summary: 'What a sign-in at a provider ended in, for the one-time code',
    access: 'public',
    enabled: isOn,
    namesTenant: 'if given',
    body: z.strictObject({ code: tokenText, ...tenantFields }),
    answers: { 200: shapes.signIn, 202: shapes.verificationRequired },
    errors: ['CODE_INVALID'],
    limit: { ip: { max: 100, per: 60 } },
    audit: ['code.rejected'],
    handler: (call) => exchange(call.auth, call.body.code),
  }),
  route({
    method: 'POST',
    path: '/oauth/:provider/token',
    summary: 'Sign in by the ID token that a native app got from a provider',
    access: 'public',
    enabled: isOn,
    params,
    body: z.strictObject({ idToken: text(16_384), nonce: text(256).optional(), ...asked, ...newTenantField, rememberMe: z.boolean().optional() }),
    answers: { 200: shapes.signIn, 202: shapes.verificationRequired },
    errors: ['TOKEN_INVALID', ...signInErrors],
    limit: { ip: { max: 100, per: 60 } },
    audit: written,
    handler: async ({ auth, params, body: { rememberMe: remember = true, ...given } }) =>
      answerSignIn(await signInByIdToken(auth, params.provider, { ...given, remember }), { remember }),
  }),
  route({
    method: 'GET',
    path: '/oauth/:provider/link',
    summary: 'Go to a provider to connect it with the account that is signed in',
    access: 'recent',
    enabled: isOn,
    params,
    query: z.object({ redirectTo: target, popup: isSet.optional() }),
    answers: { 200: null, 302: null },
    pages: [200],
    errors: ['NOT_FOUND', 'PROVIDER_ERROR'],
    limit: { ip: { max: 60, per: 900 } },
    audit: [],
    handler: async (call) => {
      // Another site could have signed the person in at the provider as someone else, whose identity would then open this account.
      refuseForeignNavigation(call.auth, call.req)
      return answerStart(call, call.params.provider, { ...call.query, link: idsOf(call.who) })
    },
  }),
  route({
    method: 'POST',
    path: '/oauth/:provider/link',
    summary: 'Where to go to connect a provider, for apps that carry their token in a header',
    access: 'recent',
    enabled: isOn,
    params,
    body: z.strictObject({ redirectTo: target, popup: z.boolean().optional() }),
    answers: { 200: () => z.strictObject({ url: z.string() }) },
    errors: ['NOT_FOUND', 'PROVIDER_ERROR'],
    limit: { ip: { max: 60, per: 900 } },
    audit: ['identity.linked'],
    handler: async (call) => {
      const { redirectTo, popup = false } = call.body
      const begun = await beginSignIn(call.auth, call.params.provider, { redirectTo, popup, link: idsOf(call.who) })
      bindTrip(call, begun)
      return { status: 200, body: { url: begun.url } }
    },
  }),
  ...identityRoutes(),
]

async function exchange(auth: AuthContext, code: string): Promise<Answer> {
  const { answer, remember } = await exchangeCode(auth, code)
  if (answer.status !== 'signed_in') return answerSignIn(answer, { remember })
  // Times travelled as text.
  const session = { ...answer.session, expiresAt: new Date(answer.session.expiresAt) }
  return answerSignIn({ ...answer, session }, { remember })
}
