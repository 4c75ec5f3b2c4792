import { type AuthContext, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { SignInStep } from '../../feature.ts'
import type { SessionAnswer } from '../../shapes.ts'
import { completeSignIn, type SignInAnswer } from '../../sign-in.ts'
import { findUserById } from '../accounts/find-user.ts'
import { lockUser } from '../accounts/lock-user.ts'
import { isSuspended, presentUser } from '../accounts/present-user.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { keepPending, readPending, spendPending } from '../codes/pending-sign-in.ts'
import { amrOf } from '../sessions/present-session.ts'
import { endSessions } from '../sessions/revoke-sessions.ts'
import { startSession } from '../sessions/start-session.ts'
import { enterTenant } from './find-tenant.ts'

/** The tenants a user may enter now, the default one first. */
async function enterable(auth: AuthContext, userId: string) {
  const memberships = await auth.db.authMembership.findMany({ where: { userId, tenantId: { not: null }, status: 'active' }, orderBy: { id: 'asc' } })
  const ids = memberships.map(({ scope }) => scope)
  const tenants = ids.length === 0 ? [] : await auth.db.authTenant.findMany({ where: { id: { in: ids }, status: 'active' }, orderBy: { id: 'desc' } })
  return { tenants, hasSuspended: tenants.length < ids.length, preferred: memberships.find(({ isDefault }) => isDefault)?.scope }
}

/** The last thing before a session: which tenant it is in. The one asked for, the only one, the default one, or the person chooses. */
export const tenantStep: SignInStep = {
  name: 'tenant',
  run: async (auth, proved) => {
    const { mode, required } = auth.options.tenants
    if (mode === 'off') return null
    const { user, isNewUser } = proved
    // An isolated account is in its tenant or, as staff, in none; the one named said whose accounts to look at.
    const tenantId = mode === 'isolated' ? user.realm || null : proved.tenantId
    if (mode === 'isolated' && tenantId === null) return { proved: { ...proved, tenantId: null } }
    if (typeof tenantId === 'string') return { proved: { ...proved, tenantId: (await enterTenant(auth, user.id, tenantId)).id } }
    const { tenants, preferred, hasSuspended } = isNewUser ? { tenants: [], preferred: undefined, hasSuspended: false } : await enterable(auth, user.id)
    const chosen = tenants.length === 1 ? tenants[0] : tenants.find(({ id }) => id === preferred)
    if (chosen) return { proved: { ...proved, tenantId: chosen.id } }
    if (tenants.length === 0) {
      if (required) throw new AuthError(hasSuspended ? 'TENANT_SUSPENDED' : 'TENANT_REQUIRED')
      return null
    }
    const { token, expiresIn } = await keepPending(auth, 'tenant', proved)
    const shown = tenants.map(({ id, slug, name }) => ({ id, slug, name })).sort((a, b) => a.name.localeCompare(b.name))
    return { answer: { status: 'tenant_selection_required', tenantToken: token, expiresIn, tenants: shown } }
  },
}

/** Goes on with a sign-in that waited for the choice of a tenant. Throws LINK_INVALID, NOT_A_MEMBER, TENANT_SUSPENDED. */
export async function selectTenant(auth: AuthContext, tenantToken: string, tenant: string): Promise<{ answer: SignInAnswer; remember: boolean }> {
  const pending = await readPending(auth, 'tenant', tenantToken)
  await auth.process.keys.current(auth) // read or made outside the transaction
  const { remember = true } = pending.proved
  const answer = await transaction(auth, async (auth) => {
    await lockUser(auth, pending.proved.user.id)
    const { id } = await enterTenant(auth, pending.proved.user.id, tenant)
    await spendPending(auth, pending)
    return completeSignIn(auth, { ...pending.proved, tenantId: id })
  })
  return { answer, remember }
}

/**
 * Goes over to another tenant: a new session there in place of this one, as old as the proof behind it and with no longer to live.
 * Throws NOT_FOUND for a tenant one is not in, the same as for none; TENANT_SUSPENDED.
 */
export async function switchTenant(
  auth: AuthContext,
  who: { userId: string; sessionId: string },
  tenant: string,
): Promise<{ answer: SessionAnswer; remember: boolean }> {
  await auth.process.keys.current(auth) // read or made outside the transaction
  return transaction(auth, async (auth) => {
    await lockUser(auth, who.userId)
    const [row, old] = [await findUserById(auth, who.userId), await auth.db.authSession.findUnique({ where: { id: who.sessionId } })]
    if (!row || isSuspended(row, auth.now()) || !old || old.revokedAt !== null) throw new AuthError('SESSION_REVOKED')
    const { id: tenantId } = await enterTenant(auth, who.userId, tenant).catch(asNotFound)
    if ((await endSessions(auth, [old], 'tenant_switched')) === 0) throw new AuthError('SESSION_REVOKED')
    const { remember, authenticatedAt, createdAt: startedAt } = old
    const amr = amrOf(old.amr)
    const answer = await startSession(auth, { user: presentUser(row), amr, tenantId, remember, authenticatedAt, startedAt })
    await recordAudit(auth, { event: 'tenant.switched', userId: who.userId, tenantId, sessionId: answer.session.id })
    return { answer, remember }
  })
}

function asNotFound(error: unknown): never {
  throw error instanceof AuthError && error.code === 'NOT_A_MEMBER' ? new AuthError('NOT_FOUND') : error
}
