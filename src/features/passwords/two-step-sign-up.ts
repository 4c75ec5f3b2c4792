import { type AuthContext, transaction } from '../../context.ts'
import type { JsonObject } from '../../json.ts'
import { completeSignIn, type SignInAnswer } from '../../sign-in.ts'
import { findUser } from '../accounts/find-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { transactionNaming } from '../accounts/taken.ts'
import { checkCode } from '../codes/check-code.ts'
import { issueCode } from '../codes/issue-code.ts'
import { spendCode } from '../codes/spend-code.ts'
import { addressTarget } from '../codes/target.ts'
import { type Joining, registerMember } from '../invitations/register-member.ts'
import { sendCode } from '../messages/send-code.ts'
import { takeMessagePlace } from '../messages/take-message-place.ts'
import { contextWords } from './context-words.ts'
import { hashNewPassword } from './hash-new-password.ts'
import { noteTaken } from './sign-up.ts'

const PURPOSE = 'signup'

/** Sends the code that an account begins with. The owner of a taken address is told instead; the answer is the same. */
export async function initiateSignUp(auth: AuthContext, email: string) {
  const owner = await findUser(auth, { email })
  if (owner) return tellAtSameCost(auth, owner, email)
  const event = 'email.verification_requested'
  await sendCode(auth, {
    purpose: PURPOSE,
    kind: 'signup_code',
    to: { email },
    target: addressTarget(auth, email),
    user: null,
    isForNewcomer: true,
    form: 'code',
    event,
  })
}

/** As many statements as a code takes, for the time tells nothing then: one is issued, and nobody is sent it. */
async function tellAtSameCost(auth: AuthContext, owner: UserRow, email: string) {
  if (!(await takeMessagePlace(auth, email))) return
  await transaction(auth, async (auth) => {
    await issueCode(auth, { purpose: PURPOSE, target: addressTarget(auth, email), userId: null, form: 'code', data: {} })
    await noteTaken(auth, owner, email)
  })
}

interface Completion extends Joining {
  email: string
  code: string
  password: string
  remember: boolean
  extra: JsonObject
}

/** Makes the account of an address that the code has proved, and signs it in. Throws CODE_INVALID, PASSWORD_TOO_WEAK (the code stays good), BUSY. */
export function completeSignUp(auth: AuthContext, { email, code, password, remember, ...registration }: Completion): Promise<SignInAnswer> {
  return auth.process.passwords.admit(async () => {
    const row = await checkCode(auth, { purpose: PURPOSE, target: addressTarget(auth, email), code })
    const passwordHash = await hashNewPassword(auth, password, await contextWords(auth, { ...registration, identifiers: { email } }))
    await auth.process.keys.current(auth) // read or made outside the transaction
    return transactionNaming(auth, async (auth) => {
      await spendCode(auth, row, 'code')
      const { user, tenantId } = await registerMember(auth, { ...registration, identifiers: { email }, passwordHash, emailVerified: true })
      return completeSignIn(auth, { user, amr: ['pwd'], remember, isNewUser: true, tenantId })
    })
  })
}
