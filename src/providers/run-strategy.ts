import { AuthError } from '../errors.ts'

/** How a Passport strategy ended. */
export type StrategyOutcome = { type: 'redirect'; url: string } | { type: 'success'; user: unknown } | { type: 'fail' } | { type: 'error'; error: unknown }

/** What a Passport strategy asks of whoever runs it (the contract of passport-strategy). */
export interface RunnableStrategy {
  authenticate: (req: object, options?: object) => unknown
}

/** The parts of a request that strategies read. No session, no body of ours, no login on it. */
export interface StrategyRequest {
  method: string
  url: string
  originalUrl: string
  headers: object
  query: Readonly<Record<string, string>>
  body: Readonly<Record<string, string>>
  connection: object
  get: (name: string) => string | undefined
}

export const strategyRequest = (callbackUrl: string, query: Readonly<Record<string, string>>): StrategyRequest => {
  const { pathname } = new URL(callbackUrl)
  const base = { method: 'GET', url: pathname, originalUrl: pathname, headers: {}, body: {}, connection: {} }
  return { ...base, query, get: () => undefined }
}

/**
 * Runs a Passport strategy as `passport.authenticate` would, without an app's Passport: on an object of its own, with the five actions that
 * a strategy may call. `end` gets the first of them.
 */
export function startStrategy(strategy: RunnableStrategy, request: object, options: object, end: (outcome: StrategyOutcome) => void) {
  const run = Object.create(strategy) as RunnableStrategy & Record<string, unknown>
  run.redirect = (url: string) => end({ type: 'redirect', url })
  run.success = (user: unknown) => end({ type: 'success', user })
  run.fail = () => end({ type: 'fail' })
  run.pass = () => end({ type: 'fail' })
  run.error = (error: unknown) => end({ type: 'error', error })
  try {
    run.authenticate(request, options)
  } catch (error) {
    end({ type: 'error', error })
  }
}

/** The same, in and out by promise. Throws PROVIDER_ERROR where it has not ended within `seconds`. */
export function runStrategy(strategy: RunnableStrategy, request: object, options: object, seconds: number): Promise<StrategyOutcome> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new AuthError('PROVIDER_ERROR', { cause: new Error(`the strategy did not end within ${seconds} s`) }))
    const timer = setTimeout(late, seconds * 1000)
    startStrategy(strategy, request, options, (outcome) => {
      clearTimeout(timer)
      resolve(outcome)
    })
  })
}
