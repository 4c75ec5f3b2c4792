import { type AuthContext, transaction } from '../../context.ts'
import { readRefreshToken } from '../../crypto/refresh-token.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { endSessions } from './revoke-sessions.ts'
import { sessionOfExpired, verifyAccessToken } from './verify-access-token.ts'

/** What a client that signs out may still have. A browser drops the cookie of an access token that has run out, and keeps the other. */
export interface LeftTokens {
  accessToken?: string | undefined
  refreshToken?: string | undefined
}

/** Ends the session that either token names, though the access token may have run out. One that is dead or missing is signed out already. */
export async function signOut(auth: AuthContext, { accessToken, refreshToken }: LeftTokens) {
  const session = (await ofAccessToken(auth, accessToken)) ?? (await ofRefreshToken(auth, refreshToken))
  if (!session) return
  const { id: sessionId, userId } = session
  await transaction({ ...auth, request: { ip: null, userAgent: null, requestId: null, ...auth.request, actorId: userId } }, async (auth) => {
    const ended = await endSessions(auth, [session], 'logout', [{ event: 'logout', userId, sessionId }])
    if (ended > 0) emit(auth, 'logout', { userId, sessionId })
  })
}

interface Named {
  id: string
  userId: string
}

async function ofAccessToken(auth: AuthContext, token: string | undefined): Promise<Named | undefined> {
  if (token === undefined) return undefined
  try {
    const { sessionId: id, userId } = await verifyAccessToken(auth, token)
    return { id, userId }
  } catch (error) {
    if (!(error instanceof AuthError) || error.status !== 401) throw error
    return error.code === 'TOKEN_EXPIRED' ? sessionOfExpired(auth, token) : undefined
  }
}

async function ofRefreshToken(auth: AuthContext, token: string | undefined): Promise<Named | undefined> {
  const parts = token === undefined ? null : readRefreshToken(auth.subkeys, token)
  const session = parts && (await auth.db.authSession.findUnique({ where: { id: parts.sessionId } }))
  return session ?? undefined
}
