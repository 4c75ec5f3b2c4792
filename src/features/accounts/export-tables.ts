/** How the export of a user's data reads what hangs on it: columns by name, never a secret. */
type Selected<Fields extends string> = {
  findMany: (args: { where: { userId: string }; select: { [Field in Fields]: true } }) => Promise<{ [Field in Fields]: unknown }[]>
}

export interface ExportTables {
  authIdentity: Selected<'id' | 'provider' | 'providerUserId' | 'email' | 'emailVerified' | 'profile' | 'lastUsedAt' | 'createdAt'>
  authSession: Selected<
    | 'id'
    | 'tenantId'
    | 'amr'
    | 'authenticatedAt'
    | 'remember'
    | 'ip'
    | 'userAgent'
    | 'deviceName'
    | 'userData'
    | 'createdAt'
    | 'lastUsedAt'
    | 'expiresAt'
    | 'revokedAt'
    | 'revokedReason'
  >
  authMfaFactor: Selected<'id' | 'type' | 'label' | 'confirmedAt' | 'lastUsedAt' | 'createdAt'>
  authPasskey: Selected<'id' | 'name' | 'deviceType' | 'backedUp' | 'lastUsedAt' | 'createdAt'>
  authTrustedDevice: Selected<'id' | 'name' | 'ip' | 'userAgent' | 'lastUsedAt' | 'createdAt' | 'expiresAt'>
  authAccessKey: Selected<'id' | 'name' | 'tenantId' | 'permissions' | 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'revokedAt'>
  authMembership: Selected<'id' | 'tenantId' | 'status' | 'isDefault' | 'displayName' | 'metadata' | 'createdAt'>
  authMessage: Selected<'id' | 'channel' | 'kind' | 'createdAt' | 'sentAt'>
  authAuditLog: Selected<'id' | 'at' | 'event' | 'outcome' | 'ip' | 'userAgent' | 'data'>
}
