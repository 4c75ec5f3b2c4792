import { type AuthContext, transaction } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import type { Assertion, CallbackParams, Provider } from '../../provider.ts'
import type { SignInAnswer } from '../../sign-in.ts'
import { findUserById } from '../accounts/find-user.ts'
import { lockUser } from '../accounts/lock-user.ts'
import { isSuspended } from '../accounts/present-user.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { issueExchangeCode } from './exchange-code.ts'
import { callbackUrl, findProvider } from './find-provider.ts'
import { type Flow, spendFlow } from './flow.ts'
import { attach } from './identities.ts'
import { type SignInWishes, signInByProvider } from './sign-in-by-provider.ts'

/** How a trip to a provider ended: a session for this browser, a code for another client, or an identity linked. */
export type Finished = { signedIn: Extract<SignInAnswer, { status: 'signed_in' }> } | { code: string } | { linked: string }

/**
 * Finishes what `beginSignIn` began. Only a plain sign-in in cookie transport ends here; anything else is exchanged. Throws
 * OAUTH_STATE_INVALID, PROVIDER_ERROR, PROVIDER_DENIED, IDENTITY_TAKEN and what signing in and up refuse with.
 */
export async function finishSignIn(auth: AuthContext, flow: Flow, params: CallbackParams, { setsCookies }: { setsCookies: boolean }): Promise<Finished> {
  const provider = findProvider(auth, flow.provider)
  await spendFlow(auth, flow)
  const assertion = await ask(auth, provider, flow, params)
  if (flow.link) {
    await link(auth, provider, assertion, flow.link)
    return { linked: provider.id }
  }
  const { tenant, invitation, newTenant } = flow
  return signInByProvider(auth, provider, assertion, { tenant, invitation, newTenant }, async (auth, answer) => {
    if (setsCookies && answer.status === 'signed_in') return { signedIn: answer }
    return { code: await issueExchangeCode(auth, { answer, remember: true }) }
  })
}

async function ask(auth: AuthContext, provider: Provider, { state, nonce, codeVerifier }: Flow, params: CallbackParams): Promise<Assertion> {
  return recordRefusal(auth, provider, () => provider.finish(auth, { callbackUrl: callbackUrl(auth, provider), state, nonce, codeVerifier }, params))
}

/** What a provider or its token was refused for goes to the log and the audit, never to the browser. */
async function recordRefusal<T>(auth: AuthContext, provider: Provider, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AuthError) {
      auth.log.warn({ err: error, provider: provider.id }, 'a federated sign-in was refused')
      await recordAudit(auth, { event: 'login.failed', outcome: 'failure', data: { reason: 'provider_refused', provider: provider.id, code: error.code } })
      emit(auth, 'login.failed', { userId: null, reason: 'provider_refused' })
    }
    throw error
  }
}

/** Signs in by an ID token that a native app got. Throws TOKEN_INVALID, FEATURE_DISABLED where the provider has none, PROVIDER_ERROR. */
export async function signInByIdToken(
  auth: AuthContext,
  providerId: string,
  { idToken, nonce, ...wishes }: SignInWishes & { idToken: string; nonce?: string | undefined },
): Promise<SignInAnswer> {
  const provider = findProvider(auth, providerId)
  const { verifyIdToken } = provider
  if (!verifyIdToken) throw new AuthError('FEATURE_DISABLED')
  const assertion = await recordRefusal(auth, provider, () => verifyIdToken(auth, idToken, nonce))
  return signInByProvider(auth, provider, assertion, wishes, async (_auth, answer) => answer)
}

/** Attaches the identity to who began the link, where their session still lives. */
async function link(auth: AuthContext, provider: Provider, assertion: Assertion, { userId, sessionId }: { userId: string; sessionId: string }) {
  await transaction(auth, async (auth) => {
    await lockUser(auth, userId)
    const [user, session] = [await findUserById(auth, userId), await auth.db.authSession.findUnique({ where: { id: sessionId } })]
    const isLive = session !== null && session.userId === userId && session.revokedAt === null && session.expiresAt > auth.now()
    if (!user || !isLive || isSuspended(user, auth.now())) throw new AuthError('SESSION_REVOKED')
    await attach(auth, user, provider, assertion)
  })
}
