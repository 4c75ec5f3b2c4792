import * as z from 'zod'
import { AuthError } from '../../errors.ts'
import { cookieName, readCookie } from '../../http/cookies.ts'
import { type Answer, type Call, idsOf, type Route, route } from '../../http/route.ts'
import { idParams, shapes, tenantFields, time, tokenText } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import { readCredential } from '../../http/transport.ts'
import { endPending, isPendingToken } from '../codes/pending-sign-in.ts'
import { listSessions } from './list-sessions.ts'
import { refreshSession } from './refresh-session.ts'
import { revokeAllSessions, revokeSession } from './revoke-sessions.ts'
import { signOut } from './sign-out.ts'
import { signOutEverywhere } from './sign-out-everywhere.ts'

const listing = shape(() =>
  z
    .strictObject({
      id: z.string(),
      current: z.boolean(),
      ip: z.string().nullable(),
      userAgent: z.string().nullable(),
      device: z.string().nullable(),
      createdAt: time,
      lastUsedAt: time,
      expiresAt: time,
      amr: z.array(z.string()),
    })
    .meta({ id: 'SessionListing' }),
)
const check = shape(() =>
  z.strictObject({ valid: z.literal(true), userId: z.string(), sessionId: z.string(), tenantId: z.string().nullable(), expiresAt: time }),
)
/** What else a client may have to sign out with. */
const leaving = z.strictObject({ refreshToken: z.string().optional(), mfaToken: tokenText.optional(), ...tenantFields })
const sessionAudit = ['session.revoked']

export const sessionRoutes = (): Route[] => [
  route({
    method: 'POST',
    path: '/refresh',
    summary: 'Trade the refresh token for the next one and a new access token',
    access: 'public',
    continuesSession: 'refresh',
    namesTenant: 'if given',
    body: z.strictObject({ refreshToken: tokenText.optional(), ...tenantFields }),
    answers: { 200: shapes.refreshed },
    errors: ['REFRESH_TOKEN_INVALID', 'REFRESH_TOKEN_EXPIRED', 'REFRESH_TOKEN_REUSED'],
    limit: { ip: { max: 600, per: 60 } },
    audit: ['session.reuse_detected'],
    handler: refresh,
  }),
  route({
    method: 'POST',
    path: '/logout',
    summary: 'End this session, or the sign-in that an mfaToken stands for',
    access: 'public',
    continuesSession: 'access',
    body: leaving,
    answers: { 204: null },
    audit: ['logout', 'session.revoked'],
    handler: logout,
  }),
  route({
    method: 'POST',
    path: '/logout-all',
    summary: 'End all sessions of this user, and trust none of their devices any longer',
    access: 'signed-in',
    answers: { 204: null },
    audit: sessionAudit,
    handler: async ({ auth, who, transport }) => {
      await signOutEverywhere(auth, who.user.id)
      return { status: 204, clearCookies: transport === 'cookie' }
    },
  }),
  route({
    method: 'GET',
    path: '/session',
    summary: 'Whether the credential is good, without a query; `expiresAt` is the end of the access token',
    access: 'signed-in',
    tenant: 'session',
    answers: { 200: check },
    audit: [],
    handler: async ({ who }) => ({ status: 200, body: { valid: true, ...idsOf(who), tenantId: who.tenantId, expiresAt: who.session.expiresAt } }),
  }),
  route({
    method: 'GET',
    path: '/sessions',
    summary: "This user's live sessions, the last used first",
    access: 'signed-in',
    answers: { 200: () => z.array(listing()) },
    audit: [],
    handler: async ({ auth, who }) => ({ status: 200, body: await listSessions(auth, who.user.id, who.session.id) }),
  }),
  route({
    method: 'DELETE',
    path: '/sessions/:id',
    summary: "End one of this user's sessions",
    access: 'signed-in',
    params: idParams,
    answers: { 204: null },
    errors: ['NOT_FOUND'],
    audit: sessionAudit,
    handler: async ({ auth, who, params, transport }) => {
      await revokeSession(auth, params.id, { userId: who.user.id })
      return { status: 204, clearCookies: transport === 'cookie' && params.id === who.session.id }
    },
  }),
  route({
    method: 'DELETE',
    path: '/sessions',
    summary: "End all of this user's sessions but this one",
    access: 'signed-in',
    answers: { 204: null },
    audit: sessionAudit,
    handler: async ({ auth, who }) => {
      await revokeAllSessions(auth, who.user.id, { except: who.session.id })
      return { status: 204 }
    },
  }),
]

async function refresh({ auth, body, req, transport }: Call<{ refreshToken?: string | undefined }>): Promise<Answer> {
  const token = transport === 'cookie' ? readCookie(req, cookieName(auth, 'refresh')) : body.refreshToken
  if (token === undefined) throw new AuthError('REFRESH_TOKEN_INVALID')
  const { answer, remember } = await refreshSession(auth, token)
  return { status: 200, body: answer, signedIn: { tokens: answer, remember } }
}

/** A dead or missing session is signed out already: its cookies go all the same, and the answer is 204. */
async function logout({ auth, req, transport, body }: Call<z.output<typeof leaving>>): Promise<Answer> {
  const credential = readCredential(auth, req)
  const token = credential.via === 'bearer' || credential.via === 'cookie' ? credential.token : undefined
  const waiting = body.mfaToken ?? (token !== undefined && isPendingToken(token) ? token : undefined)
  if (waiting !== undefined) await endPending(auth, waiting)
  const refreshToken = transport === 'cookie' ? readCookie(req, cookieName(auth, 'refresh')) : body.refreshToken
  await signOut(auth, { accessToken: token, refreshToken })
  return { status: 204, clearCookies: transport === 'cookie' }
}
