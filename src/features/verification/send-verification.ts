import type { AuthContext } from '../../context.ts'
import type { UserRow } from '../accounts/tables.ts'
import { codeTarget } from '../codes/target.ts'
import { type CodeMessage, forms, queueCode, sendCode } from '../messages/send-code.ts'

export const VERIFY_EMAIL = 'verify_email'
export const VERIFY_PHONE = 'verify_phone'

/** What proves an email address: a link, a code, or both, as `emailVerification.strategy` says. */
function emailMessage(auth: AuthContext, user: UserRow | null, email: string): CodeMessage {
  const { strategy, ttl } = auth.options.emailVerification
  return {
    purpose: VERIFY_EMAIL,
    kind: 'verify_email',
    to: { email },
    target: codeTarget(auth, user, email),
    user,
    form: forms[strategy],
    ttl,
    page: '/verify-email',
    data: { email },
    event: 'email.verification_requested',
  }
}

/** Sends what proves the address. `user`: whose it is and who has not proved it yet; null costs the same and sends nothing. */
export const sendEmailVerification = (auth: AuthContext, user: UserRow | null, email: string) => sendCode(auth, emailMessage(auth, user, email))

/** The same as a part of a sign-up, in its transaction. */
export async function queueEmailVerification(auth: AuthContext, user: UserRow) {
  if (user.email !== null) await queueCode(auth, { ...emailMessage(auth, user, user.email), isFirst: true })
}

/** Sends a code to the user's phone number, unless it is proved already. */
export async function sendPhoneVerification(auth: AuthContext, user: UserRow) {
  if (user.phone === null || user.phoneVerifiedAt !== null) return
  const phone = user.phone
  const event = 'phone.verification_requested'
  await sendCode(auth, { purpose: VERIFY_PHONE, kind: 'verify_phone', to: { phone }, target: user.id, user, form: 'code', data: { phone }, event })
}
