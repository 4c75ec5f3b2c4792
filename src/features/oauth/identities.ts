import { type AuthContext, transaction } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { isUniqueViolation, writeConflict } from '../../prisma-errors.ts'
import type { Assertion, Provider } from '../../provider.ts'
import { hasAnotherWayIn } from '../accounts/attachments.ts'
import { findUserById } from '../accounts/find-user.ts'
import { canonicalEmail } from '../accounts/identifiers.ts'
import { lockUser } from '../accounts/lock-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { notifyOwner } from '../messages/queue-message.ts'
import { findProvider } from './find-provider.ts'
import { keptTokens } from './provider-tokens.ts'
import type { IdentityRow } from './tables.ts'

/** An outside account that a user signs in with. */
export interface Identity {
  id: string
  provider: string
  providerUserId: string
  email: string | null
  createdAt: Date
  lastUsedAt: Date | null
}

/** The identity of a person at a provider, in the realm of the context, compared exactly. */
export async function findIdentity(auth: AuthContext, { key }: Pick<Provider, 'key'>, subject: string): Promise<IdentityRow | null> {
  const { realm } = auth
  const row = await auth.db.authIdentity.findUnique({ where: { provider_providerUserId_realm: { provider: key, providerUserId: subject, realm } } })
  return row && row.provider === key && row.providerUserId === subject && row.realm === realm ? row : null
}

/** A user's identities, the oldest first, each under the id of its provider. */
export async function listIdentities(auth: AuthContext, userId: string): Promise<Identity[]> {
  const rows = await auth.db.authIdentity.findMany({ where: { userId }, orderBy: { createdAt: 'asc' } })
  return rows.map((row) => presentIdentity(auth, row))
}

function presentIdentity({ options }: AuthContext, { id, provider, providerUserId, email, createdAt, lastUsedAt }: IdentityRow): Identity {
  const configured = options.providers.find(({ key }) => key === provider)
  return { id, provider: configured?.id ?? provider, providerUserId, email, createdAt, lastUsedAt }
}

const factsOf = ({ email, emailVerified, profile }: Omit<Assertion, 'subject'>) => {
  const canonical = email === undefined ? undefined : canonicalEmail(email)
  return { email: canonical ?? null, emailVerified: emailVerified && canonical !== undefined, profile }
}

/** Attaches an identity, in the transaction in progress. The owner is told unless the account is new. Another request that was faster makes the transaction run again. */
export async function addIdentity(auth: AuthContext, user: UserRow, provider: Provider, assertion: Assertion, { isNewUser = false, isUsed = true } = {}) {
  const now = auth.now()
  const id = newId(now, auth.random)
  const row = { id, userId: user.id, provider: provider.key, providerUserId: assertion.subject, realm: user.realm }
  try {
    const tokens = keptTokens(auth, provider, { id, tokens: null }, assertion.tokens)
    await auth.db.authIdentity.createMany({ data: [{ ...row, ...factsOf(assertion), tokens, lastUsedAt: isUsed ? now : null, createdAt: now }] })
  } catch (cause) {
    throw isUniqueViolation(cause) ? writeConflict('another request has just added this identity', cause) : cause
  }
  await recordAudit(auth, { event: 'identity.linked', userId: user.id, data: { identityId: id, provider: provider.id } })
  emit(auth, 'identity.linked', { userId: user.id, identityId: id, provider: provider.id })
  if (!isNewUser) await notifyOwner(auth, user, 'identity_changed', [`Connected: ${provider.id}`])
}

export interface NewLink {
  /** The id of a configured provider. */
  provider: string
  /** The provider's own id of the person. */
  providerUserId: string
  email?: string
}

/** Attaches an identity that the app vouches for. Throws NOT_FOUND for an unknown user or provider, IDENTITY_TAKEN. */
export async function linkIdentity(auth: AuthContext, userId: string, { provider: id, providerUserId: subject, email }: NewLink): Promise<void> {
  const provider = findProvider(auth, id)
  await transaction(auth, async (auth) => {
    const user = await findUserById(auth, userId)
    if (!user) throw new AuthError('NOT_FOUND')
    const assertion = { subject, emailVerified: false, profile: {}, ...(email !== undefined && { email }) }
    await attach(auth, user, provider, assertion, { isUsed: false })
  })
}

/** Attaches an identity, or notes what is new of one that the user has already. Throws IDENTITY_TAKEN where someone else has it. */
export async function attach(auth: AuthContext, user: UserRow, provider: Provider, assertion: Assertion, how: { isUsed?: boolean } = {}) {
  const known = await findIdentity({ ...auth, realm: user.realm }, provider, assertion.subject)
  if (known && known.userId !== user.id) throw new AuthError('IDENTITY_TAKEN')
  if (known) await refreshIdentity(auth, known, provider, assertion)
  else await addIdentity(auth, user, provider, assertion, how)
}

/** Notes what the provider says now, of an identity that was used. */
export async function refreshIdentity(auth: AuthContext, row: IdentityRow, provider: Provider, assertion: Assertion) {
  const { profile, ...facts } = factsOf(assertion)
  const tokens = keptTokens(auth, provider, row, assertion.tokens)
  // Apple tells the name once only: an empty profile takes nothing away.
  const data = { ...facts, ...(Object.keys(profile).length > 0 && { profile }), tokens, lastUsedAt: auth.now() }
  await auth.db.authIdentity.updateMany({ where: { id: row.id }, data })
}

/** Takes an identity off; the owner is told. Throws NOT_FOUND; LAST_CREDENTIAL where it is the last way in (unless `force`). */
export async function unlinkIdentity(auth: AuthContext, userId: string, id: string, { force = false } = {}) {
  const user = await findUserById(auth, userId)
  if (!user) throw new AuthError('NOT_FOUND')
  await transaction(auth, async (auth) => {
    await lockUser(auth, userId) // two removals at once cannot each count on what the other takes
    const [row] = await auth.db.authIdentity.findMany({ where: { userId, id }, orderBy: { createdAt: 'asc' } })
    if (!row || row.id !== id) throw new AuthError('NOT_FOUND')
    if (!force && !(await hasAnotherWayIn(auth, user, { identityId: id }))) throw new AuthError('LAST_CREDENTIAL')
    const { count } = await auth.db.authIdentity.deleteMany({ where: { id, userId } })
    if (count === 0) throw new AuthError('NOT_FOUND')
    const { provider } = presentIdentity(auth, row)
    await recordAudit(auth, { event: 'identity.unlinked', userId, data: { identityId: id, provider } })
    await notifyOwner(auth, user, 'identity_changed', [`Disconnected: ${provider}`])
    emit(auth, 'identity.unlinked', { userId, identityId: id, provider })
  })
}
