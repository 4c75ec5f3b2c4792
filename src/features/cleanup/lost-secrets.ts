import type { AuthContext } from '../../context.ts'
import { startOf } from '../../crypto/encryption.ts'
import type { SealedDatabase } from './tables.ts'

/** Rows that none of the secrets opens; `MOST` stands for that many and more. */
export interface Lost {
  authenticatorApps: number
  providerTokens: number
}

const MOST = 1000

/** Counts what a secret sealed that is no longer among those given: one query for each kind (F-07). */
export async function countLost({ db, subkeys }: Pick<AuthContext, 'db' | 'subkeys'>): Promise<Lost> {
  const { authMfaFactor, authIdentity }: SealedDatabase = db
  const starts = subkeys.all.map((keys) => ({ startsWith: startOf(keys) }))
  return {
    authenticatorApps: await authMfaFactor.count({ where: { secret: { not: null }, NOT: starts.map((secret) => ({ secret })) }, take: MOST }),
    providerTokens: await authIdentity.count({ where: { tokens: { not: null }, NOT: starts.map((tokens) => ({ tokens })) }, take: MOST }),
  }
}

/** Says in the log what people can no longer use because a secret was dropped too soon. */
export async function warnOfLost(auth: AuthContext) {
  const lost = await countLost(auth)
  if (lost.authenticatorApps + lost.providerTokens === 0) return
  auth.log.warn({ ...lost }, 'rows are sealed by a secret that is not given any more: put it second in `secret` until cleanup has moved them')
}
