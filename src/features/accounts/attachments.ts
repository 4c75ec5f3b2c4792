import type { AuthContext } from '../../context.ts'
import { later } from '../../durations.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { revokeAllSessions } from '../sessions/revoke-sessions.ts'
import { provedAddress } from './reach.ts'
import type { UserRow } from './tables.ts'

/** Forgets the devices that skip a user's second factor: after a change of password, factor or status. */
export async function endTrust(auth: AuthContext, userId: string) {
  await auth.db.authTrustedDevice.deleteMany({ where: { userId } })
}

/**
 * Takes everything off an account of which nobody had proved an address before: whoever made it does not keep a way in. Password, sessions,
 * factors, passkeys, identities, keys, trusted devices, outstanding codes. In the transaction of the proof.
 */
export async function wipeAttached(auth: AuthContext, user: UserRow): Promise<UserRow> {
  const where = { userId: user.id }
  const now = auth.now()
  const bare = { passwordHash: null, passwordChangedAt: later(now, user.passwordChangedAt), mustChangePassword: false, mfaEnabled: false, updatedAt: now }
  await auth.db.authUser.updateMany({ where: { id: user.id }, data: bare })
  await revokeAllSessions(auth, user.id, { reason: 'address_proved' })
  await auth.db.authMfaFactor.deleteMany({ where })
  await auth.db.authRecoveryCode.deleteMany({ where })
  await auth.db.authPasskey.deleteMany({ where })
  await auth.db.authIdentity.deleteMany({ where })
  await auth.db.authAccessKey.deleteMany({ where })
  await recordChanges(auth, 'user.roles', [user.id])
  await endTrust(auth, user.id)
  await auth.db.authOtp.deleteMany({ where: { ...where, consumedAt: null } })
  await recordAudit(auth, { event: 'user.wiped', userId: user.id, data: { reason: 'address_proved' } })
  return { ...user, ...bare }
}

/**
 * Whether an account can still be signed in to without this passkey or identity (LAST_CREDENTIAL, R-123): by password, by another passkey or identity, or by a
 * message to an address it has proved. Call it in a transaction that has locked the user's row by a write, so that two removals cannot
 * both count on the other.
 */
export async function hasAnotherWayIn(auth: AuthContext, user: UserRow, without: { passkeyId?: string; identityId?: string }): Promise<boolean> {
  const { magicLink, passwordless } = auth.options
  if (user.passwordHash !== null) return true
  if (provedAddress(user, 'email') && (magicLink.enabled || passwordless.email)) return true
  if (provedAddress(user, 'sms') && passwordless.sms) return true
  const others = (id: string | undefined) => ({ userId: user.id, ...(id !== undefined && { id: { not: id } }) })
  const [passkeys, identities] = [
    await auth.db.authPasskey.count({ where: others(without.passkeyId) }),
    await auth.db.authIdentity.count({ where: { ...others(without.identityId), provider: { in: auth.options.providers.map(({ key }) => key) } } }),
  ]
  return (auth.options.passkeys.enabled ? passkeys : 0) + identities > 0
}
