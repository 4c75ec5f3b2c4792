import type { AuthContext } from '../../context.ts'
import { findUser } from '../accounts/find-user.ts'
import { type Address, addressOf } from '../accounts/identifiers.ts'
import { standsFor } from '../accounts/prove-address.ts'
import { addressTarget } from '../codes/target.ts'
import { sendCode } from '../messages/send-code.ts'

export const LOGIN_CODE = 'login_code'
export const MAGIC_LINK = 'magic_link'

/** Whether someone who has no account would get one. */
const takesNewcomers = ({ options: { signup } }: AuthContext, allowSignup: boolean) => allowSignup && signup.enabled && !signup.invitationOnly

/** Who would sign in by what is sent to an address: someone with an account that it stands for, or a newcomer; otherwise nobody. */
async function receiver(auth: AuthContext, to: Address, allowSignup: boolean) {
  const found = await findUser(auth, to)
  const user = found && standsFor(found, to) ? found : null
  return { user, isForNewcomer: user === null && takesNewcomers(auth, allowSignup) }
}

/** Sends a code to sign in with; the same work and answer for an address that nobody has. */
export async function sendLoginCode(auth: AuthContext, to: Address) {
  const { user, isForNewcomer } = await receiver(auth, to, auth.options.passwordless.allowSignup)
  const target = addressTarget(auth, addressOf(to))
  await sendCode(auth, {
    purpose: LOGIN_CODE,
    kind: 'login_code',
    to,
    target,
    user,
    isForNewcomer,
    form: 'code',
    data: { ...to },
    event: 'passwordless.requested',
  })
}

/** Sends a link to sign in with. */
export async function sendMagicLink(auth: AuthContext, email: string) {
  const { allowSignup, ttl } = auth.options.magicLink
  const { user, isForNewcomer } = await receiver(auth, { email }, allowSignup)
  const what = { purpose: MAGIC_LINK, kind: 'magic_link', form: 'token', page: '/magic-link', event: 'magic_link.requested' } as const
  await sendCode(auth, { ...what, to: { email }, target: addressTarget(auth, email), user, isForNewcomer, ttl, data: { email, realm: auth.realm } })
}
