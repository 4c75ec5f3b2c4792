import { type AuthContext, transaction } from '../../context.ts'
import { encrypt } from '../../crypto/encryption.ts'
import { newId } from '../../crypto/ids.ts'
import { generateSigningKey } from '../../crypto/signing-key.ts'
import { addSeconds } from '../../durations.ts'
import { emit } from '../../emit.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'

/** How long before it signs a key is published, and how long after its last signature it stays: a day, well over the JWKS's max-age. */
export const OVERLAP_SECONDS = 86_400

/**
 * Makes the next signing key. Processes that start together all try to take the same sequence number; the table lets one of them,
 * and the others find its key when they read again; so does one that comes a moment later and sees a newest key that its caller has not
 * looked at (`isKnown`). Gives the kid, or null where another process was first.
 */
export async function createKey(auth: AuthContext, activatesAt: Date, isKnown: (kid: string) => boolean): Promise<string | null> {
  const { algorithm, rotateKeysEvery, accessTtl } = auth.options.tokens
  const last = await auth.db.authSigningKey.findFirst({ orderBy: { sequence: 'desc' } })
  if (last && last.expiresAt > auth.now() && !isKnown(last.kid)) return null
  const { kid, publicJwk, privateKey } = await generateSigningKey(algorithm, auth.random)
  const retiresAt = addSeconds(activatesAt, rotateKeysEvery)
  const row = {
    id: newId(auth.now(), auth.random),
    sequence: (last?.sequence ?? 0) + 1,
    kid,
    algorithm,
    ...(publicJwk && { publicJwk }),
    privateKey: encrypt(auth.subkeys, privateKey, `signing-key:${kid}`, auth.random),
    state: 'live',
    createdAt: auth.now(),
    activatesAt,
    retiresAt,
    expiresAt: addSeconds(retiresAt, accessTtl + OVERLAP_SECONDS),
  }
  try {
    await transaction(auth, async (auth) => {
      await auth.db.authSigningKey.createMany({ data: [row] })
      await recordAudit(auth, { event: 'key.rotated', data: { kid } })
      await recordChanges(auth, 'keys', [kid])
      emit(auth, 'key.rotated', { kid })
    })
    return kid
  } catch (error) {
    if (isUniqueViolation(error)) return null
    throw error
  }
}
