import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { actingAs, identify, identifyPerson, isPerson } from '../../guards/identify.ts'
import { type Answer, type Call, idsOf, type Route, route } from '../../http/route.ts'
import { shapes, tenantFields, text, tokenText } from '../../http/schemas.ts'
import { answerSignIn } from '../../http/sign-in-answer.ts'
import type { Person } from '../../shapes.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import { findUser, findUserById } from '../accounts/find-user.ts'
import { reachesByEmail, reachesBySms } from '../accounts/reach.ts'
import { inRealm } from '../tenants/in-realm.ts'
import { sendEmailVerification, sendPhoneVerification } from './send-verification.ts'
import { verifyEmail, verifyPhone } from './verify-email.ts'

const verifyBody = z.union([z.strictObject({ token: tokenText, ...tenantFields }), z.strictObject({ email: text(320), code: text(32), ...tenantFields })])
const sendBody = z.strictObject({ email: text(320).optional(), ...tenantFields })

export const verificationRoutes = (): Route[] => [
  route({
    method: 'POST',
    path: '/verify-email',
    summary: 'Confirm an email address by the link or code sent to it',
    access: 'public',
    knowsCaller: true,
    enabled: reachesByEmail,
    body: verifyBody,
    answers: { 200: shapes.signIn, 204: null },
    errors: ['LINK_INVALID', 'CODE_INVALID', 'ACCOUNT_SUSPENDED'],
    limit: { ip: { max: 100, per: 900 }, account: { max: 50, per: 900, of: (body) => ('email' in body ? body.email.trim().toLowerCase() : undefined) } },
    audit: ['email.verified', 'code.rejected', 'session.revoked', 'login.succeeded'],
    handler: verify,
  }),
  route({
    method: 'POST',
    path: '/verify-email/send',
    summary: 'Send the link or code again; the same answer whether or not there is such an account',
    access: 'public',
    knowsCaller: true,
    enabled: reachesByEmail,
    body: sendBody,
    answers: { 202: null },
    errors: ['UNAUTHENTICATED', 'TOKEN_INVALID', 'TOKEN_EXPIRED', 'SESSION_REVOKED', 'FORBIDDEN'],
    limit: { ip: { max: 60, per: 900 } },
    audit: ['email.verification_requested'],
    handler: sendAgain,
  }),
  route({
    method: 'POST',
    path: '/verify-phone/send',
    summary: 'Send a code to the phone number of this account',
    access: 'signed-in',
    enabled: reachesBySms,
    answers: { 202: null },
    limit: { ip: { max: 30, per: 900 } },
    audit: ['phone.verification_requested'],
    handler: async ({ auth, who }) => {
      const user = await findUserById(auth, who.user.id)
      if (!user) throw new AuthError('UNAUTHENTICATED')
      await sendPhoneVerification(auth, user)
      return { status: 202 }
    },
  }),
  route({
    method: 'POST',
    path: '/verify-phone',
    summary: 'Confirm the phone number of this account by the code sent to it',
    access: 'signed-in',
    enabled: reachesBySms,
    body: z.strictObject({ code: text(32) }),
    answers: { 204: null },
    errors: ['CODE_INVALID', 'LINK_INVALID'],
    limit: { ip: { max: 60, per: 900 } },
    audit: ['phone.verified', 'code.rejected', 'session.revoked'],
    handler: async ({ auth, who, body }) => {
      await verifyPhone(auth, who.user.id, who.session.id, body.code)
      return { status: 204 }
    },
  }),
]

async function verify({ auth, body, req }: Call<z.output<typeof verifyBody>>): Promise<Answer> {
  const proof = 'token' in body ? { token: body.token } : { code: body.code, email: (await canonicalIdentifiers({ email: body.email })).email ?? '' }
  const who = await personIfAny(auth, req)
  const acting = await inRealmOf(who ? actingAs(auth, who) : auth, body)
  const answer = await verifyEmail(acting, proof, who && idsOf(who))
  return answer ? answerSignIn(answer, { remember: true }) : { status: 204 }
}

/** A link says by itself whose account it is for. */
const inRealmOf = (auth: AuthContext, body: z.output<typeof verifyBody>) => ('token' in body && body.tenant === undefined ? auth : inRealm(auth, body.tenant))

/** The caller, where they are signed in; a credential that is no good is none here. */
async function personIfAny(auth: AuthContext, req: Call['req']): Promise<Person | undefined> {
  try {
    const who = await identify(auth, req)
    return who && isPerson(who) ? who : undefined
  } catch (error) {
    if (error instanceof AuthError && error.status === 401) return undefined
    throw error
  }
}

async function sendAgain({ auth, body, req }: Call<z.output<typeof sendBody>>): Promise<Answer> {
  if (body.email === undefined) {
    const who = await identifyPerson(auth, req)
    const user = await findUserById(auth, who.user.id)
    if (user?.email && user.emailVerifiedAt === null) await sendEmailVerification(actingAs(auth, who), user, user.email)
    return { status: 202 }
  }
  const { email = '' } = await canonicalIdentifiers({ email: body.email })
  const there = await inRealm(auth, body.tenant)
  const user = await findUser(there, { email })
  await sendEmailVerification(there, user && user.emailVerifiedAt === null ? user : null, email)
  return { status: 202 }
}
