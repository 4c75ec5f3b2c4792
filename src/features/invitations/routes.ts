import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { invalidField } from '../../errors.ts'
import { type Route, route } from '../../http/route.ts'
import { idParams, pageQuery, paging, tenantFields, text, time, tokenText } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import type { ResolvedOptions } from '../../options.ts'
import { canSend } from '../messages/queue-message.ts'
import { permitted } from '../tenants/permitted.ts'
import { declineInvitation, previewInvitation } from './accept-invitation.ts'
import { listInvitations } from './list-invitations.ts'
import { createInvitation, type IssuedInvitation, resendInvitation, revokeInvitation } from './manage-invitations.ts'

const invitation = shape(() =>
  z
    .strictObject({
      id: z.string(),
      tenantId: z.string(),
      email: z.string().nullable(),
      phone: z.string().nullable(),
      roles: z.array(z.string()),
      status: z.enum(['pending', 'accepted', 'declined', 'revoked', 'expired']),
      invitedById: z.string().nullable(),
      createdAt: time,
      expiresAt: time,
      acceptedAt: time.nullable(),
    })
    .meta({ id: 'Invitation' }),
)
const preview = shape(() =>
  z
    .strictObject({
      tenant: z.strictObject({ id: z.string(), slug: z.string(), name: z.string() }),
      email: z.string().nullable(),
      phone: z.string().nullable(),
      roles: z.array(z.string()),
      expiresAt: time,
      hasAccount: z.boolean(),
    })
    .meta({ id: 'InvitationPreview' }),
)
const isOn = ({ tenants }: ResolvedOptions) => tenants.mode !== 'off'
const isSent = (options: ResolvedOptions) => isOn(options) && (options.mailer ?? options.sms) !== undefined
const ownParams = z.strictObject({ id: text(64), invitationId: text(64) })
const newInvitation = z.strictObject({ email: text(320).optional(), phone: text(40).optional(), roles: z.array(text(64)).max(50).default([]) })
const filter = paging.extend({ status: z.enum(['pending', 'expired', 'accepted', 'declined', 'revoked']).optional() })
const refusals = ['NOT_FOUND', 'FORBIDDEN', 'NOT_A_MEMBER', 'TENANT_MISMATCH', 'TENANT_SUSPENDED'] as const
/** The token goes to the address alone, never to who invites it. */
const withoutToken = ({ token: _token, ...shown }: IssuedInvitation) => shown

export const invitationRoutes = (): Route[] => [
  route({
    method: 'GET',
    path: '/tenants/:id/invitations',
    summary: "A tenant's invitations",
    access: 'signed-in',
    tenant: 'path',
    enabled: isOn,
    params: idParams,
    query: filter,
    answers: { 200: () => z.strictObject({ data: z.array(invitation()), nextCursor: z.string().nullable() }) },
    errors: refusals,
    audit: [],
    handler: async ({ auth, who, params, query }) => {
      const { id: tenantId } = await permitted(auth, who, params.id, 'member:read')
      const { status } = query
      return { status: 200, body: await listInvitations(auth, { tenantId, ...(status && { status }), ...pageQuery(query) }) }
    },
  }),
  route({
    method: 'POST',
    path: '/tenants/:id/invitations',
    summary: 'Invite an address into a tenant; an invitation that was pending for it ends',
    access: 'signed-in',
    tenant: 'path',
    enabled: isSent,
    params: idParams,
    body: newInvitation,
    answers: { 201: invitation },
    errors: [...refusals, 'MEMBER_TAKEN', 'PRIVILEGE_EXCEEDED', 'TOO_MANY_REQUESTS'],
    limit: { ip: { max: 200, per: 3600 } },
    audit: ['invitation.created'],
    handler: async ({ auth, who, params, body: { email, phone, roles } }) => {
      const { id: tenantId } = await permitted(auth, who, params.id, 'member:invite')
      const to = { ...(email !== undefined && { email }), ...(phone !== undefined && { phone }) }
      refuseUnreachable(auth, to)
      const issued = await createInvitation(auth, { tenantId, ...to, roles, invitedById: who.user.id })
      return { status: 201, body: withoutToken(issued) }
    },
  }),
  route({
    method: 'POST',
    path: '/tenants/:id/invitations/:invitationId/resend',
    summary: 'Send an invitation again with a new link; the old one ends',
    access: 'signed-in',
    tenant: 'path',
    enabled: isSent,
    params: ownParams,
    answers: { 200: invitation },
    errors: [...refusals, 'INVITATION_INVALID', 'PRIVILEGE_EXCEEDED', 'TOO_MANY_REQUESTS'],
    limit: { ip: { max: 200, per: 3600 } },
    audit: ['invitation.resent'],
    handler: async ({ auth, who, params }) => {
      const { id: tenantId } = await permitted(auth, who, params.id, 'member:invite')
      const issued = await resendInvitation(auth, { tenantId, id: params.invitationId }, { actorId: who.user.id })
      return { status: 200, body: withoutToken(issued) }
    },
  }),
  route({
    method: 'DELETE',
    path: '/tenants/:id/invitations/:invitationId',
    summary: 'Withdraw an invitation',
    access: 'signed-in',
    tenant: 'path',
    enabled: isOn,
    params: ownParams,
    answers: { 204: null },
    errors: [...refusals, 'INVITATION_INVALID'],
    audit: ['invitation.revoked'],
    handler: async ({ auth, who, params }) => {
      const { id: tenantId } = await permitted(auth, who, params.id, 'member:invite')
      await revokeInvitation(auth, { tenantId, id: params.invitationId })
      return { status: 204 }
    },
  }),
  route({
    method: 'GET',
    path: '/invitations/:token',
    summary: 'What an invitation is to, for who holds its token',
    access: 'public',
    enabled: isOn,
    params: z.strictObject({ token: tokenText }),
    answers: { 200: preview },
    errors: ['INVITATION_INVALID', 'TENANT_SUSPENDED'],
    limit: { ip: { max: 60, per: 60 } },
    audit: [],
    handler: async ({ auth, params }) => ({ status: 200, body: await previewInvitation(auth, params.token) }),
  }),
  route({
    method: 'POST',
    path: '/invitations/decline',
    summary: 'Turn an invitation down',
    access: 'public',
    enabled: isOn,
    namesTenant: 'if given',
    body: z.strictObject({ token: tokenText, ...tenantFields }),
    answers: { 204: null },
    errors: ['INVITATION_INVALID'],
    limit: { ip: { max: 60, per: 900 } },
    audit: ['invitation.declined'],
    handler: async ({ auth, body }) => {
      await declineInvitation(auth, body.token)
      return { status: 204 }
    },
  }),
]

function refuseUnreachable(auth: AuthContext, to: { email?: string; phone?: string }) {
  const path = to.phone === undefined ? 'email' : 'phone'
  if (canSend(auth, path === 'email' ? 'email' : 'sms')) return
  throw invalidField(path, 'cannot be sent to from here')
}
