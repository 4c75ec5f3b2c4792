import type { AuthContext } from '../../context.ts'
import { startOf } from '../../crypto/encryption.ts'
import type { SealedDatabase } from './tables.ts'

/** Rows that none of the secrets opens, among the `OLDEST` of each kind. */
export interface Lost {
  authenticatorApps: number
  providerTokens: number
}

// What an old secret sealed is among the oldest rows, and a table of millions is not read through to warn of it.
const OLDEST = 1000

/** Counts what a secret sealed that is no longer among those given: one query for each kind (F-07). */
export async function countLost({ db, subkeys }: Pick<AuthContext, 'db' | 'subkeys'>): Promise<Lost> {
  const { authMfaFactor, authIdentity }: SealedDatabase = db
  const oldest = { orderBy: { id: 'asc' }, take: OLDEST } as const
  const isLost = (value: string | null) => value !== null && !subkeys.all.some((keys) => value.startsWith(startOf(keys)))
  const factors = await authMfaFactor.findMany({ where: { secret: { not: null } }, select: { id: true, secret: true }, ...oldest })
  const identities = await authIdentity.findMany({ where: { tokens: { not: null } }, select: { id: true, tokens: true }, ...oldest })
  return {
    authenticatorApps: factors.filter(({ secret }) => isLost(secret)).length,
    providerTokens: identities.filter(({ tokens }) => isLost(tokens)).length,
  }
}

/** Says in the log what people can no longer use because a secret was dropped too soon. */
export async function warnOfLost(auth: AuthContext) {
  const lost = await countLost(auth)
  if (lost.authenticatorApps + lost.providerTokens === 0) return
  auth.log.warn({ ...lost }, 'rows are sealed by a secret that is not given any more: put it second in `secret` until cleanup has moved them')
}
