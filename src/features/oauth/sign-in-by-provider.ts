import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { Assertion, Provider } from '../../provider.ts'
import { completeSignIn, type ProvedFactor, type SignInAnswer } from '../../sign-in.ts'
import { isLanguageTag } from '../../text.ts'
import { findUser, findUserById } from '../accounts/find-user.ts'
import { canonicalEmail } from '../accounts/identifiers.ts'
import { isSuspended } from '../accounts/present-user.ts'
import { detachAddress, proveAddress, standsFor } from '../accounts/prove-address.ts'
import type { UserRow } from '../accounts/tables.ts'
import { transactionNaming } from '../accounts/taken.ts'
import { acceptInvitation } from '../invitations/accept-invitation.ts'
import { findInvitation } from '../invitations/find-invitation.ts'
import { type Joining, registerMember } from '../invitations/register-member.ts'
import { inRealm, NOWHERE } from '../tenants/in-realm.ts'
import { addIdentity, findIdentity, refreshIdentity } from './identities.ts'

export interface SignInWishes extends Joining {
  remember?: boolean
}

/**
 * Signs in whom a provider vouches for: the owner of the identity; else the account that has proved the same address, where the provider
 * asserts it too; else a new account, as sign-up allows. `then` runs in the same transaction. Throws PROVIDER_EMAIL_NOT_VERIFIED,
 * EMAIL_TAKEN, what sign-up refuses with, ACCOUNT_SUSPENDED.
 */
export async function signInByProvider<T>(
  auth: AuthContext,
  provider: Provider,
  assertion: Assertion,
  wishes: SignInWishes,
  then: (auth: AuthContext, answer: SignInAnswer) => Promise<T>,
): Promise<T> {
  await auth.process.keys.current(auth) // read or made outside the transaction
  const meant = await accountsMeant(auth, wishes)
  const attempt = () =>
    transactionNaming(meant, async (auth) => {
      const proved = await resolveUser(auth, provider, assertion, wishes)
      const how = { amr: ['fed'], provider: provider.id, remember: wishes.remember ?? true }
      return then(auth, await completeSignIn(auth, { ...how, ...proved }))
    })
  try {
    return await attempt()
  } catch (error) {
    // Someone signed up with the address in the meantime: the account is found now, and the rules for it hold (F-09).
    if (!(error instanceof AuthError) || error.code !== 'EMAIL_TAKEN' || !assertion.emailVerified || !provider.linkByEmail) throw error
    return attempt()
  }
}

/** The accounts that the sign-in is about: in isolated mode those of the tenant named, or of the one that invites; in a new one there are none yet. */
export async function accountsMeant(auth: AuthContext, { tenant, invitation, newTenant }: Joining): Promise<AuthContext> {
  const isUnnamed = auth.options.tenants.mode === 'isolated' && tenant === undefined
  if (isUnnamed && newTenant && invitation === undefined) return { ...auth, realm: NOWHERE }
  const isByInvitation = isUnnamed && invitation !== undefined
  return isByInvitation ? { ...auth, realm: (await findInvitation(auth, invitation)).tenantId } : inRealm(auth, tenant)
}

type Resolved = Pick<ProvedFactor, 'user' | 'isNewUser' | 'tenantId'>

async function resolveUser(auth: AuthContext, provider: Provider, assertion: Assertion, wishes: SignInWishes): Promise<Resolved> {
  const identity = await findIdentity(auth, provider, assertion.subject)
  if (identity) {
    const user = await findUserById(auth, identity.userId)
    if (!user) throw new AuthError('INVALID_CREDENTIALS')
    await refreshIdentity(auth, identity, provider, assertion)
    return { user, ...(await tenantFor(auth, user, wishes)) }
  }
  const email = addressOf(auth, assertion)
  const owner = email === undefined ? null : await findUser(auth, { email })
  if (!owner) return newcomer(auth, provider, assertion, email, wishes)
  const address = { email: owner.email ?? '' }
  if (!standsFor(owner, address)) {
    refuseUnproved(provider, assertion)
    await detachAddress(auth, owner, address)
    return newcomer(auth, provider, assertion, email, wishes)
  }
  const user = await adopt(auth, owner, provider, assertion)
  return { user, ...(await tenantFor(auth, user, wishes)) }
}

/** The tenant that someone who has an account goes into; an invitation is accepted on the way. */
async function tenantFor(auth: AuthContext, user: UserRow, { tenant, invitation }: SignInWishes): Promise<{ tenantId?: string }> {
  if (invitation !== undefined) return { tenantId: (await acceptInvitation(auth, user.id, invitation)).tenantId }
  return tenant === undefined ? {} : { tenantId: tenant }
}

const addressOf = ({ options }: AuthContext, { email }: Assertion) => (email === undefined || !options.identifiers.email ? undefined : canonicalEmail(email))

/**
 * Attaches the identity to the account that has its address. Both sides must have proved it: of an account whose address nobody had proved,
 * whoever made it loses everything first.
 */
async function adopt(auth: AuthContext, owner: UserRow, provider: Provider, assertion: Assertion): Promise<UserRow> {
  refuseUnproved(provider, assertion)
  if (isSuspended(owner, auth.now())) throw new AuthError('ACCOUNT_SUSPENDED')
  const user = owner.email === null ? owner : await proveAddress(auth, owner, { email: owner.email })
  await addIdentity(auth, user, provider, assertion)
  return user
}

function refuseUnproved({ linkByEmail }: Provider, { emailVerified }: Assertion) {
  if (!emailVerified) throw new AuthError('PROVIDER_EMAIL_NOT_VERIFIED')
  if (!linkByEmail) throw new AuthError('EMAIL_TAKEN', { detail: 'There is an account with this address: sign in to it, then connect the provider.' })
}

async function newcomer(auth: AuthContext, provider: Provider, assertion: Assertion, email: string | undefined, wishes: SignInWishes): Promise<Resolved> {
  if (!provider.allowSignup) throw new AuthError('SIGNUP_REJECTED', { detail: 'There is no account for this person.' })
  const { invitation, newTenant } = wishes
  const tenant = newTenant ? undefined : auth.realm || wishes.tenant
  const { profile, emailVerified } = assertion
  const identifiers = email === undefined ? {} : { email }
  const locale = typeof profile.locale === 'string' && isLanguageTag(profile.locale) ? profile.locale : null
  const { user, tenantId } = await registerMember(auth, { identifiers, emailVerified, profile, locale, hasIdentity: true, tenant, newTenant, invitation })
  await addIdentity(auth, user, provider, assertion, { isNewUser: true })
  return { user, isNewUser: true, tenantId }
}
