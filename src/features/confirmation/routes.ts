import * as z from 'zod'
import { AuthError } from '../../errors.ts'
import { proofOf } from '../../http/ceremony.ts'
import { type Answer, type Call, idsOf, type Route, route } from '../../http/route.ts'
import { password, text, time } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import { findUserById } from '../accounts/find-user.ts'
import { confirm, sendConfirmCode } from './confirm.ts'
import { methodsFor } from './confirm-methods.ts'
import { confirmedUntil } from './recent.ts'

const method = z.enum(['password', 'totp', 'email', 'sms', 'passkey', 'recovery_code'])
const body = z.strictObject({
  password: password.optional(),
  code: text(64).optional(),
  recoveryCode: text(64).optional(),
  passkey: z.looseObject({}).optional(),
  ceremonyToken: text(512).optional(),
  /** Sends a code, where the account has nothing else. */
  send: z.literal(true).optional(),
})
const status = shape(() => z.strictObject({ confirmed: z.boolean(), confirmedUntil: time.nullable(), methods: z.array(method) }).meta({ id: 'Confirmation' }))

export const confirmationRoutes = (): Route[] => [
  route({
    method: 'POST',
    path: '/confirm',
    summary: 'Confirm that it is you, for what is sensitive; for this session alone',
    access: 'signed-in',
    body,
    answers: { 200: () => z.strictObject({ confirmedUntil: time }), 202: null },
    errors: ['INVALID_CREDENTIALS', 'CODE_INVALID', 'TOO_MANY_ATTEMPTS', 'BUSY'],
    limit: { ip: { max: 60, per: 60 } },
    audit: ['session.confirmed', 'session.confirmation_requested', 'login.failed', 'code.rejected'],
    handler: confirmNow,
  }),
  route({
    method: 'GET',
    path: '/confirm',
    summary: 'Whether this session is confirmed, and what it could be confirmed with',
    access: 'signed-in',
    answers: { 200: status },
    audit: [],
    handler: async ({ auth, who }) => {
      const [user, session] = [await findUserById(auth, who.user.id), await auth.db.authSession.findUnique({ where: { id: who.session.id } })]
      if (!user || !session || session.revokedAt !== null) throw new AuthError('SESSION_REVOKED')
      const until = await confirmedUntil(auth, user, session, auth.options.stepUp.maxAge)
      return { status: 200, body: { confirmed: until !== null, confirmedUntil: until, methods: await methodsFor(auth, user) } }
    },
  }),
]

async function confirmNow(call: Call<z.output<typeof body>, unknown, unknown, 'signed-in'>): Promise<Answer> {
  const { send, ...given } = call.body
  if (send) {
    await sendConfirmCode(call.auth, idsOf(call.who))
    return { status: 202 }
  }
  const proof = proofOf(call, given)
  return { status: 200, body: { confirmedUntil: await confirm(call.auth, idsOf(call.who), proof) } }
}
