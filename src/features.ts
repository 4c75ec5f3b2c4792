import type { Feature } from './feature.ts'
import { accountRoutes } from './features/accounts/routes.ts'
import { addressRoutes } from './features/addresses/routes.ts'
import { apiKeyRoutes } from './features/api-keys/routes.ts'
import { confirmationRoutes } from './features/confirmation/routes.ts'
import { invitationRoutes } from './features/invitations/routes.ts'
import { keyRoutes } from './features/keys/routes.ts'
import { backendProblems } from './features/limits/options.ts'
import { metaRoutes } from './features/meta/routes.ts'
import { factorConfirmation } from './features/mfa/confirm-factor.ts'
import { mfaProblems } from './features/mfa/options.ts'
import { secondFactorStep } from './features/mfa/require-second-factor.ts'
import { mfaRoutes } from './features/mfa/routes.ts'
import { providerProblems } from './features/oauth/find-provider.ts'
import { oauthRoutes } from './features/oauth/routes.ts'
import { passkeyProblems } from './features/passkeys/relying-party.ts'
import { passkeyRoutes } from './features/passkeys/routes.ts'
import { passkeyConfirmation, passkeyFactor } from './features/passkeys/sign-in-by-passkey.ts'
import { passwordlessRoutes } from './features/passwordless/routes.ts'
import { passwordChangeStep } from './features/passwords/change-password.ts'
import { passwordConfirmation } from './features/passwords/confirm-password.ts'
import { passwordRoutes } from './features/passwords/routes.ts'
import { sessionRoutes } from './features/sessions/routes.ts'
import { tenantStep } from './features/tenants/choose-tenant.ts'
import { tenantRoutes } from './features/tenants/routes.ts'
import { trustedDeviceRoutes } from './features/trusted-devices/routes.ts'
import { verificationProblems } from './features/verification/options.ts'
import { verificationStep } from './features/verification/require-verification.ts'
import { verificationRoutes } from './features/verification/routes.ts'

/** Everything there is. Start reading here. The sign-in steps run in this order: verification, second factors, a required password change, the choice of a tenant. */
export const features: readonly Feature[] = [
  { name: 'verification', routes: verificationRoutes, signInStep: verificationStep, problems: verificationProblems },
  { name: 'mfa', routes: mfaRoutes, signInStep: secondFactorStep, confirmation: factorConfirmation, problems: mfaProblems },
  { name: 'passkeys', routes: passkeyRoutes, confirmation: passkeyConfirmation, secondFactor: passkeyFactor, problems: passkeyProblems },
  { name: 'trusted-devices', routes: trustedDeviceRoutes },
  { name: 'passwords', routes: passwordRoutes, signInStep: passwordChangeStep, confirmation: passwordConfirmation },
  { name: 'tenants', routes: tenantRoutes, signInStep: tenantStep },
  { name: 'invitations', routes: invitationRoutes },
  { name: 'passwordless', routes: passwordlessRoutes },
  { name: 'oauth', routes: oauthRoutes, problems: providerProblems },
  { name: 'addresses', routes: addressRoutes },
  { name: 'confirmation', routes: confirmationRoutes },
  { name: 'sessions', routes: sessionRoutes },
  { name: 'accounts', routes: accountRoutes },
  { name: 'api-keys', routes: apiKeyRoutes },
  { name: 'keys', routes: keyRoutes },
  { name: 'meta', routes: metaRoutes, problems: backendProblems },
]
