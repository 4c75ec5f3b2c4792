import { type AuthContext, transaction } from '../../context.ts'
import { decrypt, encrypt } from '../../crypto/encryption.ts'
import { createRefreshToken, type RefreshTokenParts, readRefreshToken } from '../../crypto/refresh-token.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { runHook } from '../../hooks.ts'
import type { RefreshAnswer } from '../../shapes.ts'
import { findUserById } from '../accounts/find-user.ts'
import { presentUser } from '../accounts/present-user.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { notifyOwner } from '../messages/queue-message.ts'
import { standingOf } from '../rbac/known-roles.ts'
import { presentSession } from './present-session.ts'
import { endSessions } from './revoke-sessions.ts'
import { signAccessToken } from './sign-access-token.ts'
import { sessionEnd } from './start-session.ts'
import type { SessionRow } from './tables.ts'

export interface Refreshed {
  answer: RefreshAnswer
  /** Whether its cookies outlive the browser. */
  remember: boolean
}

/**
 * Trades a refresh token for the next one (RFC 9700, 4.14.2). Throws REFRESH_TOKEN_INVALID, _EXPIRED, or _REUSED; the last one ends the
 * session. The token just traded gets the same successor within `sessions.refreshGrace`, so that two tabs may race (F-08).
 */
export async function refreshSession(auth: AuthContext, refreshToken: string): Promise<Refreshed> {
  const token = readRefreshToken(auth.subkeys, refreshToken)
  if (!token) throw new AuthError('REFRESH_TOKEN_INVALID')
  const session = await readLive(auth, token)
  const isCurrent = session.generation === token.generation && session.refreshHash === token.hash
  return isCurrent ? ((await rotate(auth, session, token)) ?? repeat(auth, await readLive(auth, token), token)) : repeat(auth, session, token)
}

async function readLive(auth: AuthContext, { sessionId }: RefreshTokenParts): Promise<SessionRow> {
  const session = await auth.db.authSession.findUnique({ where: { id: sessionId } })
  const isElsewhere = auth.realm !== '' && session?.tenantId !== auth.realm
  if (!session || isElsewhere || session.revokedAt !== null) throw new AuthError('REFRESH_TOKEN_INVALID')
  if (session.expiresAt <= auth.now()) throw new AuthError('REFRESH_TOKEN_EXPIRED')
  return session
}

/** Null where another request rotated this token first. */
async function rotate(auth: AuthContext, session: SessionRow, { generation, hash }: RefreshTokenParts): Promise<Refreshed | null> {
  const next = createRefreshToken(auth.subkeys, session.id, generation + 1, auth.random)
  const now = auth.now()
  const rotated = {
    refreshHash: next.hash,
    successor: encrypt(auth.subkeys, next.token, successorContext(session.id, generation + 1), auth.random),
    generation: generation + 1,
    rotatedAt: now,
    lastUsedAt: now,
    expiresAt: sessionEnd(auth, session),
  }
  // Signed before the swap: where that fails, the client still has a token that is good.
  const signed = await sign(auth, { ...session, ...rotated }, next.token)
  // The old hash and generation in the condition make the swap atomic: of racing requests one finds the row.
  const { count } = await auth.db.authSession.updateMany({ where: { id: session.id, refreshHash: hash, generation, revokedAt: null }, data: rotated })
  return count === 0 ? null : tell(auth, session.userId, signed)
}

/** Someone presents a token that is not the live one: its successor again if it was the last and just now, otherwise theft is assumed. */
async function repeat(auth: AuthContext, session: SessionRow, { generation }: RefreshTokenParts): Promise<Refreshed> {
  if (generation >= session.generation) throw new AuthError('REFRESH_TOKEN_INVALID')
  const sinceRotation = auth.now().getTime() - (session.rotatedAt?.getTime() ?? 0)
  const inGrace = generation === session.generation - 1 && sinceRotation <= auth.options.sessions.refreshGrace * 1000
  const successor = inGrace && session.successor ? decrypt(auth.subkeys, session.successor, successorContext(session.id, session.generation)) : null
  if (successor) return tell(auth, session.userId, await sign(auth, session, successor))
  await endReused(auth, session)
  throw new AuthError('REFRESH_TOKEN_REUSED')
}

async function endReused(auth: AuthContext, { id, userId }: SessionRow) {
  await transaction(auth, async (auth) => {
    if ((await endSessions(auth, [{ id, userId }], 'refresh_token_reused')) === 0) return
    await recordAudit(auth, { event: 'session.reuse_detected', outcome: 'denied', userId, sessionId: id })
    const user = await findUserById(auth, userId)
    if (user) await notifyOwner(auth, user, 'session_reuse')
    emit(auth, 'session.reuse_detected', { userId, sessionId: id })
  })
}

async function sign(auth: AuthContext, stored: SessionRow, refreshToken: string): Promise<Refreshed> {
  const { tenantId, roles, platformRoles } = await standingOf(auth, stored.userId, stored.tenantId)
  // A tenant that the user is in no more goes out of the token; the session goes on without it.
  const row = { ...stored, tenantId }
  const session = presentSession(row)
  const { accessToken, expiresIn } = await signAccessToken(auth, { userId: row.userId, session, roles, platformRoles, user: () => readUser(auth, row.userId) })
  return { answer: { status: 'signed_in', session, accessToken, tokenType: 'Bearer', expiresIn, refreshToken }, remember: row.remember }
}

async function tell(auth: AuthContext, userId: string, refreshed: Refreshed): Promise<Refreshed> {
  const { session } = refreshed.answer
  await runHook(auth, 'session.refreshed', { session, userId })
  emit(auth, 'session.refreshed', { userId, sessionId: session.id })
  return refreshed
}

async function readUser(auth: AuthContext, id: string) {
  const user = await auth.db.authUser.findUnique({ where: { id } })
  if (!user) throw new AuthError('REFRESH_TOKEN_INVALID')
  return presentUser(user)
}

const successorContext = (sessionId: string, generation: number) => `refresh:${sessionId}:${generation}`
