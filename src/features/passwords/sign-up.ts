import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { runHook, type SignupInput } from '../../hooks.ts'
import type { JsonObject } from '../../json.ts'
import type { SessionAnswer, User } from '../../shapes.ts'
import { canonicalIdentifiers } from '../accounts/canonical-identifiers.ts'
import { createUser } from '../accounts/create-user.ts'
import type { Identifiers } from '../accounts/identifiers.ts'
import { presentUser } from '../accounts/present-user.ts'
import { transactionNaming } from '../accounts/taken.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { origin, startSession } from '../sessions/start-session.ts'
import { hashNewPassword } from './hash-new-password.ts'

export interface SignUpInput {
  /** Canonical; at least one. */
  identifiers: Identifiers
  password: string
  remember?: boolean
  /** The fields that are not ours, for hooks and events. */
  extra: JsonObject
}

export type SignUpAnswer = SessionAnswer | { status: 'signed_up'; user: User }

/** Makes an account and signs it in. Throws PASSWORD_TOO_WEAK, EMAIL_TAKEN, PHONE_TAKEN, USERNAME_TAKEN, what a hook vetoes with, BUSY. */
export function signUp(auth: AuthContext, input: SignUpInput): Promise<SignUpAnswer> {
  return auth.process.passwords.admit(() => makeAccount(auth, input))
}

async function makeAccount(auth: AuthContext, { identifiers, password, remember = true, extra }: SignUpInput): Promise<SignUpAnswer> {
  const passwordHash = await hashNewPassword(auth, password, Object.values(identifiers))
  await auth.process.keys.current(auth) // read or made outside the transaction
  return transactionNaming(auth, async (auth) => {
    const chosen = await beforeSignup(auth, { ...identifiers, extra })
    const row = await createUser(auth, { ...chosen.identifiers, passwordHash })
    const user = presentUser(row)
    await recordAudit(auth, { event: 'user.registered', userId: user.id })
    auth.emit('user.registered', {
      at: auth.now(),
      userId: user.id,
      email: user.email,
      phone: user.phone,
      username: user.username,
      extra: chosen.extra,
      ...origin(auth),
    })
    await runHook(auth, 'signup.after', { user, extra: chosen.extra })
    return auth.options.signup.autoLogin ? startSession(auth, { user, amr: ['pwd'], remember, isNewUser: true }) : { status: 'signed_up', user }
  })
}

/** What the hook leaves of the sign-up; it may change the identifiers, not remove the last of them. */
async function beforeSignup(auth: AuthContext, input: SignupInput): Promise<{ identifiers: Identifiers; extra: JsonObject }> {
  const { extra = {}, ...given } = (await runHook(auth, 'signup.before', input)) ?? input
  const identifiers = await canonicalIdentifiers(given)
  if (Object.keys(identifiers).length === 0) throw new AuthError('SIGNUP_REJECTED')
  return { identifiers, extra }
}
