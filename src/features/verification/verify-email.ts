import { type AuthContext, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { completeSignIn, type SignInAnswer } from '../../sign-in.ts'
import { findUser, findUserById, isElsewhere } from '../accounts/find-user.ts'
import type { Address } from '../accounts/identifiers.ts'
import { lockUser } from '../accounts/lock-user.ts'
import { isSuspended } from '../accounts/present-user.ts'
import { markProved, standsFor } from '../accounts/prove-address.ts'
import type { UserRow } from '../accounts/tables.ts'
import { checkCode, checkToken } from '../codes/check-code.ts'
import { spendCode } from '../codes/spend-code.ts'
import type { OtpRow } from '../codes/tables.ts'
import { codeTarget } from '../codes/target.ts'
import { revokeAllSessions } from '../sessions/revoke-sessions.ts'
import { VERIFY_EMAIL, VERIFY_PHONE } from './send-verification.ts'

export type EmailProof = { token: string } | { email: string; code: string }

/** Who shows the proof, where they are signed in. */
interface Caller {
  userId: string
  sessionId: string
}

/**
 * Proves an email address. Sessions from before end, the caller's own aside. Gives the sign-in where `emailVerification.signIn` is on; not to who can
 * only read an address that does not stand for its account: it may be a stranger's, mistyped. Throws LINK_INVALID, CODE_INVALID.
 */
export async function verifyEmail(auth: AuthContext, proof: EmailProof, caller?: Caller): Promise<SignInAnswer | null> {
  const as = 'token' in proof ? 'token' : 'code'
  const row = 'token' in proof ? await checkToken(auth, { purpose: VERIFY_EMAIL, token: proof.token }) : await checkEmailCode(auth, proof)
  const { email } = row.data as { email?: string }
  const user = row.userId === null ? null : await findUserById(auth, row.userId)
  const refused = as === 'token' ? 'LINK_INVALID' : 'CODE_INVALID'
  if (!user || email === undefined || isElsewhere(auth, user) || isSuspended(user, auth.now())) throw new AuthError(refused)
  const proved = await transaction(auth, (auth) => prove(auth, { row, as, user, address: { email }, keepSession: caller?.sessionId }))
  const isOwner = standsFor(user, { email }) || caller?.userId === user.id
  if (!auth.options.emailVerification.signIn || !isOwner) return null
  return completeSignIn(auth, { user: proved, amr: ['link'], channel: 'email' })
}

async function checkEmailCode(auth: AuthContext, { email, code }: { email: string; code: string }) {
  const user = await findUser(auth, { email })
  return checkCode(auth, { purpose: VERIFY_EMAIL, target: codeTarget(auth, user, email), code })
}

/** Proves the phone number of someone who is signed in. Throws CODE_INVALID. */
export async function verifyPhone(auth: AuthContext, userId: string, sessionId: string, code: string) {
  const row = await checkCode(auth, { purpose: VERIFY_PHONE, target: userId, code })
  const { phone } = row.data as { phone?: string }
  const user = await findUserById(auth, userId)
  if (!user || phone === undefined) throw new AuthError('CODE_INVALID')
  await transaction(auth, (auth) => prove(auth, { row, as: 'code', user, address: { phone }, keepSession: sessionId }))
}

interface Proof {
  row: OtpRow
  as: 'code' | 'token'
  user: UserRow
  address: Address
  keepSession?: string
}

async function prove(auth: AuthContext, { row, as, user, address, keepSession }: Proof): Promise<UserRow> {
  await lockUser(auth, user.id)
  await spendCode(auth, row, as)
  const proved = await markProved(auth, user, address)
  await revokeAllSessions(auth, user.id, { reason: 'address_verified', except: keepSession })
  return proved
}
