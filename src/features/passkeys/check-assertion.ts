import type { AuthenticationResponseJSON } from '@simplewebauthn/server'
import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { credentialKey } from './register-passkey.ts'
import { relyingParty } from './relying-party.ts'
import type { PasskeyRow } from './tables.ts'

export interface Assertion {
  passkey: PasskeyRow
  /** By PIN, finger or face: then it counts as two factors. */
  isUserVerified: boolean
  /** Notes the use, in the transaction of what it permits; one of any number of uses of one counter value goes on. */
  spend: (auth: AuthContext) => Promise<void>
}

interface Expectation {
  challenge: string
  /** Whose passkey it must be; null where the passkey tells. */
  userId: string | null
}

/** Checks the answer of an authenticator (WebAuthn, 7.2): origin, domain, type, presence, signature, owner, counter. Null where any is wrong. */
export async function checkAssertion(auth: AuthContext, response: unknown, { challenge, userId }: Expectation): Promise<Assertion | null> {
  const { id, response: inner } = (response ?? {}) as { id?: unknown; response?: { userHandle?: unknown } }
  if (typeof id !== 'string' || id.length > 2048) return null
  const key = credentialKey(id)
  const passkey = await auth.db.authPasskey.findUnique({ where: { credentialKey: key } })
  if (!passkey || passkey.credentialKey !== key || passkey.credentialId !== id || (userId !== null && passkey.userId !== userId)) return null
  const handle = inner?.userHandle
  // Where no account was named before, the passkey must name its own (WebAuthn, 7.2, step 6).
  const isNamed = handle !== undefined && handle !== null
  if (isNamed ? handle !== Buffer.from(passkey.userId).toString('base64url') : userId === null) return null
  const info = await verify(auth, response as AuthenticationResponseJSON, passkey, challenge)
  if (!info) return null
  if (isRegression(Number(passkey.counter), info.newCounter)) {
    await reportClone(auth, passkey)
    return null
  }
  const spend = async (auth: AuthContext) => {
    const { count } = await auth.db.authPasskey.updateMany({
      where: { id: passkey.id, counter: passkey.counter },
      data: { counter: BigInt(info.newCounter), lastUsedAt: auth.now(), backedUp: info.credentialBackedUp },
    })
    if (count === 0) throw new AuthError('INVALID_CREDENTIALS')
    await recordAudit(auth, { event: 'passkey.used', userId: passkey.userId, data: { passkeyId: passkey.id } })
    emit(auth, 'passkey.used', { userId: passkey.userId, passkeyId: passkey.id })
  }
  return { passkey, isUserVerified: info.userVerified, spend }
}

/** A counter that does not grow means two copies of a key. Passkeys that are synced keep it at 0 (WebAuthn, 6.1.1). */
const isRegression = (stored: number, given: number) => (stored > 0 || given > 0) && given <= stored

async function reportClone(auth: AuthContext, { id, userId }: PasskeyRow) {
  await transaction(auth, async (auth) => {
    await recordAudit(auth, { event: 'passkey.clone_suspected', outcome: 'denied', userId, data: { passkeyId: id } })
    emit(auth, 'passkey.clone_suspected', { userId, passkeyId: id })
  })
}

async function verify(auth: AuthContext, response: AuthenticationResponseJSON, { credentialId, publicKey }: PasskeyRow, challenge: string) {
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  const rp = relyingParty(auth)
  try {
    const result = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: rp.origins,
      expectedRPID: rp.id,
      // Its counter is compared by us, to tell a clone from a wrong answer.
      credential: { id: credentialId, publicKey: new Uint8Array(publicKey), counter: 0 },
      requireUserVerification: false,
    })
    return result.verified ? result.authenticationInfo : null
  } catch (err) {
    auth.log.debug({ err }, 'a passkey was refused')
    return null
  }
}
