import type { AuthContext } from '../../context.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { runHook, type SignupInput } from '../../hooks.ts'
import type { JsonObject } from '../../json.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { canonicalIdentifiers } from './canonical-identifiers.ts'
import { createUser } from './create-user.ts'
import { refuseBlockedDomain } from './email-domains.ts'
import type { Identifiers } from './identifiers.ts'
import { presentUser } from './present-user.ts'
import type { UserRow } from './tables.ts'

export interface Registration {
  /** Canonical; at least one, unless `hasIdentity`. */
  identifiers: Identifiers
  passwordHash?: string
  emailVerified?: boolean
  phoneVerified?: boolean
  locale?: string | null
  /** The fields that are not ours, for hooks and events. */
  extra?: JsonObject
  /** What a provider told of the person, for hooks and events. */
  profile?: JsonObject
  /** A provider vouches for the person, who needs no identifier of ours then. */
  hasIdentity?: boolean
  /** The person holds an invitation, which `signup.invitationOnly` asks for. */
  isInvited?: boolean
  /** Default true: the sign-up signs in, unless its address is to be verified first. */
  signsIn?: boolean
  /** Handed to the hook as the person gave them. */
  tenant?: string
  invitation?: string
}

/**
 * Makes the account of someone who signs up, in whatever way, in the transaction in progress: the switches and hooks of sign-up hold for
 * all of them. Throws FEATURE_DISABLED, INVITATION_REQUIRED, EMAIL_DOMAIN_BLOCKED, EMAIL_TAKEN and the like, what a hook vetoes with.
 */
export async function registerUser(auth: AuthContext, registration: Registration): Promise<UserRow> {
  const { identifiers, extra = {}, profile, passwordHash, isInvited = false, emailVerified = false, phoneVerified = false, locale } = registration
  const { enabled, invitationOnly } = auth.options.signup
  if (invitationOnly && !isInvited) throw new AuthError('INVITATION_REQUIRED')
  if (!enabled && !isInvited) throw new AuthError('FEATURE_DISABLED')
  const { tenant, invitation } = registration
  const input = { ...identifiers, extra, ...(profile && { profile }), ...(tenant !== undefined && { tenant }), ...(invitation !== undefined && { invitation }) }
  const chosen = await beforeSignup(auth, input, registration.hasIdentity ?? false)
  await refuseBlockedDomain(auth, chosen.identifiers.email)
  const row = await createUser(auth, {
    ...chosen.identifiers,
    // A hook that puts another address in place of the proved one does not prove it.
    ...(emailVerified && chosen.identifiers.email === identifiers.email && { emailVerified }),
    ...(phoneVerified && chosen.identifiers.phone === identifiers.phone && { phoneVerified }),
    ...(locale && { locale }),
    signsIn: (registration.signsIn ?? true) && !waits(auth, chosen.identifiers, emailVerified),
    ...(passwordHash !== undefined && { passwordHash }),
    looksFirst: auth.options.emailVerification.required,
  })
  const user = presentUser(row)
  const { id: userId, email, phone, username } = user
  await recordAudit(auth, { event: 'user.registered', userId })
  emit(auth, 'user.created', { userId })
  emit(auth, 'user.registered', { userId, email, phone, username, extra: chosen.extra, ...(profile && { profile }) })
  await runHook(auth, 'signup.after', { user, extra: chosen.extra })
  return row
}

/** Whether a step stands between the sign-up and its first session. */
const waits = ({ options }: AuthContext, { email }: Identifiers, isVerified: boolean) =>
  options.mfa.required !== false || (options.emailVerification.required && email !== undefined && !isVerified)

/** What the hook leaves of the sign-up; it may change the identifiers, not remove the last of them. */
async function beforeSignup(auth: AuthContext, input: SignupInput, hasIdentity: boolean): Promise<{ identifiers: Identifiers; extra: JsonObject }> {
  const { extra = {}, email, phone, username } = (await runHook(auth, 'signup.before', input)) ?? input
  const identifiers = await canonicalIdentifiers({ email, phone, username })
  if (Object.keys(identifiers).length === 0 && !hasIdentity) throw new AuthError('SIGNUP_REJECTED')
  return { identifiers, extra }
}
