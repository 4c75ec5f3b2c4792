import { apartFromCookies } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { clearFlowCookie, readFlowCookie, setFlowCookie } from '../../http/cookies.ts'
import { asAuthError, asConflict } from '../../http/problem.ts'
import type { Answer, Call } from '../../http/route.ts'
import { type PopupMessage, popupHeaders, popupPage } from '../../pages/popup-page.ts'
import type { CallbackParams } from '../../provider.ts'
import { type Begun, beginSignIn, type Wanted } from './begin-sign-in.ts'
import { findProvider } from './find-provider.ts'
import { type Finished, finishSignIn } from './finish-sign-in.ts'
import { FLOW_SECONDS, type Flow, openFlow } from './flow.ts'
import { redirectTarget, withParameter } from './redirect-target.ts'

type AnyCall = Pick<Call, 'auth' | 'req' | 'res' | 'transport'>

/** Nothing of the address that people come from or go to is told to the next site. */
const headers = { 'Referrer-Policy': 'no-referrer' }

/** Binds the trip to this browser. */
export const bindTrip = (call: AnyCall, { state, sealed, isFormPost }: Begun) =>
  setFlowCookie(call.auth, call, { state, sealed, seconds: FLOW_SECONDS, isFormPost })

/**
 * The way back. A refusal goes to the allowed target as `?error=<code>`, or to the popup's opener; without `appUrl` and without a target of
 * its own it is a problem document.
 */
export async function answerCallback(call: AnyCall, provider: string, params: CallbackParams): Promise<Answer> {
  const { auth, req, res, transport } = call
  let flow: Flow | undefined
  try {
    findProvider(auth, provider)
    const { state } = params
    flow = openFlow(auth, state === undefined ? undefined : readFlowCookie(auth, req, state), { provider, state })
    // Another trip's cookie stays: that trip may still end well.
    clearFlowCookie(auth, res, flow.state)
    const setsCookies = transport === 'cookie' && !flow.popup
    return answerFinished(call, flow, await finishSignIn(setsCookies ? auth : apartFromCookies(auth), flow, params, { setsCookies }))
  } catch (error) {
    const conflict = asConflict(error)
    if (conflict) auth.log.error({ err: error, provider }, 'a federated sign-in failed')
    const known = conflict ?? asAuthError(error)
    if (!known) throw error
    return answerRefusal(call, flow, known)
  }
}

/** Sets out; where the provider cannot be reached, the person goes back to where they would have ended. */
export async function answerStart(call: AnyCall, providerId: string, wanted: Wanted): Promise<Answer> {
  try {
    const begun = await beginSignIn(call.auth, providerId, wanted)
    bindTrip(call, begun)
    return { status: 302, headers: { ...headers, Location: begun.url } }
  } catch (error) {
    if (!(error instanceof AuthError) || error.code !== 'PROVIDER_ERROR') throw error
    return answerRefusal(call, wanted, error)
  }
}

function answerFinished(call: AnyCall, flow: Flow, finished: Finished): Answer {
  if ('signedIn' in finished) {
    const location = redirectTarget(call.auth, flow.redirectTo).href
    return { status: 302, headers: { ...headers, Location: location }, signedIn: { tokens: finished.signedIn, remember: true } }
  }
  if (flow.popup) return answerPopup(call, finished)
  const target = redirectTarget(call.auth, flow.redirectTo)
  return { status: 302, headers: { ...headers, Location: 'code' in finished ? withParameter(target, 'code', finished.code) : target.href } }
}

function answerRefusal(call: AnyCall, flow: Pick<Wanted, 'popup' | 'redirectTo'> | undefined, error: AuthError): Answer {
  if (flow?.popup) return answerPopup(call, { error: error.code })
  if (call.auth.options.appUrl === undefined && flow?.redirectTo === undefined) throw error
  return { status: 302, headers: { ...headers, Location: withParameter(redirectTarget(call.auth, flow?.redirectTo), 'error', error.code) } }
}

function answerPopup({ auth, res }: AnyCall, message: PopupMessage): Answer {
  const { appUrl } = auth.options
  if (appUrl === undefined) throw new AuthError('OAUTH_STATE_INVALID')
  res
    .status(200)
    .set(popupHeaders)
    .send(popupPage(message, new URL(appUrl).origin))
  return { status: 200 }
}
