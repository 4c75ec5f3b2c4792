import { type AuthContext, transaction } from '../../context.ts'
import { addSeconds } from '../../durations.ts'
import { createKey, OVERLAP_SECONDS } from './create-key.ts'

export interface KeyListing {
  kid: string
  algorithm: string
  /** 'next' is published but does not sign yet, 'retired' verifies what it signed. */
  state: 'next' | 'current' | 'retired'
  activatesAt: Date
  retiresAt: Date
  expiresAt: Date
}

/** Makes a key that signs from now on; the ones before it verify until the last of their tokens has ended. */
export async function rotateKey(auth: AuthContext): Promise<{ kid: string }> {
  const kid = await createKey(auth, auth.now(), () => true)
  await auth.process.keys.reload(auth, 'changed')
  const rows = auth.process.keys.rows()
  const current = rows.find((row) => row.kid === kid) ?? rows.at(-1)
  if (!current) throw new Error('no signing key could be made')
  await transaction(auth, async (auth) => {
    await auth.db.authSigningKey.updateMany({
      where: { sequence: { lt: current.sequence }, retiresAt: { gt: auth.now() } },
      data: { retiresAt: auth.now(), expiresAt: addSeconds(auth.now(), auth.options.tokens.accessTtl + OVERLAP_SECONDS) },
    })
  })
  await auth.process.keys.reload(auth, 'changed')
  return { kid: current.kid }
}

/** The keys that sign or verify, the oldest first. */
export async function listKeys(auth: AuthContext): Promise<KeyListing[]> {
  const signer = await auth.process.keys.current(auth)
  return auth.process.keys.rows().map(({ kid, algorithm, activatesAt, retiresAt, expiresAt }) => ({
    kid,
    algorithm,
    state: kid === signer.kid ? 'current' : activatesAt > auth.now() ? 'next' : 'retired',
    activatesAt,
    retiresAt,
    expiresAt,
  }))
}
