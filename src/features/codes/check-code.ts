import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { hashToken, isCode } from './code-text.ts'
import { liveKeyOf } from './issue-code.ts'
import type { OtpRow } from './tables.ts'

interface CodeTry {
  purpose: string
  target: string
  code: string
}

/**
 * The row of a code that is right; `spendCode` then uses it up. Call outside a transaction: the try is counted by one conditional update
 * before anything is compared, so that of any number of parallel guesses only `codes.maxAttempts` are looked at. Throws
 * CODE_INVALID, the same for wrong, expired, spent and over-tried; the audit row has the reason.
 */
export async function checkCode(auth: AuthContext, { purpose, target, code }: CodeTry): Promise<OtpRow> {
  const liveKey = liveKeyOf({ purpose, target })
  const now = auth.now()
  const { count } = await auth.db.authOtp.updateMany({
    where: { liveKey, consumedAt: null, attempts: { lt: auth.options.codes.maxAttempts }, expiresAt: { gt: now } },
    data: { attempts: { increment: 1 } },
  })
  const row = await auth.db.authOtp.findUnique({ where: { liveKey } })
  if (count > 0 && row?.codeHash && row.liveKey === liveKey && isCode(auth.subkeys, liveKey, code, row.codeHash)) return row
  await refuse(auth, purpose, row, row === null ? 'unknown' : count > 0 ? 'wrong' : row.expiresAt <= now ? 'expired' : 'over_tried')
  throw new AuthError('CODE_INVALID')
}

/** By the hash of a token, compared once more: MySQL takes some texts for equal that are not. Null where there is none. */
export async function findByToken(auth: AuthContext, token: string): Promise<OtpRow | null> {
  const tokenHash = hashToken(token)
  const row = await auth.db.authOtp.findUnique({ where: { tokenHash } })
  return row?.tokenHash === tokenHash ? row : null
}

/** The row of a link token that is right; `spendCode` then uses it up. Throws LINK_INVALID. */
export async function checkToken(auth: AuthContext, { purpose, token }: { purpose: string; token: string }): Promise<OtpRow> {
  const row = await findByToken(auth, token)
  const isLive = row !== null && row.purpose === purpose && row.consumedAt === null && row.expiresAt > auth.now()
  if (isLive) return row
  const reason = row === null ? 'unknown' : row.purpose !== purpose ? 'other_purpose' : row.consumedAt !== null ? 'spent' : 'expired'
  await refuse(auth, purpose, row, reason)
  throw new AuthError('LINK_INVALID')
}

async function refuse(auth: AuthContext, purpose: string, row: OtpRow | null, reason: string) {
  // Once seen to be over it stays so, even if the clock goes back (F-06).
  if (row && reason === 'expired') await auth.db.authOtp.updateMany({ where: { id: row.id }, data: { codeHash: null, tokenHash: null } })
  await recordAudit(auth, { event: 'code.rejected', outcome: 'failure', userId: row?.userId ?? null, data: { purpose, reason } })
}
