import * as z from 'zod'
import { invalidField } from '../../errors.ts'
import { actingAs, identifyPerson } from '../../guards/identify.ts'
import { type Answer, type Call, type Route, route } from '../../http/route.ts'
import { password, shapes, text, tokenText } from '../../http/schemas.ts'
import { answerSignIn } from '../../http/sign-in-answer.ts'
import { acceptInvitation } from '../invitations/accept-invitation.ts'
import { member } from '../tenants/member-routes.ts'
import { extraFields } from './extra-fields.ts'
import { signUp } from './sign-up.ts'

const acceptBody = z.looseObject({
  token: tokenText,
  password: password.optional(),
  username: text(64).optional(),
  rememberMe: z.boolean().optional(),
})

export const acceptRoutes = (): Route[] => [
  route({
    method: 'POST',
    path: '/invitations/accept',
    summary: 'Join by an invitation: signed in, or with a password for a new account. The password of an account that exists is never changed',
    access: 'public',
    knowsCaller: true,
    enabled: ({ tenants }) => tenants.mode !== 'off',
    body: acceptBody,
    answers: { 200: () => z.strictObject({ membership: member() }), 201: () => z.union([shapes.signIn(), shapes.signedUp()]) },
    errors: [
      'UNAUTHENTICATED',
      'TOKEN_INVALID',
      'TOKEN_EXPIRED',
      'SESSION_REVOKED',
      'FORBIDDEN',
      'INVITATION_INVALID',
      'INVITATION_WRONG_ADDRESS',
      'EMAIL_NOT_VERIFIED',
      'MEMBER_TAKEN',
      'SEATS_TAKEN',
      'TENANT_SUSPENDED',
      'EMAIL_TAKEN',
      'PHONE_TAKEN',
      'USERNAME_TAKEN',
      'PASSWORD_TOO_WEAK',
      'SIGNUP_REJECTED',
      'EMAIL_DOMAIN_BLOCKED',
      'BUSY',
    ],
    limit: { ip: { max: 60, per: 900 } },
    audit: ['invitation.accepted', 'membership.added', 'user.registered'],
    handler: (call) => (call.body.password === undefined ? join(call) : makeAccount(call, call.body.password)),
  }),
]

type AcceptCall = Call<z.output<typeof acceptBody>>

async function join({ auth, body, req }: AcceptCall): Promise<Answer> {
  const who = await identifyPerson(auth, req)
  return { status: 200, body: { membership: await acceptInvitation(actingAs(auth, who), who.user.id, body.token) } }
}

async function makeAccount({ auth, body }: AcceptCall, password: string): Promise<Answer> {
  const { token: invitation, password: _password, username, rememberMe: remember = true, ...rest } = body
  if (username !== undefined && !auth.options.identifiers.username) {
    throw invalidField('username', 'is not used here')
  }
  const extra = await extraFields(auth, rest, password)
  const answer = await signUp(auth, { identifiers: username === undefined ? {} : { username }, password, remember, extra, invitation })
  return answer.status === 'signed_up' ? { status: 201, body: answer } : answerSignIn(answer, { remember, status: 201 })
}
