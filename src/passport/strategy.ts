import type { Request } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { failure } from '../http/problem.ts'
import { requestInfo } from '../http/request-info.ts'
import type { PassportUser } from '../shapes.ts'

/** What Passport adds to a strategy before it runs it (the contract of passport-strategy). */
interface Actions {
  success: (user: PassportUser, info?: object) => void
  fail: (info: object, status: number) => void
  error: (error: unknown) => void
}

export interface Accepted {
  user: PassportUser
  /** At `req.authInfo`. */
  info?: object
}

/** Someone who is not let in: `info` reaches the callback of `passport.authenticate`. */
export interface Refused {
  refused: { code: string; message: string; [extension: string]: unknown }
  status: number
}

export const refusal = (error: AuthError): Refused => {
  const { retryAfter } = error.details
  return { refused: { code: error.code, message: error.message, ...(retryAfter !== undefined && { retryAfter }) }, status: error.status }
}

/** A strategy for the app's own Passport. It keeps no session and serializes nobody: `passport.authenticate('jwt', { session: false })`. */
export class LatchkeyStrategy {
  readonly name: string
  readonly #auth: AuthContext
  readonly #decide: (auth: AuthContext, req: Request) => Promise<Accepted | Refused>

  constructor(name: string, auth: AuthContext, decide: (auth: AuthContext, req: Request) => Promise<Accepted | Refused>) {
    this.name = name
    this.#auth = auth
    this.#decide = decide
    // Passport runs an object that inherits from this one, and such an object has none of its private fields.
    this.authenticate = this.#authenticator()
  }

  authenticate: (req: Request) => void

  #authenticator() {
    const [auth, decide] = [this.#auth, this.#decide]
    return function authenticate(this: unknown, req: Request) {
      const { success, fail, error: report } = this as Actions
      decide({ ...auth, request: requestInfo(auth, req) }, req).then(
        (outcome) => ('refused' in outcome ? fail.call(this, outcome.refused, outcome.status) : success.call(this, outcome.user, outcome.info)),
        (error: unknown) => {
          const known = error instanceof AuthError && error.status < 500 ? refusal(error) : undefined
          if (known) fail.call(this, known.refused, known.status)
          else report.call(this, failure(error))
        },
      )
    }
  }
}
