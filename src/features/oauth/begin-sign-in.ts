import type { AuthContext } from '../../context.ts'
import { invalidField } from '../../errors.ts'
import type { Joining } from '../invitations/register-member.ts'
import { callbackUrl, findProvider } from './find-provider.ts'
import { FLOW_SECONDS, type Flow, sealFlow } from './flow.ts'
import { redirectTarget } from './redirect-target.ts'
import { accountsMeant } from './sign-in-by-provider.ts'

export interface Wanted extends Joining {
  redirectTo?: string | undefined
  popup?: boolean | undefined
  link?: Flow['link']
}

export interface Begun {
  /** Where the browser goes. */
  url: string
  state: string
  /** For the cookie that binds the trip to this browser. */
  sealed: string
  isFormPost: boolean
}

const BYTES = 32

/**
 * Begins a sign-in, or a link, at a provider: state, nonce and PKCE verifier are new for each trip. Throws NOT_FOUND for a provider
 * that is not configured, VALIDATION_FAILED for a target that is not allowed, TENANT_REQUIRED, INVITATION_INVALID, PROVIDER_ERROR.
 */
export async function beginSignIn(auth: AuthContext, providerId: string, wanted: Wanted): Promise<Begun> {
  const { popup = false, redirectTo, tenant, invitation, newTenant, link } = wanted
  const provider = findProvider(auth, providerId)
  redirectTarget(auth, redirectTo)
  if (!link) await accountsMeant(auth, { tenant, invitation, newTenant })
  if (popup && auth.options.appUrl === undefined) {
    throw invalidField('popup', 'needs the option appUrl, whose page opened it')
  }
  const random = () => Buffer.from(auth.random(BYTES)).toString('base64url')
  const [state, nonce] = [random(), random()]
  const { url, codeVerifier } = await provider.begin(auth, { callbackUrl: callbackUrl(auth, provider), state, nonce })
  const flow: Flow = {
    provider: provider.id,
    state,
    nonce,
    codeVerifier,
    popup,
    expiresAt: auth.now().getTime() + FLOW_SECONDS * 1000,
    redirectTo,
    tenant,
    invitation,
    newTenant,
    link,
  }
  return { url, state, sealed: sealFlow(auth, flow), isFormPost: provider.isFormPost }
}
