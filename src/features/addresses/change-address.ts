import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { runHook } from '../../hooks.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import { refuseBlockedDomain } from '../accounts/email-domains.ts'
import { findUser, findUserById, isElsewhere } from '../accounts/find-user.ts'
import type { Address } from '../accounts/identifiers.ts'
import { lockUser } from '../accounts/lock-user.ts'
import { isSuspended, presentUser } from '../accounts/present-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { taken, transactionNaming } from '../accounts/taken.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { recordChanges } from '../changes/record-changes.ts'
import { checkCode, checkToken } from '../codes/check-code.ts'
import { endCodes } from '../codes/end-codes.ts'
import { spendCode } from '../codes/spend-code.ts'
import type { OtpRow } from '../codes/tables.ts'
import { notifyOwner } from '../messages/queue-message.ts'
import { forms, queueCode } from '../messages/send-code.ts'
import { takeMessagePlace } from '../messages/take-message-place.ts'
import { holdAccount } from '../sessions/hold-account.ts'
import { revokeAllSessions } from '../sessions/revoke-sessions.ts'

const purposes = { email: 'change_email', phone: 'change_phone' } as const
const kindOf = (to: Address) => ('email' in to ? 'email' : 'phone')

/**
 * Begins a change of address: what proves the new one is sent to it, and the old one is told. An address that someone else has gets
 * nothing, and the answer is the same. Throws EMAIL_DOMAIN_BLOCKED.
 */
export async function requestAddressChange(auth: AuthContext, who: { userId: string; sessionId: string }, to: Address) {
  const user = await findUserById(auth, who.userId)
  if (!user) throw new AuthError('SESSION_REVOKED')
  const kind = kindOf(to)
  const address = 'email' in to ? to.email : to.phone
  if ('email' in to) await refuseBlockedDomain(auth, to.email)
  const owner = await findUser({ ...auth, realm: user.realm }, to)
  const isOwn = owner?.id === user.id
  if (!(await takeMessagePlace(auth, address))) return
  const { strategy, ttl } = auth.options.emailVerification
  const form = kind === 'email' ? forms[strategy] : 'code'
  const data = { ...to, sessionId: who.sessionId }
  await transaction(auth, async (auth) => {
    await holdAccount(auth, user.id)
    const what = { purpose: purposes[kind], kind: purposes[kind], to, target: user.id, form, ttl, page: '/change-email', data } as const
    await queueCode(auth, { ...what, user: owner && !isOwn ? null : user, event: `${kind}.change_requested` })
    if (!isOwn && user[kind] !== null) await notifyOwner(auth, user, `${kind}_changed`, [`Asked for: a change to ${masked(address)}.`])
  })
}

/** Enough to recognise one's own address by, too little to learn another's. */
function masked(address: string) {
  const [local = '', domain] = address.split('@')
  return domain === undefined ? `…${local.slice(-2)}` : `${local.slice(0, 1)}…@${domain}`
}

export type ChangeProof = { token: string } | { code: string; userId: string }

/**
 * Changes the address that a link or code has proved. Every session ends but the one that asked; outstanding links of the old address die;
 * the old address is told. Throws LINK_INVALID, CODE_INVALID, EMAIL_TAKEN, PHONE_TAKEN.
 */
export async function confirmAddressChange(auth: AuthContext, kind: 'email' | 'phone', proof: ChangeProof) {
  const purpose = purposes[kind]
  const as = 'token' in proof ? 'token' : 'code'
  const row =
    'token' in proof ? await checkToken(auth, { purpose, token: proof.token }) : await checkCode(auth, { purpose, target: proof.userId, code: proof.code })
  const user = row.userId === null ? null : await findUserById(auth, row.userId)
  if (!user || isElsewhere(auth, user) || isSuspended(user, auth.now())) throw new AuthError(as === 'token' ? 'LINK_INVALID' : 'CODE_INVALID')
  await transactionNaming(auth, (auth) => change(auth, { kind, as, row, user }))
}

async function change(auth: AuthContext, { kind, as, row, user }: { kind: 'email' | 'phone'; as: 'code' | 'token'; row: OtpRow; user: UserRow }) {
  const { sessionId } = row.data as { sessionId?: string }
  const address = (row.data as { email?: string; phone?: string })[kind]
  if (address === undefined) throw new AuthError('LINK_INVALID')
  await lockUser(auth, user.id)
  await spendCode(auth, row, as)
  const now = auth.now()
  const to = kind === 'email' ? { email: address, emailVerifiedAt: now } : { phone: address, phoneVerifiedAt: now }
  const patch = kind === 'email' ? { email: address, emailVerified: true } : { phone: address, phoneVerified: true }
  await runHook(auth, 'user.beforeUpdate', { user: presentUser(user), patch }) // may refuse; what was proved it cannot make another
  try {
    // The old address is in the condition, so that of two changes under way one goes through.
    const { count } = await auth.db.authUser.updateMany({ where: { id: user.id, [kind]: user[kind] as string }, data: { ...to, updatedAt: now } })
    if (count === 0) throw new AuthError('LINK_INVALID')
  } catch (cause) {
    throw isUniqueViolation(cause) ? taken(user.realm, { [kind]: address }, cause) : cause
  }
  await endCodes(auth, user.id)
  await revokeAllSessions(auth, user.id, { reason: `${kind}_changed`, except: sessionId })
  await recordChanges(auth, 'user.roles', [user.id])
  await recordAudit(auth, { event: `${kind}.changed`, userId: user.id })
  if (user[kind] !== null) await notifyOwner(auth, user, `${kind}_changed`, [`The new one is ${masked(address)}.`])
  await runHook(auth, 'user.afterUpdate', presentUser({ ...user, ...to }))
  emit(auth, `${kind}.changed`, { userId: user.id })
  emit(auth, 'user.updated', { userId: user.id, fields: Object.keys(to) })
}
