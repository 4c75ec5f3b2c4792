import { type AuthContext, apartFromCookies, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { SessionAnswer } from '../../shapes.ts'
import { findUserById } from '../accounts/find-user.ts'
import { lockUser } from '../accounts/lock-user.ts'
import { isSuspended, presentUser } from '../accounts/present-user.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { enterTenant } from '../tenants/find-tenant.ts'
import { canonicalIp, plainUserAgent } from './request-origin.ts'
import { startSession } from './start-session.ts'

export interface NewSession {
  /** What the app has proved, as in the session's `amr`. */
  amr?: readonly string[]
  remember?: boolean
  /** The tenant it is in, which the user must be a member of. */
  tenantId?: string | null
  /** The request of the person, for the address and browser that the session shows. */
  req?: { ip?: string | undefined; get: (name: string) => string | undefined }
}

/** A session for a user whom the app vouches for. Throws NOT_FOUND, ACCOUNT_SUSPENDED, NOT_A_MEMBER, TENANT_SUSPENDED. */
export async function createSession(auth: AuthContext, userId: string, { amr = [], remember = true, tenantId, req }: NewSession = {}): Promise<SessionAnswer> {
  await auth.process.keys.current(auth) // read or made outside the transaction
  const here = req
    ? { ...auth, request: { ip: canonicalIp(req.ip), userAgent: plainUserAgent(req.get('user-agent')), requestId: null } }
    : apartFromCookies(auth)
  return transaction(here, async (auth) => {
    await lockUser(auth, userId) // a suspension, or whatever else ends sessions, is waited for or finds this one
    const user = await findUserById(auth, userId)
    if (!user) throw new AuthError('NOT_FOUND')
    if (isSuspended(user, auth.now())) throw new AuthError('ACCOUNT_SUSPENDED')
    const wanted = tenantId ?? (user.realm || null)
    const tenant = wanted === null ? null : (await enterTenant(auth, userId, wanted)).id
    const answer = await startSession(auth, { user: presentUser(user), amr, remember, tenantId: tenant })
    await recordAudit(auth, { event: 'session.created', userId, sessionId: answer.session.id, data: { amr: [...amr] } })
    return answer
  })
}
