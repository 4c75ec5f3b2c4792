import type { AuthContext } from '../../context.ts'
import { transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { findUser, findUserById } from '../accounts/find-user.ts'
import { type Address, addressOf } from '../accounts/identifiers.ts'
import { isSuspended } from '../accounts/present-user.ts'
import { standsFor } from '../accounts/prove-address.ts'
import type { UserRow } from '../accounts/tables.ts'
import { checkCode } from '../codes/check-code.ts'
import { issueCode } from '../codes/issue-code.ts'
import { spendCode } from '../codes/spend-code.ts'
import { codeTarget } from '../codes/target.ts'
import { type CodeMessage, forms, sendCode } from '../messages/send-code.ts'

export const RESET = 'reset_password'

/** Sends what a password is reset with; the same work and answer for an address that nobody has. */
export async function requestReset(auth: AuthContext, to: Address) {
  const found = await findUser(auth, to)
  const user = found && !isSuspended(found, auth.now()) && standsFor(found, to) ? found : null
  await sendCode(auth, resetMessage(auth, user, to))
}

/** For a user whom an administrator picks. Throws NOT_FOUND where there is none, or no address. */
export async function startResetOf(auth: AuthContext, userId: string) {
  const user = await findUserById(auth, userId)
  if (!user) throw new AuthError('NOT_FOUND')
  const addresses = [...(user.email === null ? [] : [{ email: user.email }]), ...(user.phone === null ? [] : [{ phone: user.phone }])]
  const to = addresses.find((address) => standsFor(user, address))
  if (!to) throw new AuthError('NOT_FOUND')
  await sendCode(auth, resetMessage(auth, user, to))
}

function resetMessage(auth: AuthContext, user: UserRow | null, to: Address): CodeMessage {
  const { strategy, ttl } = auth.options.passwordReset
  const address = addressOf(to)
  // A text message has no room for a link, and a code is typed from a phone.
  const form = 'email' in to ? forms[strategy] : 'code'
  const event = 'password.reset_requested'
  return {
    purpose: RESET,
    kind: 'reset_password',
    to,
    target: codeTarget(auth, user, address),
    user,
    form,
    ttl,
    page: '/reset-password',
    data: { ...to },
    event,
  }
}

/** Trades the code for a token that sets the password, once. Throws CODE_INVALID. */
export async function checkResetCode(auth: AuthContext, to: Address, code: string): Promise<{ resetToken: string; expiresIn: number }> {
  const user = await findUser(auth, to)
  const target = codeTarget(auth, user, addressOf(to))
  const row = await checkCode(auth, { purpose: RESET, target, code })
  if (row.userId === null) throw new AuthError('CODE_INVALID')
  const ttl = Math.min(auth.options.passwordReset.ttl, 600)
  return transaction(auth, async (auth) => {
    await spendCode(auth, row, 'code')
    const { token = '' } = await issueCode(auth, { purpose: RESET, target, userId: row.userId, form: 'token', ttl, data: { ...to } })
    return { resetToken: token, expiresIn: ttl }
  })
}
