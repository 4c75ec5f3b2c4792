import type { AuthContext } from '../../context.ts'
import { invalidField } from '../../errors.ts'
import { type Page, pageOf } from '../../paging.ts'
import { type Invitation, presentInvitation } from './find-invitation.ts'

export interface InvitationQuery {
  tenantId: string
  /** 'expired': nobody accepted it in time. */
  status?: Invitation['status']
  cursor?: string
  limit?: number
}

function withStatus(status: Invitation['status'] | undefined, now: Date) {
  if (status === undefined) return {}
  if (status === 'expired') return { status: 'pending', expiresAt: { lte: now } }
  return { status, ...(status === 'pending' && { expiresAt: { gt: now } }) }
}

/** A tenant's invitations, the newest first. Throws VALIDATION_FAILED where none is named: Prisma would give those of all. */
export async function listInvitations(auth: AuthContext, { tenantId, status, ...query }: InvitationQuery): Promise<Page<Invitation>> {
  if (typeof tenantId !== 'string') throw invalidField('tenantId', 'must be text')
  return pageOf(query, async (after, take) => {
    const where = { tenantId, ...withStatus(status, auth.now()), ...(after !== undefined && { id: { lt: after } }) }
    return (await auth.db.authInvitation.findMany({ where, orderBy: { id: 'desc' }, take })).map((row) => presentInvitation(row, auth.now()))
  })
}
