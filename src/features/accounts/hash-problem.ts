import type { AuthContext } from '../../context.ts'
import { isPlainText } from '../../text.ts'

const MOST_CHARACTERS = 2000

/** Why a hash that was made elsewhere is not taken in: no sign-in could tell by it. Undefined where one could. */
export function hashProblem({ process }: AuthContext, hash: string): string | undefined {
  const isKnown = typeof hash === 'string' && hash.length <= MOST_CHARACTERS && isPlainText(hash) && process.passwords.knows(hash)
  return isKnown ? undefined : 'is of no kind that password.verifyLegacy names'
}
