import type { AuthContext } from '../../context.ts'
import { decrypt, encrypt } from '../../crypto/encryption.ts'
import { equalBytes, sha256Hex } from '../../crypto/hashing.ts'
import { newId } from '../../crypto/ids.ts'
import { addSeconds } from '../../durations.ts'
import { AuthError } from '../../errors.ts'
import { insertRows } from '../../insert-rows.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import type { Joining } from '../invitations/register-member.ts'

/** A trip to a provider and back may take ten minutes. */
export const FLOW_SECONDS = 600
const CONTEXT = 'oauth.flow'
const PURPOSE = 'oauth.state'

/** What this browser began; it travels in its cookie, encrypted, and is nowhere else. */
export interface Flow extends Joining {
  provider: string
  state: string
  nonce: string
  codeVerifier: string
  /** As it was asked for; parsed again when it is used. */
  redirectTo?: string
  popup: boolean
  /** The identity is attached to this user, as long as this session lives. */
  link?: { userId: string; sessionId: string }
  /** Milliseconds since 1970. */
  expiresAt: number
}

const refusal = () => new AuthError('OAUTH_STATE_INVALID')

export const sealFlow = (auth: AuthContext, flow: Flow) => encrypt(auth.subkeys, JSON.stringify(flow), CONTEXT, auth.random, 'cookie')

/**
 * What the cookie holds, where it is this browser's answer to this provider's callback: same provider, same state, within ten
 * minutes. Throws OAUTH_STATE_INVALID.
 */
export function openFlow(auth: AuthContext, cookie: string | undefined, { provider, state }: { provider: string; state: string | undefined }): Flow {
  const text = cookie === undefined ? null : decrypt(auth.subkeys, cookie, CONTEXT, 'cookie')
  if (text === null || state === undefined) throw refusal()
  const flow = JSON.parse(text) as Flow
  const isSame = equalBytes(Buffer.from(flow.state), Buffer.from(state))
  if (!isSame || flow.provider !== provider || flow.expiresAt <= auth.now().getTime()) throw refusal()
  return flow
}

/**
 * Uses a flow up, before the provider is asked: the unique key lets one of any number of parallel callbacks go on. Throws
 * OAUTH_STATE_INVALID for the others.
 */
export async function spendFlow(auth: AuthContext, { state }: Flow) {
  const now = auth.now()
  const target = sha256Hex(state)
  const row = { id: newId(now, auth.random), userId: null, target, purpose: PURPOSE, codeHash: null, tokenHash: null, liveKey: `${PURPOSE}:${target}` }
  try {
    await insertRows(auth, auth.db.authOtp, [{ ...row, createdAt: now, expiresAt: addSeconds(now, FLOW_SECONDS) }])
  } catch (cause) {
    throw isUniqueViolation(cause) ? refusal() : cause
  }
}
