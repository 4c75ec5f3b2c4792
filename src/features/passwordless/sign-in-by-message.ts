import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { completeSignIn, type ProvedFactor, type SignInAnswer } from '../../sign-in.ts'
import { findUser } from '../accounts/find-user.ts'
import { isSuspended } from '../accounts/present-user.ts'
import { proveAddress } from '../accounts/prove-address.ts'
import { registerUser } from '../accounts/register-user.ts'
import { transactionNaming } from '../accounts/taken.ts'
import { checkCode, checkToken } from '../codes/check-code.ts'
import { spendCode } from '../codes/spend-code.ts'
import type { OtpRow } from '../codes/tables.ts'
import { addressTarget } from '../codes/target.ts'
import { type Address, addressOf } from '../messages/send-code.ts'
import { LOGIN_CODE, MAGIC_LINK } from './send-sign-in.ts'

/** Signs in by the code sent to an address. Throws CODE_INVALID, ACCOUNT_SUSPENDED. */
export async function signInByCode(auth: AuthContext, to: Address, code: string, { remember = true, realm = '' } = {}): Promise<SignInAnswer> {
  const row = await checkCode(auth, { purpose: LOGIN_CODE, target: addressTarget(addressOf(to), realm), code })
  return signIn(auth, { row, as: 'code', to, realm, amr: 'email' in to ? ['otp'] : ['sms'], remember, allowSignup: auth.options.passwordless.allowSignup })
}

/** Signs in by the link sent to an address. Throws LINK_INVALID, ACCOUNT_SUSPENDED. */
export async function signInByLink(auth: AuthContext, token: string, { remember = true } = {}): Promise<SignInAnswer> {
  const row = await checkToken(auth, { purpose: MAGIC_LINK, token })
  const { email = '', realm = '' } = row.data as { email?: string; realm?: string }
  return signIn(auth, { row, as: 'token', to: { email }, realm, amr: ['link'], remember, allowSignup: auth.options.magicLink.allowSignup })
}

interface Proof {
  row: OtpRow
  as: 'code' | 'token'
  to: Address
  realm: string
  amr: readonly string[]
  remember: boolean
  allowSignup: boolean
}

async function signIn(auth: AuthContext, { row, as, to, realm, amr, remember, allowSignup }: Proof): Promise<SignInAnswer> {
  await auth.process.keys.current(auth) // read or made outside the transaction
  const user = await findUser(auth, to, realm)
  if (user ? row.userId !== null && row.userId !== user.id : !allowSignup || row.userId !== null) {
    throw new AuthError(as === 'code' ? 'CODE_INVALID' : 'LINK_INVALID')
  }
  if (user && isSuspended(user, auth.now())) throw new AuthError('ACCOUNT_SUSPENDED')
  return transactionNaming(auth, async (auth) => {
    await spendCode(auth, row, as)
    const proved: ProvedFactor = user ? { user: await proveAddress(auth, user, to), amr, remember } : { ...(await newcomer(auth, to)), amr, remember }
    return completeSignIn(auth, proved)
  })
}

/** The account of someone whom nobody knew: the code has proved the address. */
async function newcomer(auth: AuthContext, to: Address) {
  const user = await registerUser(auth, { identifiers: to, ...('email' in to ? { emailVerified: true } : { phoneVerified: true }) })
  return { user, isNewUser: true }
}
