import { type AuthContext, transaction } from '../../context.ts'
import { addSeconds } from '../../durations.ts'
import { AuthError, invalidField } from '../../errors.ts'
import type { ConfirmProof } from '../../feature.ts'
import { findUserById } from '../accounts/find-user.ts'
import { addressOf } from '../accounts/identifiers.ts'
import { lockUser } from '../accounts/lock-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { checkCode } from '../codes/check-code.ts'
import { issueCode } from '../codes/issue-code.ts'
import { spendCode } from '../codes/spend-code.ts'
import type { OtpRow } from '../codes/tables.ts'
import { queueMessage } from '../messages/queue-message.ts'
import { takeMessagePlace } from '../messages/take-message-place.ts'
import { amrOf } from '../sessions/present-session.ts'
import { codeAddress, methodsFor } from './confirm-methods.ts'

const PURPOSE = 'confirm'

interface Asking {
  userId: string
  sessionId: string
}

/**
 * Confirms that it is still the same person, for this session alone. Gives until when it counts. Throws INVALID_CREDENTIALS, CODE_INVALID
 * and the like for a wrong proof, VALIDATION_FAILED where it is of no kind that this account has.
 */
export async function confirm(auth: AuthContext, { userId, sessionId }: Asking, proof: ConfirmProof): Promise<Date> {
  const user = await findUserById(auth, userId)
  if (!user) throw new AuthError('SESSION_REVOKED')
  const { amr, code } = await check(auth, user, sessionId, proof)
  const now = auth.now()
  await transaction(auth, async (auth) => {
    await lockUser(auth, userId) // two proofs at once both count
    if (code) await spendCode(auth, code, 'code')
    const session = await auth.db.authSession.findUnique({ where: { id: sessionId } })
    const all = [...new Set([...amrOf(session?.amr), ...amr])]
    const { count } = await auth.db.authSession.updateMany({
      where: { id: sessionId, revokedAt: null },
      data: { confirmedAt: now, confirmedAmr: amr.join(' '), amr: all.join(' ') },
    })
    if (count === 0) throw new AuthError('SESSION_REVOKED')
    await recordAudit(auth, { event: 'session.confirmed', userId, sessionId, data: { amr: [...amr] } })
  })
  return addSeconds(now, auth.options.stepUp.maxAge)
}

async function check(auth: AuthContext, user: UserRow, sessionId: string, proof: ConfirmProof): Promise<{ amr: readonly string[]; code?: OtpRow }> {
  for (const confirmation of auth.process.confirmations) {
    const amr = await confirmation.check(auth, user, proof)
    if (amr) return { amr }
  }
  const possible = await methodsFor(auth, user)
  const isCodeOnly = possible.length === 1 && (possible[0] === 'email' || possible[0] === 'sms')
  if (isCodeOnly && proof.code !== undefined && codeAddress(auth, user)) {
    const code = await checkCode(auth, { purpose: PURPOSE, target: sessionId, code: proof.code })
    return { amr: [possible[0] === 'sms' ? 'sms' : 'otp'], code }
  }
  throw invalidField('', `confirm with one of: ${possible.join(', ') || 'nothing that this account has'}`)
}

/** Sends a code to an account that has neither password nor factor. Throws VALIDATION_FAILED for one that has. */
export async function sendConfirmCode(auth: AuthContext, { userId, sessionId }: Asking) {
  const user = await findUserById(auth, userId)
  const possible = user ? await methodsFor(auth, user) : []
  const address = user && possible.every((method) => method === 'email' || method === 'sms') ? codeAddress(auth, user) : null
  if (!user || !address) throw invalidField('send', `this account confirms with: ${possible.join(', ')}`)
  if (!(await takeMessagePlace(auth, addressOf(address.to)))) return
  await transaction(auth, async (auth) => {
    const { code, expiresAt, isExhausted } = await issueCode(auth, { purpose: PURPOSE, target: sessionId, userId, form: 'code' })
    if (code === undefined || isExhausted) return
    const data = { code, expiresAt, expiresIn: auth.options.codes.ttl }
    await queueMessage(auth, { kind: 'confirm_code', to: address.to, userId, locale: user.locale, data })
    await recordAudit(auth, { event: 'session.confirmation_requested', userId, sessionId })
  })
}
