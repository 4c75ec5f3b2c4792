import { type AuthContext, transaction } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import type { JsonObject } from '../../json.ts'
import type { User } from '../../shapes.ts'
import { completeSignIn, type SignInAnswer, startVerification } from '../../sign-in.ts'
import { findUser } from '../accounts/find-user.ts'
import type { Identifiers } from '../accounts/identifiers.ts'
import { presentUser } from '../accounts/present-user.ts'
import type { UserRow } from '../accounts/tables.ts'
import { transactionNaming } from '../accounts/taken.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { type Joining, refuseAsNew, registerMember } from '../invitations/register-member.ts'
import { canSend, queueMessage } from '../messages/queue-message.ts'
import { inRealm } from '../tenants/in-realm.ts'
import { contextWords } from './context-words.ts'
import { hashNewPassword } from './hash-new-password.ts'

export interface SignUpInput extends Joining {
  /** Canonical; at least one, unless an invitation names it. */
  identifiers: Identifiers
  password: string
  remember?: boolean
  /** The fields that are not ours, for hooks and events. */
  extra: JsonObject
}

export type SignUpAnswer = SignInAnswer | { status: 'signed_up'; user: User }

/**
 * Makes an account and signs it in. Throws PASSWORD_TOO_WEAK, EMAIL_TAKEN, PHONE_TAKEN, USERNAME_TAKEN, what a hook vetoes with, BUSY. With
 * `emailVerification.required` an address that is taken is answered as one that is not, refusals included, and its owner is told by mail.
 */
export function signUp(auth: AuthContext, input: SignUpInput): Promise<SignUpAnswer> {
  return auth.process.passwords.admit(() => makeAccount(auth, input))
}

async function makeAccount(auth: AuthContext, { password, remember = true, ...registration }: SignUpInput): Promise<SignUpAnswer> {
  const { email } = registration.identifiers
  const passwordHash = await hashNewPassword(auth, password, await contextWords(auth, registration))
  await auth.process.keys.current(auth) // read or made outside the transaction
  try {
    return await transactionNaming(auth, async (auth) => {
      const { user: row, tenantId } = await registerMember(auth, { ...registration, passwordHash, signsIn: auth.options.signup.autoLogin })
      const proved = { user: row, amr: ['pwd'], remember, isNewUser: true, tenantId }
      if (auth.options.signup.autoLogin) return completeSignIn(auth, proved)
      return (await startVerification(auth, row)) ?? { status: 'signed_up', user: presentUser(row) }
    })
  } catch (error) {
    const isTaken = error instanceof AuthError && error.code === 'EMAIL_TAKEN'
    if (!isTaken || email === undefined || !auth.options.emailVerification.required) throw error
    const place = await refuseAsNew(auth, registration)
    if (!place) throw error
    await tellOwner(place.tenantId === undefined ? auth : await inRealm(auth, place.tenantId), email)
    return { status: 'verification_required' }
  }
}

/** Tells the owner of an address that someone tried to sign up with it. */
async function tellOwner(auth: AuthContext, email: string) {
  if (!canSend(auth, 'email')) return
  const owner = await findUser(auth, { email })
  // It takes its place when it leaves, as what is sent to a new address does: the time tells nothing then.
  await transaction(auth, (auth) => noteTaken(auth, owner, email, { counted: 'code' }))
}

/** The message to them and the audit row, in the transaction in progress. */
export async function noteTaken(auth: AuthContext, owner: UserRow | null, email: string, how: { counted?: 'code' } = {}) {
  const { appUrl } = auth.options
  const data = appUrl === undefined ? {} : { url: appUrl }
  if (owner) await queueMessage(auth, { kind: 'already_registered', to: { email }, userId: owner.id, locale: owner.locale, data, ...how })
  await recordAudit(auth, { event: 'signup.address_taken', outcome: 'denied', userId: owner?.id ?? null })
}
