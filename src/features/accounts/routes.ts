import * as z from 'zod'
import type { AuthContext } from '../../context.ts'
import { AuthError, invalidField } from '../../errors.ts'
import { type Answer, type Call, type Route, route } from '../../http/route.ts'
import { jsonObject, shapes, text, time } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import type { JsonObject } from '../../json.ts'
import type { Person } from '../../shapes.ts'
import { isLanguageTag } from '../../text.ts'
import { grantedTo } from '../rbac/permissions-of.ts'
import { rolesOf } from '../rbac/roles-of.ts'
import { presentSession } from '../sessions/present-session.ts'
import { leaveTenants } from '../tenants/keep-owner.ts'
import { membershipsOf } from '../tenants/manage-members.ts'
import { tokenTenant } from '../tenants/permitted.ts'
import { deleteUser } from './delete-user.ts'
import { exportUser } from './export-user.ts'
import { findUserById } from './find-user.ts'
import { presentUser } from './present-user.ts'
import { updateUser } from './update-user.ts'

const me = shape(() =>
  z
    .strictObject({
      user: shapes.user(),
      session: shapes.session(),
      memberships: z.array(z.strictObject({ tenantId: z.string(), tenant: z.string(), status: z.string(), roles: z.array(z.string()) })),
      roles: z.array(z.string()),
      permissions: z.array(z.string()),
      platformRoles: z.array(z.string()),
    })
    .meta({ id: 'Me' }),
)

const rows = shape(() => z.array(z.record(z.string(), z.json())))
const exported = shape(() =>
  z
    .strictObject({
      exportedAt: time,
      user: z.record(z.string(), z.json()),
      sessions: rows(),
      identities: rows(),
      mfaFactors: rows(),
      passkeys: rows(),
      trustedDevices: rows(),
      apiKeys: rows(),
      memberships: rows(),
      platformRoles: z.array(z.string()),
      messages: rows(),
      audit: rows(),
    })
    .meta({ id: 'UserExport' }),
)
const patchBody = z.strictObject({
  username: text(64).nullable().optional(),
  metadata: jsonObject.optional(),
  /** The language of messages. */
  locale: z.string().refine(isLanguageTag, "must be a language tag such as 'de' or 'pt-BR'").nullable().optional(),
})

export const accountRoutes = (): Route[] => [
  route({
    method: 'GET',
    path: '/me',
    summary: 'The user, the session and what they may do, live from the database',
    access: 'signed-in',
    tenant: 'session',
    answers: { 200: me },
    audit: [],
    handler: async ({ auth, who }) => ({ status: 200, body: await readMe(auth, who) }),
  }),
  route({
    method: 'PATCH',
    path: '/me',
    summary: 'Change the username, the metadata or the language of messages',
    access: 'signed-in',
    body: patchBody,
    answers: { 200: me },
    errors: ['USERNAME_TAKEN'],
    audit: ['user.updated'],
    handler: changeMe,
  }),
  route({
    method: 'GET',
    path: '/me/export',
    summary: 'Everything stored about this user, without secrets',
    access: 'recent',
    answers: { 200: exported },
    limit: { ip: { max: 10, per: 3600 } },
    audit: [],
    handler: async ({ auth, who }) => ({
      status: 200,
      body: await ofOwn(auth, who.user.id, exportUser(auth, who.user.id)),
      headers: { 'Content-Disposition': 'attachment; filename="account.json"' },
    }),
  }),
  route({
    method: 'DELETE',
    path: '/me',
    summary: 'Delete the account and everything attached to it',
    access: 'recent',
    answers: { 204: null },
    errors: ['LAST_OWNER'],
    audit: ['user.deleted'],
    handler: async ({ auth, who, transport }) => {
      const { id } = who.user
      await ofOwn(auth, id, auth.options.tenants.mode === 'off' ? deleteUser(auth, id) : leaveTenants(auth, id, (auth) => deleteUser(auth, id)))
      return { status: 204, clearCookies: transport === 'cookie' }
    },
  }),
]

async function readMe(auth: AuthContext, who: Person) {
  const [user, session, roles] = await Promise.all([
    findUserById(auth, who.user.id),
    auth.db.authSession.findUnique({ where: { id: who.session.id } }),
    who.tenantId === tokenTenant(who) ? rolesOf(auth, who.user.id, who.tenantId) : [],
  ])
  if (!user || !session || session.revokedAt !== null) throw new AuthError('SESSION_REVOKED')
  const { tenantId, platformRoles } = who
  const permissions = (await grantedTo(auth, { userId: user.id, tenantId, roles, platformRoles })).list()
  // The row still names a tenant that the user is in no more.
  const shown = { user: presentUser(user), session: presentSession({ ...session, tenantId }) }
  return { ...shown, memberships: await myMemberships(auth, user.id), roles, permissions, platformRoles }
}

async function myMemberships(auth: AuthContext, userId: string) {
  if (auth.options.tenants.mode === 'off') return []
  const memberships = await membershipsOf(auth, userId)
  const ids = memberships.map(({ tenantId }) => tenantId)
  const tenants = ids.length === 0 ? [] : await auth.db.authTenant.findMany({ where: { id: { in: ids } }, orderBy: { id: 'desc' } })
  const slugs = new Map(tenants.map(({ id, slug }) => [id, slug]))
  return memberships.map(({ tenantId, status, roles }) => ({ tenantId, tenant: slugs.get(tenantId) ?? '', status, roles }))
}

async function changeMe({ auth, who, body }: Call<z.output<typeof patchBody>, unknown, unknown, 'signed-in'>): Promise<Answer> {
  const { username, metadata, locale } = body
  if (username !== undefined && !auth.options.identifiers.username) throw invalidField('username', 'is not used here')
  if (username === null) await refuseLastIdentifier(auth, who.user.id)
  const checked = metadata === undefined ? undefined : await checkMetadata(auth, metadata)
  const patch = { ...(username !== undefined && { username }), ...(checked && { metadata: checked }), ...(locale !== undefined && { locale }) }
  await ofOwn(auth, who.user.id, updateUser(auth, who.user.id, patch))
  return { status: 200, body: await readMe(auth, who) }
}

/** An account that another request has deleted in the meantime is signed out, not missing. What a hook misses is missing. */
const ofOwn = <T>(auth: AuthContext, userId: string, work: Promise<T>) =>
  work.catch(async (error: unknown): Promise<never> => {
    const isGone = error instanceof AuthError && error.code === 'NOT_FOUND' && !(await findUserById(auth, userId))
    throw isGone ? new AuthError('SESSION_REVOKED') : error
  })

async function refuseLastIdentifier(auth: AuthContext, userId: string) {
  const user = await findUserById(auth, userId)
  if (user && user.email === null && user.phone === null) throw invalidField('username', 'is the only name of this account')
}

/** Only what the app's schema allows, and nothing where it has none. */
async function checkMetadata(auth: AuthContext, metadata: unknown): Promise<JsonObject> {
  const schema = auth.options.metadata
  if (!schema) throw invalidField('metadata', 'cannot be changed here')
  const result = await schema.safeParseAsync(metadata)
  if (result.success) return result.data as JsonObject
  throw new AuthError('VALIDATION_FAILED', {
    errors: result.error.issues.map(({ path, message }) => ({ path: ['metadata', ...path.map(String)].join('.'), message })),
  })
}
