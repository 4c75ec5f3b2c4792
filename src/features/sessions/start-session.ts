import type { AuthContext } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { createRefreshToken, readRefreshToken } from '../../crypto/refresh-token.ts'
import { addSeconds, earlier } from '../../durations.ts'
import { emit } from '../../emit.ts'
import { runHook } from '../../hooks.ts'
import { insertRows } from '../../insert-rows.ts'
import type { JsonObject } from '../../json.ts'
import type { SessionAnswer, User } from '../../shapes.ts'
import { notifyOwner } from '../messages/queue-message.ts'
import { standingOf } from '../rbac/known-roles.ts'
import { deviceName } from './device-name.ts'
import { presentSession } from './present-session.ts'
import { endSessions } from './revoke-sessions.ts'
import { refuseTooLong, signAccessToken } from './sign-access-token.ts'
import type { NewSession, OpenSession, SessionRow } from './tables.ts'

export interface NewSessionInput {
  user: User
  /** What was proved, as in the session's `amr`. */
  amr: readonly string[]
  tenantId?: string | null
  /** Default true: the session outlives the browser. */
  remember?: boolean
  /** When the person proved who they are; now, where left out. */
  authenticatedAt?: Date
  /** When the session began that this one goes on with: its longest life counts from then. Now, where left out. */
  startedAt?: Date
  /** The user was made in this transaction: there is no session to make room. */
  isNewUser?: boolean
  /** Nothing in the transaction has changed the user's roles. */
  mayRemember?: boolean
}

/** Writes a session, in the transaction in progress, and gives the signed-in answer with its tokens. The caller writes the audit row. */
export async function startSession(auth: AuthContext, input: NewSessionInput): Promise<SessionAnswer> {
  const { user, tenantId = null, isNewUser = false } = input
  const others = isNewUser ? await endReplaced(auth) : await makeRoom(auth, user.id)
  const { roles, platformRoles } = await standingOf(auth, user.id, tenantId, { mayRemember: input.mayRemember ?? false })
  const userData = await runHook(auth, 'user.sessionData', user)
  const { row, refreshToken } = sessionRow(auth, input, userData)
  await insertRows(auth, auth.db.authSession, [row])
  const session = presentSession(row)
  if (isUnseen(row.deviceName, others)) await notifyOwner(auth, user, 'new_device', [`Device: ${row.deviceName}`])
  await runHook(auth, 'session.created', { user, session })
  emit(auth, 'session.created', { userId: user.id, sessionId: row.id, amr: session.amr, tenantId })
  const token = await signAccessToken(auth, { userId: user.id, session, roles, platformRoles, user: async () => user })
  return { status: 'signed_in', user, session, accessToken: token.accessToken, tokenType: 'Bearer', expiresIn: token.expiresIn, refreshToken }
}

function sessionRow(auth: AuthContext, input: NewSessionInput, userData: JsonObject | undefined) {
  const { user, amr, tenantId = null, remember = true, authenticatedAt, startedAt } = input
  const id = newId(auth.now(), auth.random)
  const { token, hash } = createRefreshToken(auth.subkeys, id, 1, auth.random)
  const now = auth.now()
  const { ip = null, userAgent = null } = auth.request ?? {}
  const row: NewSession = {
    id,
    userId: user.id,
    tenantId,
    refreshHash: hash,
    amr: amr.join(' '),
    authenticatedAt: authenticatedAt ?? now,
    ip,
    userAgent,
    deviceName: deviceName(userAgent),
    remember,
    lastUsedAt: now,
    createdAt: startedAt ?? now,
    expiresAt: sessionEnd(auth, { createdAt: startedAt ?? now, remember }),
    ...(userData && { userData }),
  }
  return { row, refreshToken: token }
}

/** The sooner of the end of its longest life and of the longest rest from now on. */
export function sessionEnd(auth: AuthContext, { createdAt, remember }: Pick<SessionRow, 'createdAt' | 'remember'>): Date {
  const { ttl, rememberTtl, idleTtl } = auth.options.sessions
  const end = addSeconds(createdAt, remember ? (rememberTtl ?? ttl) : ttl)
  return idleTtl === undefined ? end : earlier(end, addSeconds(auth.now(), idleTtl))
}

/** Ends the one that is replaced and those unused longest, so that the new session is the last that `sessions.maxPerUser` allows. Gives all there were. */
async function makeRoom(auth: AuthContext, userId: string): Promise<OpenSession[]> {
  const { maxPerUser } = auth.options.sessions
  const where = { userId, revokedAt: null, expiresAt: { gt: auth.now() } }
  const live = await auth.db.authSession.findMany({ where, orderBy: { lastUsedAt: 'asc' }, select: { id: true, userId: true, deviceName: true } })
  const staying = await endReplaced(auth, live)
  const surplus = staying.slice(0, Math.max(0, staying.length - maxPerUser + 1))
  await endSessions(auth, surplus, 'evicted')
  for (const { id } of surplus) emit(auth, 'session.evicted', { userId, sessionId: id })
  return live
}

/**
 * Ends the session, whoever's it is, whose cookies are about to be overwritten: nobody is left who could rightly use it. `live`: those of
 * the person that were read; gives the rest of them.
 */
async function endReplaced(auth: AuthContext, live: readonly OpenSession[] = []): Promise<OpenSession[]> {
  const id = replacedId(auth)
  if (id === undefined) return [...live]
  const own = live.filter((one) => one.id === id)
  const where = { id, revokedAt: null, expiresAt: { gt: auth.now() } }
  await endSessions(auth, own.length > 0 ? own : await auth.db.authSession.findMany({ where }), 'replaced')
  return live.filter((one) => one.id !== id)
}

/** Lets this request's answer set the cookies of a session that another began. */
export async function takeOver(auth: AuthContext, { accessToken }: Pick<SessionAnswer, 'accessToken'>) {
  refuseTooLong(auth, accessToken)
  await endReplaced(auth)
}

const replacedId = ({ subkeys, request }: AuthContext) =>
  request?.refreshToken === undefined ? undefined : readRefreshToken(subkeys, request.refreshToken)?.sessionId

/** The person is signed in elsewhere, and on no device like this one. Without another session there is nothing to compare with. */
const isUnseen = (deviceName: string | null, others: readonly Pick<SessionRow, 'deviceName'>[]) =>
  deviceName !== null && others.length > 0 && others.every((other) => other.deviceName !== deviceName)
