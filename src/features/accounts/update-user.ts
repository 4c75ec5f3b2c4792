import type { AuthContext } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { runHook, type UserInput } from '../../hooks.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import type { UserRecord } from '../../shapes.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { canonicalIdentifiers } from './canonical-identifiers.ts'
import { findUserById } from './find-user.ts'
import type { Identifiers } from './identifiers.ts'
import { lockUser } from './lock-user.ts'
import { presentRecord, presentUser } from './present-user.ts'
import type { UserPatch, UserRow } from './tables.ts'
import { taken, transactionNaming } from './taken.ts'

export interface UserUpdate extends UserInput {
  mustChangePassword?: boolean
}

/** Changes what is given and leaves the rest; null empties. An address or number that changes is unverified unless said otherwise. */
export async function updateUser(auth: AuthContext, id: string, patch: UserUpdate): Promise<UserRecord> {
  return transactionNaming(auth, async (auth) => {
    await lockUser(auth, id) // whether an address is a new one is told by the row that is written
    const user = await findUserById(auth, id)
    if (!user) throw new AuthError('NOT_FOUND')
    refuseUnknown(patch)
    const { mustChangePassword, ...fields } = patch
    const chosen = (await runHook(auth, 'user.beforeUpdate', { user: presentUser(user), patch: fields })) ?? fields
    const identifiers = await canonicalIdentifiers(chosen)
    const data = { ...patchOf(auth, user, chosen, identifiers), ...(mustChangePassword !== undefined && { mustChangePassword }) }
    await write(auth, user, data, identifiers)
    const updated: UserRow = { ...user, ...data, failedLogins: user.failedLogins, metadata: data.metadata ?? user.metadata }
    const changed = Object.keys(data).filter((name) => name !== 'updatedAt')
    if ('emailVerifiedAt' in data) await recordChanges(auth, 'user.roles', [id]) // guards that remember a confirmed address ask again
    await recordAudit(auth, { event: 'user.updated', userId: id, data: { fields: changed } })
    await runHook(auth, 'user.afterUpdate', presentUser(updated))
    emit(auth, 'user.updated', { userId: id, fields: changed })
    return presentRecord(updated, auth.now())
  })
}

const known = new Set([
  'email',
  'phone',
  'username',
  'emailVerified',
  'phoneVerified',
  'metadata',
  'locale',
  'mustChangePassword',
] satisfies (keyof UserUpdate)[])

/** What is misspelt, or another service's to change, would be ignored without a word. */
function refuseUnknown(patch: object) {
  const errors = Object.keys(patch).flatMap((path) => (known.has(path as keyof UserUpdate) ? [] : [{ path, message: 'is not known here' }]))
  if (errors.length > 0) throw new AuthError('VALIDATION_FAILED', { errors })
}

function patchOf(auth: AuthContext, user: UserRow, patch: UserInput, identifiers: Identifiers): UserPatch {
  const now = auth.now()
  const verification = (name: 'email' | 'phone', verified: boolean | undefined, at: Date | null) => {
    const isChanged = patch[name] !== undefined && (identifiers[name] ?? null) !== user[name]
    const isVerified = verified ?? (isChanged ? false : undefined)
    return isVerified === undefined ? undefined : isVerified ? (at ?? now) : null
  }
  const emailVerifiedAt = verification('email', patch.emailVerified, user.emailVerifiedAt)
  const phoneVerifiedAt = verification('phone', patch.phoneVerified, user.phoneVerifiedAt)
  return {
    ...(patch.email !== undefined && { email: identifiers.email ?? null }),
    ...(patch.phone !== undefined && { phone: identifiers.phone ?? null }),
    ...(patch.username !== undefined && { username: identifiers.username ?? null }),
    ...(emailVerifiedAt !== undefined && { emailVerifiedAt }),
    ...(phoneVerifiedAt !== undefined && { phoneVerifiedAt }),
    ...(patch.metadata !== undefined && { metadata: patch.metadata }),
    ...(patch.locale !== undefined && { locale: patch.locale }),
    updatedAt: now,
  }
}

async function write(auth: AuthContext, { id, realm }: UserRow, data: UserPatch, identifiers: Identifiers) {
  try {
    const { count } = await auth.db.authUser.updateMany({ where: { id }, data })
    if (count === 0) throw new AuthError('NOT_FOUND')
  } catch (cause) {
    if (isUniqueViolation(cause)) throw taken(realm, identifiers, cause)
    throw cause
  }
}
