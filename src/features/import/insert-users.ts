import type { AuthContext } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { emit } from '../../emit.ts'
import { runHook } from '../../hooks.ts'
import { fullRow } from '../accounts/create-user.ts'
import { presentUser } from '../accounts/present-user.ts'
import type { NewUser } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { defaultRoles } from '../rbac/default-roles.ts'
import { GLOBAL } from '../rbac/roles-of.ts'
import type { ReadyUser } from './import-line.ts'

type Made = ReadyUser & { id: string }

/** Writes users with all that belongs to them, in the transaction in progress: one statement for each table. */
export async function insertUsers(auth: AuthContext, users: readonly ReadyUser[]) {
  if (users.length === 0) return
  const made = users.map((user) => ({ ...user, id: newId(auth.now(), auth.random) }))
  const rows = made.map((user) => userRow(auth, user))
  await auth.db.authUser.createMany({ data: rows })
  const identities = made.flatMap((user) => identityRows(auth, user))
  if (identities.length > 0) await auth.db.authIdentity.createMany({ data: identities })
  await insertMemberships(auth, made)
  await recordAudit(auth, ...made.map(({ id }) => ({ event: 'user.created', userId: id, data: { source: 'import' } })))
  for (const row of rows) {
    await runHook(auth, 'user.afterCreate', presentUser(fullRow(row)))
    emit(auth, 'user.created', { userId: row.id })
  }
}

function userRow(auth: AuthContext, { id, realm, identifiers, passwordHash, fields }: Made): NewUser {
  const now = auth.now()
  const { emailVerified = false, phoneVerified = false, mustChangePassword, locale, metadata, createdAt = now } = fields
  return {
    id,
    realm,
    ...identifiers,
    ...(emailVerified && identifiers.email !== undefined && { emailVerifiedAt: now }),
    ...(phoneVerified && identifiers.phone !== undefined && { phoneVerifiedAt: now }),
    ...(passwordHash && { passwordHash, passwordChangedAt: now }),
    ...(mustChangePassword && { mustChangePassword }),
    ...(locale && { locale }),
    ...(metadata && { metadata }),
    createdAt,
    updatedAt: now,
  }
}

function identityRows(auth: AuthContext, { id: userId, realm, fields }: Made) {
  const createdAt = auth.now()
  return (fields.identities ?? []).map(({ provider, providerUserId, email, emailVerified = false }) => ({
    id: newId(createdAt, auth.random),
    userId,
    // As the provider of that name keeps them: an OpenID provider's are its issuer's.
    provider: auth.options.providers.find((one) => one.id === provider)?.key ?? provider,
    providerUserId,
    realm,
    email: email?.toLowerCase() ?? null,
    emailVerified,
    tokens: null,
    lastUsedAt: null,
    createdAt,
  }))
}

async function insertMemberships(auth: AuthContext, users: readonly Made[]) {
  const defaults = (await defaultRoles(auth, null)).map(({ id }) => id)
  const now = auth.now()
  const places = users.flatMap(({ id: userId, roleIds, memberships }) => {
    const global = [...new Set([...defaults, ...roleIds])]
    return [
      ...(global.length > 0 ? [{ userId, tenantId: null, scope: GLOBAL, status: 'active', roleIds: global }] : []),
      ...memberships.map(({ tenantId, status, roleIds }) => ({ userId, tenantId, scope: tenantId, status, roleIds })),
    ].map((place) => ({ ...place, id: newId(now, auth.random) }))
  })
  if (places.length === 0) return
  // Of several tenants nobody has chosen one yet.
  const data = places.map(({ roleIds: _roleIds, ...row }) => ({ ...row, isDefault: false, displayName: null, createdAt: now, updatedAt: now }))
  await auth.db.authMembership.createMany({ data })
  const pairs = places.flatMap(({ id: membershipId, roleIds }) => roleIds.map((roleId) => ({ membershipId, roleId })))
  if (pairs.length > 0) await auth.db.authMembershipRole.createMany({ data: pairs })
}
