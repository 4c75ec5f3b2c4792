import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { hashToken } from '../codes/code-text.ts'
import type { InvitationRow } from './tables.ts'

export interface Invitation {
  id: string
  tenantId: string
  email: string | null
  phone: string | null
  /** Fixed when it was made. */
  roles: string[]
  /** 'expired' where nobody accepted it in time. */
  status: 'pending' | 'accepted' | 'declined' | 'revoked' | 'expired'
  invitedById: string | null
  createdAt: Date
  expiresAt: Date
  acceptedAt: Date | null
}

export const rolesIn = ({ roles }: Pick<InvitationRow, 'roles'>): string[] => (Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [])

export function presentInvitation(row: InvitationRow, now: Date): Invitation {
  const { id, tenantId, email, phone, invitedById, createdAt, expiresAt, acceptedAt } = row
  const status = row.status === 'pending' && expiresAt <= now ? 'expired' : (row.status as Invitation['status'])
  return { id, tenantId, email, phone, roles: rolesIn(row), status, invitedById, createdAt, expiresAt, acceptedAt }
}

/** The pending invitation of a token. Throws INVITATION_INVALID, the same for one that is unknown, over, revoked or used. */
export async function findInvitation(auth: AuthContext, token: string): Promise<InvitationRow> {
  const tokenHash = hashToken(token)
  const row = await auth.db.authInvitation.findUnique({ where: { tokenHash } })
  if (!row || row.tokenHash !== tokenHash || row.status !== 'pending' || row.expiresAt <= auth.now()) throw new AuthError('INVITATION_INVALID')
  return row
}

/** Ends a pending invitation by one conditional write: of any number of racing requests one goes on. Throws INVITATION_INVALID. */
export async function spendInvitation(auth: AuthContext, { id, tokenHash }: InvitationRow, status: 'accepted' | 'declined') {
  const now = auth.now()
  const { count } = await auth.db.authInvitation.updateMany({
    where: { id, tokenHash, status: 'pending', expiresAt: { gt: now } },
    data: { status, pendingKey: null, ...(status === 'accepted' && { acceptedAt: now }) },
  })
  if (count === 0) throw new AuthError('INVITATION_INVALID')
}
