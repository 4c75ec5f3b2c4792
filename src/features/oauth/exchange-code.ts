import { type AuthContext, transaction } from '../../context.ts'
import { decrypt, encrypt } from '../../crypto/encryption.ts'
import { newId } from '../../crypto/ids.ts'
import { addSeconds } from '../../durations.ts'
import { AuthError } from '../../errors.ts'
import { insertRows } from '../../insert-rows.ts'
import type { SignInAnswer } from '../../sign-in.ts'
import { checkToken } from '../codes/check-code.ts'
import { hashToken, randomToken } from '../codes/code-text.ts'
import { spendCode } from '../codes/spend-code.ts'
import { takeOver } from '../sessions/start-session.ts'

const SECONDS = 60
const PURPOSE = 'oauth.exchange'
const contextOf = (id: string) => `${PURPOSE}:${id}`

interface Kept {
  answer: SignInAnswer
  remember: boolean
}

/** Keeps what a sign-in ended in, encrypted, for whoever brings the code within a minute. In the transaction of the sign-in. */
export async function issueExchangeCode(auth: AuthContext, kept: Kept): Promise<string> {
  const now = auth.now()
  const id = newId(now, auth.random)
  const code = randomToken('lko', auth.random)
  const data = { sealed: encrypt(auth.subkeys, JSON.stringify(kept), contextOf(id), auth.random) }
  const row = { id, userId: null, target: id, purpose: PURPOSE, codeHash: null, tokenHash: hashToken(code), liveKey: contextOf(id), data }
  await insertRows(auth, auth.db.authOtp, [{ ...row, createdAt: now, expiresAt: addSeconds(now, SECONDS) }])
  return code
}

/** Whether it signed in to another tenant than the one that the request names. */
const isOfOtherTenant = ({ realm }: AuthContext, { answer }: Kept) => realm !== '' && answer.status === 'signed_in' && answer.session.tenantId !== realm

/** What the code stands for, once. Throws CODE_INVALID, the same for wrong, expired and spent. */
export async function exchangeCode(auth: AuthContext, code: string): Promise<Kept> {
  try {
    const row = await checkToken(auth, { purpose: PURPOSE, token: code })
    const { sealed = '' } = row.data as { sealed?: string }
    const text = decrypt(auth.subkeys, sealed, contextOf(row.id))
    const found = text === null ? null : (JSON.parse(text) as Kept)
    const kept = found && !isOfOtherTenant(auth, found) ? found : null
    // Spent and emptied at once: what it held is of no further use.
    await transaction(auth, async (auth) => {
      await spendCode(auth, row, 'token')
      await auth.db.authOtp.updateMany({ where: { id: row.id }, data: { data: {} } })
      if (kept?.answer.status === 'signed_in') await takeOver(auth, kept.answer)
    })
    if (kept) return kept
  } catch (error) {
    if (!(error instanceof AuthError) || error.code !== 'LINK_INVALID') throw error
  }
  throw new AuthError('CODE_INVALID')
}
