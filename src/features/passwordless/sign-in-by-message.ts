import type { AuthContext } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { completeSignIn, type ProvedFactor, type SignInAnswer } from '../../sign-in.ts'
import { findUser } from '../accounts/find-user.ts'
import { type Address, addressOf } from '../accounts/identifiers.ts'
import { lockUser } from '../accounts/lock-user.ts'
import { isSuspended } from '../accounts/present-user.ts'
import { detachAddress, proveAddress, standsFor } from '../accounts/prove-address.ts'
import { transactionNaming } from '../accounts/taken.ts'
import { checkCode, checkToken } from '../codes/check-code.ts'
import { spendCode } from '../codes/spend-code.ts'
import type { OtpRow } from '../codes/tables.ts'
import { addressTarget } from '../codes/target.ts'
import { registerMember } from '../invitations/register-member.ts'
import { LOGIN_CODE, MAGIC_LINK } from './send-sign-in.ts'

interface SignInHow {
  remember?: boolean
  /** The tenant to sign in to, where they are shared: an id or a slug. */
  tenant?: string | undefined
}

/** Signs in by the code sent to an address. Throws CODE_INVALID, ACCOUNT_SUSPENDED. */
export async function signInByCode(auth: AuthContext, to: Address, code: string, { remember = true, tenant }: SignInHow = {}): Promise<SignInAnswer> {
  const row = await telling(auth, 'wrong_code', checkCode(auth, { purpose: LOGIN_CODE, target: addressTarget(auth, addressOf(to)), code }))
  return signIn(auth, { row, as: 'code', to, amr: 'email' in to ? ['otp'] : ['sms'], remember, tenant, allowSignup: auth.options.passwordless.allowSignup })
}

/** Signs in by the link sent to an address. Throws LINK_INVALID, ACCOUNT_SUSPENDED. */
export async function signInByLink(auth: AuthContext, token: string, { remember = true, tenant }: SignInHow = {}): Promise<SignInAnswer> {
  const row = await telling(auth, 'dead_link', checkToken(auth, { purpose: MAGIC_LINK, token }))
  const { email = '', realm = '' } = row.data as { email?: string; realm?: string }
  return signIn({ ...auth, realm }, { row, as: 'token', to: { email }, amr: ['link'], remember, tenant, allowSignup: auth.options.magicLink.allowSignup })
}

/** The audit row of what was wrong with it is `code.rejected`. */
function telling<T>(auth: AuthContext, reason: string, check: Promise<T>): Promise<T> {
  return check.catch((error: unknown) => {
    if (error instanceof AuthError && error.status === 401) emit(auth, 'login.failed', { userId: null, reason })
    throw error
  })
}

interface Proof {
  row: OtpRow
  as: 'code' | 'token'
  to: Address
  amr: readonly string[]
  remember: boolean
  tenant: string | undefined
  allowSignup: boolean
}

async function signIn(auth: AuthContext, { row, as, to, amr, remember, tenant, allowSignup }: Proof): Promise<SignInAnswer> {
  await auth.process.keys.current(auth) // read or made outside the transaction
  const found = await findUser(auth, to)
  const user = found && standsFor(found, to) ? found : null
  if (user ? row.userId !== null && row.userId !== user.id : !allowSignup || row.userId !== null) {
    throw new AuthError(as === 'code' ? 'CODE_INVALID' : 'LINK_INVALID')
  }
  if (user && isSuspended(user, auth.now())) throw new AuthError('ACCOUNT_SUSPENDED')
  return transactionNaming(auth, async (auth) => {
    if (user) await lockUser(auth, user.id)
    await spendCode(auth, row, as)
    const known = user && { user: await proveAddress(auth, user, to), ...(tenant !== undefined && { tenantId: tenant }) }
    if (found && !user) await detachAddress(auth, found, to)
    const channel = 'email' in to ? 'email' : 'sms'
    const proved: ProvedFactor = { ...(known ?? (await newcomer(auth, to, tenant))), amr, channel, remember }
    return completeSignIn(auth, proved)
  })
}

/** The account of someone whom nobody knew: the code has proved the address. */
async function newcomer(auth: AuthContext, to: Address, named: string | undefined) {
  const tenant = auth.realm || named
  const proof = 'email' in to ? { emailVerified: true } : { phoneVerified: true }
  return { ...(await registerMember(auth, { identifiers: to, ...proof, ...(tenant !== undefined && tenant !== '' && { tenant }) })), isNewUser: true }
}
