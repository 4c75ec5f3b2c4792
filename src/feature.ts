import type { AuthContext } from './context.ts'
import type { UserRow } from './features/accounts/tables.ts'
import type { Route } from './http/route.ts'
import type { ResolvedOptions } from './options.ts'
import type { PendingAnswer, ProvedFactor } from './sign-in.ts'

/** What a sign-in step finds: the sign-in waits with this answer, or goes on with these facts. */
export type SignInStepOutcome = { answer: PendingAnswer } | { proved: ProvedFactor }

/**
 * What may stand between a proved factor and a session. Runs in the transaction of the sign-in; null where nothing is in the way. It may
 * refuse by throwing. `name` goes into `settled` once the person has passed it.
 */
export interface SignInStep {
  readonly name: string
  readonly run: (auth: AuthContext, proved: ProvedFactor) => Promise<SignInStepOutcome | null>
}

/** Ways to confirm that it is still the same person (`/confirm`, `requireStepUp`). */
export type ConfirmMethod = 'password' | 'totp' | 'email' | 'sms' | 'passkey' | 'recovery_code'

export interface ConfirmProof {
  password?: string
  code?: string
  recoveryCode?: string
  /** A WebAuthn assertion. */
  passkey?: unknown
  /** Of the WebAuthn ceremony; from the cookie in cookie transport. */
  ceremonyToken?: string
}

/** How a feature takes part in `/confirm`. */
export interface Confirmation {
  /** What this user could confirm with. */
  readonly methods: (auth: AuthContext, user: UserRow) => Promise<readonly ConfirmMethod[]>
  /** The `amr` that the proof shows; null where it is of another kind. Throws where it is wrong. Runs outside a transaction. */
  readonly check: (auth: AuthContext, user: UserRow, proof: ConfirmProof) => Promise<readonly string[] | null>
}

/** A feature's own kind of second factor, beside those of features/mfa: passkeys. */
export interface SecondFactor {
  readonly type: 'passkey'
  readonly isAvailable: (auth: AuthContext, user: UserRow) => Promise<boolean>
  /** Whether having it is enough to be asked for it. */
  readonly isAsked: (auth: AuthContext, user: UserRow) => Promise<boolean>
  /** What a challenge answers with. `binding`: the sign-in or session that it is for; `mustVerifyUser`: one that does not counts for nothing there. */
  readonly challenge: (
    auth: AuthContext,
    user: UserRow,
    binding: string,
    how: { mustVerifyUser: boolean },
  ) => Promise<{ options: object; ceremonyToken: string }>
  /** Its `amr`, with `mfa` where it is two factors by itself; null where the proof is of another kind or wrong. */
  readonly check: (auth: AuthContext, user: UserRow, binding: string, proof: ConfirmProof) => Promise<readonly string[] | null>
}

/** A folder under features/ exports one of these; features.ts lists them. */
export interface Feature {
  readonly name: string
  readonly routes: () => readonly Route[]
  readonly signInStep?: SignInStep
  readonly confirmation?: Confirmation
  readonly secondFactor?: SecondFactor
  /** What is wrong with the options taken together, each beginning with the option's name. */
  readonly problems?: (options: ResolvedOptions) => readonly string[]
}
