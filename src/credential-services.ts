import type { AuthContext } from './context.ts'
import { regenerateRecoveryCodes, removeFactor, resetFactors } from './features/mfa/remove-factor.ts'
import { mfaStatus } from './features/mfa/status.ts'
import { linkIdentity, listIdentities, type NewLink, unlinkIdentity } from './features/oauth/identities.ts'
import { providerAccessToken } from './features/oauth/provider-tokens.ts'
import { listPasskeys, removePasskey } from './features/passkeys/manage-passkeys.ts'
import { listTrustedDevices, revokeTrust } from './features/trusted-devices/trust-device.ts'

/** `auth.mfa`. */
export function mfa(auth: AuthContext) {
  return {
    /** Throws NOT_FOUND. */
    status: (userId: string) => mfaStatus(auth, userId),
    /** Removes a factor, the last one too, whatever policy says. Throws NOT_FOUND. */
    removeFactor: (userId: string, factorId: string) => removeFactor(auth, userId, factorId, { force: true }),
    /** Takes all second factors off, for someone who has lost them; every session ends. Throws NOT_FOUND. */
    reset: (userId: string) => resetFactors(auth, userId),
    /** A new set, shown this once. Throws NOT_FOUND, MFA_ENROLLMENT_REQUIRED. */
    regenerateRecoveryCodes: (userId: string) => regenerateRecoveryCodes(auth, userId),
    /** Devices that skip the second factor, the newest first. */
    trustedDevices: (userId: string) => listTrustedDevices(auth, userId),
    /** One device, or all. Throws NOT_FOUND. */
    removeTrustedDevice: (userId: string, deviceId?: string) => revokeTrust(auth, userId, deviceId),
  }
}

/** `auth.identities`. */
export function identities(auth: AuthContext) {
  return {
    /** The outside accounts of a user, the oldest first. */
    list: (userId: string) => listIdentities(auth, userId),
    /** Attaches an outside account that the app vouches for. Throws NOT_FOUND, IDENTITY_TAKEN. */
    link: (userId: string, identity: NewLink) => linkIdentity(auth, userId, identity),
    /** A token for the provider's own API, renewed where it has run out. Throws NOT_FOUND where none is stored (`storeTokens`), PROVIDER_ERROR. */
    accessToken: (userId: string, provider: string) => providerAccessToken(auth, userId, provider),
    /** Removes one, the last way in too. Throws NOT_FOUND. */
    unlink: (userId: string, identityId: string) => unlinkIdentity(auth, userId, identityId, { force: true }),
  }
}

/** `auth.passkeys`. */
export function passkeys(auth: AuthContext) {
  return {
    /** A user's passkeys, the oldest first. */
    list: (userId: string) => listPasskeys(auth, userId),
    /** Removes one, the last way in too. Throws NOT_FOUND. */
    remove: (userId: string, passkeyId: string) => removePasskey(auth, userId, passkeyId, { force: true }),
  }
}
