import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { OtpRow } from './tables.ts'

/**
 * Uses up a code or token that was found right, in the transaction of what it permits. The condition decides: of any number of racing
 * requests one goes on, and a code that was replaced in the meantime is as good as spent. Throws CODE_INVALID or LINK_INVALID.
 */
export async function spendCode(auth: AuthContext, { id, codeHash, tokenHash }: OtpRow, as: 'code' | 'token') {
  const now = auth.now()
  const { count } = await auth.db.authOtp.updateMany({
    where: { id, codeHash, tokenHash, consumedAt: null, expiresAt: { gt: now } },
    data: { consumedAt: now, liveKey: null },
  })
  if (count === 0) throw new AuthError(as === 'code' ? 'CODE_INVALID' : 'LINK_INVALID')
}
