import type { ErrorRequestHandler, Response } from 'express'
import { AuthError } from '../errors.ts'
import { isDatabaseUnavailable, isOvertaken } from '../prisma-errors.ts'

/** The body of an error's answer (RFC 9457). */
export function problemOf(error: AuthError): object {
  const retryAfter = secondsToWait(error)
  return retryAfter === undefined ? error.toProblem() : { ...error.toProblem(), retryAfter }
}

/** Writes an error as `application/problem+json` (RFC 9457). `body`: what to write in place of it. */
export function sendProblem(res: Response, error: AuthError, body: unknown = problemOf(error)) {
  const retryAfter = secondsToWait(error)
  // RFC 6750, 3: a request without credentials gets the bare challenge.
  if (error.status === 401) res.set('WWW-Authenticate', /^(TOKEN_|SESSION_REVOKED)/.test(error.code) ? 'Bearer error="invalid_token"' : 'Bearer')
  if (retryAfter !== undefined) res.set('Retry-After', String(retryAfter))
  res.status(error.status).set('Cache-Control', 'no-store').type('application/problem+json')
  res.send(JSON.stringify(body))
}

const usualWait: Readonly<Record<number, number>> = { 429: 60, 503: 2 }

/** Whole seconds (RFC 9110, 10.2.3). */
function secondsToWait({ status, details }: AuthError): number | undefined {
  const { retryAfter = usualWait[status] } = details
  return retryAfter === undefined ? undefined : Math.max(1, Math.ceil(retryAfter))
}

interface ParserError {
  type?: unknown
  status?: unknown
  expose?: unknown
}

/** The AuthError that an error stands for, or undefined where it is a bug (ours or the app's). */
export function asAuthError(error: unknown): AuthError | undefined {
  if (error instanceof AuthError) return error
  if (isDatabaseUnavailable(error)) return new AuthError('UNAVAILABLE', { cause: error })
  const { type, status } = (error ?? {}) as ParserError
  if (type === 'entity.too.large') return new AuthError('PAYLOAD_TOO_LARGE', { cause: error })
  // body-parser and Express mark what the client did wrong: bad JSON, an unknown encoding, a path that does not decode.
  const isClients = typeof status === 'number' && status >= 400 && status < 500
  if (!isClients) return undefined
  const errors = [{ path: '', message: type === 'entity.parse.failed' ? 'must be a JSON object' : 'cannot be read' }]
  return new AuthError('VALIDATION_FAILED', { detail: 'The request cannot be read.', errors, cause: error })
}

/** For what is answered within the router: what another request overtook and no use case has a better name for. It may as well be a bug, so it is logged. */
export const asConflict = (error: unknown): AuthError | undefined => (isOvertaken(error) ? new AuthError('CONFLICT', { cause: error }) : undefined)

/** An error for Express's `next`, which takes nothing, 'route' and 'router' for "go on": a check that threw those would have let the request in. */
export const failure = (thrown: unknown): unknown =>
  !thrown || thrown === 'route' || thrown === 'router' ? new Error('something that is no error was thrown', { cause: thrown }) : thrown

/** Answers what this package throws within the app's own routes; anything else goes on untouched. Mount it after them. */
export const authErrorHandler: ErrorRequestHandler = function latchkeyErrorHandler(error, _req, res, next) {
  const known = error instanceof AuthError ? error : undefined
  if (!known || res.headersSent) next(error)
  else sendProblem(res, known)
}
