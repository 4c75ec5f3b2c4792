import type { JsonObject } from './json.ts'

/** What every event carries. No event holds a password, code, token, key or hash. */
interface Happened {
  at: Date
  ip?: string
  userAgent?: string
  requestId?: string
}
interface OfUser extends Happened {
  userId: string
}
interface OfTenant extends Happened {
  tenantId: string
  slug: string
}
interface OfInvitation extends Happened {
  invitationId: string
  tenantId: string
}
interface OfSession extends OfUser {
  sessionId: string
}
interface OfRole extends Happened {
  roleId: string
  name: string
  guard: string
  tenantId: string | null
}

interface OfKey extends OfUser {
  keyId: string
  tenantId: string | null
}

/** Event names and what their listeners get. */
export interface EventPayloads {
  'user.registered': OfUser & { email: string | null; phone: string | null; username: string | null; extra: JsonObject; profile?: JsonObject }
  'user.created': OfUser
  'user.updated': OfUser & { fields: string[] }
  'user.deleted': OfUser
  'user.suspended': OfUser & { until: Date | null; reason: string | null }
  'user.reactivated': OfUser
  'user.locked': OfUser & { until: Date }
  'user.unlocked': OfUser
  'session.created': OfSession & { amr: string[]; tenantId: string | null }
  'session.refreshed': OfSession
  'session.revoked': OfSession & { reason: string }
  'session.evicted': OfSession
  'session.reuse_detected': OfSession
  'login.succeeded': OfSession & { amr: string[] }
  'login.failed': Happened & { userId: string | null; reason: string }
  logout: OfSession
  'password.changed': OfUser
  'password.reset_requested': OfUser
  'password.reset': OfUser
  'email.verification_requested': OfUser
  'email.verified': OfUser
  'email.change_requested': OfUser
  'email.changed': OfUser
  'phone.verification_requested': OfUser
  'phone.verified': OfUser
  'phone.change_requested': OfUser
  'phone.changed': OfUser
  'passwordless.requested': OfUser
  'magic_link.requested': OfUser
  'role.created': OfRole
  'role.updated': OfRole & { fields: string[] }
  'role.deleted': OfRole
  'role.assigned': OfRole & { userId: string }
  'role.removed': OfRole & { userId: string }
  'permission.created': Happened & { permissionId: string; name: string; guard: string }
  'permission.deleted': Happened & { name: string; guard: string }
  'mfa.enabled': OfUser
  'mfa.disabled': OfUser
  'mfa.factor_added': OfUser & { factorId: string; type: string }
  'mfa.factor_removed': OfUser & { factorId: string; type: string }
  'mfa.code_requested': OfUser
  'mfa.challenged': OfUser & { methods: string[] }
  'mfa.verified': OfUser & { method: string }
  'mfa.failed': OfUser & { method: string }
  'mfa.recovery_code_used': OfUser & { left: number }
  'mfa.recovery_codes_generated': OfUser & { count: number }
  'passkey.added': OfUser & { passkeyId: string }
  'passkey.removed': OfUser & { passkeyId: string }
  'passkey.used': OfUser & { passkeyId: string }
  'passkey.clone_suspected': OfUser & { passkeyId: string }
  'identity.linked': OfUser & { identityId: string; provider: string }
  'identity.unlinked': OfUser & { identityId: string; provider: string }
  'trusted_device.created': OfUser & { deviceId: string }
  'trusted_device.revoked': OfUser & { deviceId: string | null }
  'api_key.created': OfKey
  'api_key.updated': OfKey & { fields: string[] }
  'api_key.revoked': OfKey
  /** At most once a minute for each key and process. */
  'api_key.used': OfKey
  'tenant.created': OfTenant
  'tenant.updated': OfTenant
  'tenant.suspended': OfTenant
  'tenant.deleted': OfTenant
  'membership.added': OfUser & { tenantId: string }
  'membership.updated': OfUser & { tenantId: string }
  'membership.removed': OfUser & { tenantId: string }
  'invitation.created': OfInvitation
  'invitation.resent': OfInvitation
  'invitation.accepted': OfInvitation & { userId: string }
  'invitation.declined': OfInvitation
  'invitation.revoked': OfInvitation
  'platform.granted': OfUser & { roles: string[] }
  'platform.revoked': OfUser & { roles: string[] }
  'admin.created': Happened & { adminId: string }
  'admin.removed': Happened & { adminId: string }
  'key.rotated': Happened & { kid: string }
  'limit.exceeded': Happened & { route: string; by: 'ip' | 'account' }
}
