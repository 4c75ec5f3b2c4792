import * as z from 'zod'
import { type AuthContext, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { type Route, route } from '../../http/route.ts'
import { idParams, pageQuery, paging, text, time } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import type { ResolvedOptions } from '../../options.ts'
import { refuseExcess } from '../rbac/refuse-excess.ts'
import { rolesOf } from '../rbac/roles-of.ts'
import { lockMembership, type Place } from './keep-owner.ts'
import { listMembers } from './list-members.ts'
import { findMember, removeMember, updateMember } from './manage-members.ts'
import { permitted } from './permitted.ts'

const status = z.enum(['active', 'suspended'])
export const member = shape(() =>
  z
    .strictObject({
      id: z.string(),
      userId: z.string(),
      tenantId: z.string(),
      status,
      isDefault: z.boolean(),
      displayName: z.string().nullable(),
      roles: z.array(z.string()),
      metadata: z.record(z.string(), z.json()),
      invitedById: z.string().nullable(),
      createdAt: time,
    })
    .meta({ id: 'Member' }),
)
/** What a list shows beside: whose membership it is. */
const listed = shape(() =>
  z
    .strictObject({
      ...member().shape,
      user: z.strictObject({ id: z.string(), email: z.string().nullable(), phone: z.string().nullable(), username: z.string().nullable() }),
    })
    .meta({ id: 'ListedMember' }),
)
const isOn = ({ tenants }: ResolvedOptions) => tenants.mode !== 'off'
const memberParams = z.strictObject({ id: text(64), userId: text(64) })
const refusals = ['NOT_FOUND', 'FORBIDDEN', 'NOT_A_MEMBER', 'TENANT_MISMATCH', 'TENANT_SUSPENDED', 'LAST_OWNER'] as const

export const memberRoutes = (): Route[] => [
  route({
    method: 'GET',
    path: '/tenants/:id/members',
    summary: "A tenant's members",
    access: 'signed-in',
    tenant: 'path',
    enabled: isOn,
    params: idParams,
    query: paging.extend({ status: status.optional() }),
    answers: { 200: () => z.strictObject({ data: z.array(listed()), nextCursor: z.string().nullable() }) },
    errors: refusals,
    audit: [],
    handler: async ({ auth, who, params, query }) => {
      const { id } = await permitted(auth, who, params.id, 'member:read')
      return { status: 200, body: await listMembers(auth, { tenantId: id, ...(query.status && { status: query.status }), ...pageQuery(query) }) }
    },
  }),
  route({
    method: 'PATCH',
    path: '/tenants/:id/members/:userId',
    summary: "Change a member's roles or status",
    access: 'signed-in',
    tenant: 'path',
    enabled: isOn,
    params: memberParams,
    body: z.strictObject({
      roles: z.array(text(64)).max(50).optional(),
      status: status.optional(),
      displayName: text(120).nullable().optional(),
    }),
    answers: { 200: member },
    errors: [...refusals, 'PRIVILEGE_EXCEEDED', 'SEATS_TAKEN'],
    audit: ['membership.updated'],
    handler: async ({ auth, who, params, body: { roles, status, displayName } }) => {
      const { id: tenantId } = await permitted(auth, who, params.id, 'member:write')
      const place = { userId: params.userId, tenantId }
      const patch = { ...(roles && { roles }), ...(status && { status }), ...(displayName !== undefined && { displayName }) }
      const body = await withinRights(auth, who.user.id, place, roles ?? [], (auth) => updateMember(auth, { ...place, ...patch }))
      return { status: 200, body }
    },
  }),
  route({
    method: 'DELETE',
    path: '/tenants/:id/members/:userId',
    summary: 'Take a member out of a tenant; oneself, too',
    access: 'signed-in',
    tenant: 'path',
    enabled: isOn,
    params: memberParams,
    answers: { 204: null },
    errors: [...refusals, 'PRIVILEGE_EXCEEDED'],
    audit: ['membership.removed', 'api_key.revoked'],
    handler: async ({ auth, who, params }) => {
      const isSelf = who.user.id === params.userId
      const { id: tenantId } = await permitted(auth, who, params.id, isSelf ? null : 'member:write')
      const place = { userId: params.userId, tenantId }
      if (isSelf) await removeMember(auth, place)
      else await withinRights(auth, who.user.id, place, [], (auth) => removeMember(auth, place))
      return { status: 204 }
    },
  }),
]

/**
 * Runs `work` on a member where the actor may give them `roles` and take what they hold. The membership is held from the look to the deed: it may be
 * made an owner's meanwhile. Throws NOT_FOUND, PRIVILEGE_EXCEEDED.
 */
function withinRights<T>(auth: AuthContext, actor: string, place: Place, roles: readonly string[], work: (auth: AuthContext) => Promise<T>): Promise<T> {
  return transaction(auth, async (auth) => {
    await lockMembership(auth, place)
    await refuseExcess(auth, actor, { tenantId: place.tenantId, roles: [...new Set([...roles, ...(await rolesHeld(auth, place))])] })
    return work(auth)
  })
}

/**
 * What is taken from someone is as much as what is given: nobody touches a member who holds more than they do. A membership that is suspended gives
 * its roles back once it is active. Throws NOT_FOUND.
 */
async function rolesHeld(auth: AuthContext, place: Place): Promise<string[]> {
  const held = await findMember(auth, place)
  if (!held) throw new AuthError('NOT_FOUND')
  return [...held.roles, ...(await rolesOf(auth, place.userId, place.tenantId))]
}
