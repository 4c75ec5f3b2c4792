import type { AuthContext } from '../../context.ts'
import { transaction } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { AuthError } from '../../errors.ts'
import { checkToken } from '../codes/check-code.ts'
import { issueCode } from '../codes/issue-code.ts'
import { spendCode } from '../codes/spend-code.ts'

/** A challenge of one kind is no good in another ceremony. */
export type CeremonyType = 'registration' | 'authentication' | 'second_factor'

export const CEREMONY_SECONDS = 300
const CHALLENGE_BYTES = 32

export interface Ceremony {
  challenge: string
  /** The session or waiting sign-in it belongs to. */
  binding: string | null
  /** Who must answer; null where anyone may. */
  userId: string | null
}

const purposeOf = (type: CeremonyType) => `webauthn.${type}`

/** Begins a ceremony: a challenge of 256 bits that lives five minutes, and the token that its answer comes with. */
export async function beginCeremony(auth: AuthContext, type: CeremonyType, { userId, binding }: { userId: string | null; binding: string | null }) {
  const challenge = Buffer.from(auth.random(CHALLENGE_BYTES)).toString('base64url')
  const data = { challenge, binding }
  const target = newId(auth.now(), auth.random)
  const request = { purpose: purposeOf(type), target, userId, form: 'token', ttl: CEREMONY_SECONDS, data, isFirst: true } as const
  const { token = '' } = await transaction(auth, (auth) => issueCode(auth, request))
  return { challenge, ceremonyToken: token }
}

/**
 * The ceremony of a token, used up by this: one of any number of answers is looked at, right or wrong. Throws CEREMONY_INVALID for
 * one that is unknown, over, used, of another kind or session. Whose it is is the caller's to compare.
 */
export async function takeCeremony(auth: AuthContext, type: CeremonyType, token: string | undefined, binding?: string): Promise<Ceremony> {
  try {
    const row = await checkToken(auth, { purpose: purposeOf(type), token: token ?? '' })
    await spendCode(auth, row, 'token')
    const { challenge, binding: bound } = row.data as { challenge: string; binding: string | null }
    if (binding !== undefined && bound !== binding) throw new AuthError('CEREMONY_INVALID')
    return { challenge, binding: bound, userId: row.userId }
  } catch (error) {
    if (error instanceof AuthError && error.code === 'LINK_INVALID') throw new AuthError('CEREMONY_INVALID', { cause: error })
    throw error
  }
}
