import { type AuthContext, transaction } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { addSeconds } from '../../durations.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { hashToken, randomToken } from '../codes/code-text.ts'
import { deviceName } from '../sessions/device-name.ts'

export interface NewDevice {
  token: string
  /** Seconds. */
  ttl: number
}

/** What people see of a device that they trust. */
export interface TrustedDevice {
  id: string
  name: string | null
  ip: string | null
  userAgent: string | null
  createdAt: Date
  lastUsedAt: Date | null
  expiresAt: Date
}

/** Trusts the device of this request for `mfa.trustedDevices.ttl`, in the transaction in progress. Its token is stored as a hash and shown once. */
export async function trustDevice(auth: AuthContext, userId: string): Promise<NewDevice> {
  const { trustedDevices } = auth.options.mfa
  if (!trustedDevices) throw new AuthError('FEATURE_DISABLED')
  const now = auth.now()
  const id = newId(now, auth.random)
  const token = randomToken('lkd', auth.random)
  const { ip = null, userAgent = null } = auth.request ?? {}
  const expiresAt = addSeconds(now, trustedDevices.ttl)
  const row = { id, userId, tokenHash: hashToken(token), name: deviceName(userAgent), ip, userAgent, lastUsedAt: null, createdAt: now, expiresAt }
  await auth.db.authTrustedDevice.createMany({ data: [row] })
  await recordAudit(auth, { event: 'trusted_device.created', userId, data: { deviceId: id } })
  emit(auth, 'trusted_device.created', { userId, deviceId: id })
  return { token, ttl: trustedDevices.ttl }
}

/** Whether the request comes from a device that this user trusts. Only what has its token, and no answer, tells before the first factor. */
export async function isTrustedDevice(auth: AuthContext, userId: string): Promise<boolean> {
  const token = auth.request?.deviceToken
  if (!auth.options.mfa.trustedDevices || token === undefined) return false
  const now = auth.now()
  const { count } = await auth.db.authTrustedDevice.updateMany({
    where: { tokenHash: hashToken(token), userId, expiresAt: { gt: now } },
    data: { lastUsedAt: now },
  })
  return count > 0
}

/** The devices that a user trusts, the newest first. */
export async function listTrustedDevices(auth: AuthContext, userId: string): Promise<TrustedDevice[]> {
  const rows = await auth.db.authTrustedDevice.findMany({ where: { userId, expiresAt: { gt: auth.now() } }, orderBy: { createdAt: 'desc' } })
  return rows.map(({ id, name, ip, userAgent, createdAt, lastUsedAt, expiresAt }) => ({ id, name, ip, userAgent, createdAt, lastUsedAt, expiresAt }))
}

/** Trusts a device no longer, or, without an id, none of them. Throws NOT_FOUND for one that is not this user's. */
export async function revokeTrust(auth: AuthContext, userId: string, deviceId?: string) {
  await transaction(auth, async (auth) => {
    const { count } = await auth.db.authTrustedDevice.deleteMany({ where: { userId, ...(deviceId !== undefined && { id: deviceId }) } })
    if (count === 0 && deviceId !== undefined) throw new AuthError('NOT_FOUND')
    if (count === 0) return
    await recordAudit(auth, { event: 'trusted_device.revoked', userId, data: { deviceId: deviceId ?? null, count } })
    emit(auth, 'trusted_device.revoked', { userId, deviceId: deviceId ?? null })
  })
}
