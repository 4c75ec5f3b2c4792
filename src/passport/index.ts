import { contextOf } from '../auth-contexts.ts'
import type { Auth } from '../create-auth.ts'
import { signInLocally } from './sign-in-locally.ts'
import { LatchkeyStrategy } from './strategy.ts'
import { bearerOf, keyOf } from './verify-credential.ts'

export type { PassportUser } from '../shapes.ts'
export type { LatchkeyStrategy } from './strategy.ts'

export interface LocalStrategyOptions {
  /** The field of the body with the email address, phone number or username. */
  usernameField?: string
  passwordField?: string
}

/**
 * Named 'local': signs in by a name and a password in the request's body, under every rule of `POST /login`. `req.authInfo` is the session
 * answer with its tokens. A sign-in that waits, for a second factor say, fails with its answer as the info.
 */
export const localStrategy = (auth: Auth, { usernameField = 'email', passwordField = 'password' }: LocalStrategyOptions = {}): LatchkeyStrategy =>
  new LatchkeyStrategy('local', contextOf(auth), (context, req) => signInLocally(context, req, { usernameField, passwordField }))

/** Named 'jwt': takes the access token of the Authorization header or the cookie, checked as `requireAuth()` checks it, revocation included. */
export const jwtStrategy = (auth: Auth): LatchkeyStrategy => new LatchkeyStrategy('jwt', contextOf(auth), bearerOf)

/** Named 'api-key': takes an API key from `Authorization: ApiKey` or `X-Api-Key`. */
export const apiKeyStrategy = (auth: Auth): LatchkeyStrategy => new LatchkeyStrategy('api-key', contextOf(auth), keyOf)
