import { types } from 'node:util'
import { AuthError } from '../errors.ts'

const DEEPEST = 3

/**
 * An error of a protocol library or of a strategy, as ours. The provider's own words go to the log alone, and of those only the
 * message: libraries hang whole answers on their errors, with the tokens in them.
 */
export const providerError = (cause: unknown) => (cause instanceof AuthError ? cause : new AuthError('PROVIDER_ERROR', { cause: withoutData(cause) }))

function withoutData(cause: unknown, depth = 0): Error {
  // By kind and not by instanceof: an error of the network may come from another realm.
  if (!types.isNativeError(cause)) return new Error(`a ${typeof cause} was thrown`)
  const { code, error, cause: deeper } = cause as Error & { code?: unknown; error?: unknown }
  const said = [code, error].filter((word) => typeof word === 'string' && word.length <= 64)
  const bare = new Error([cause.message, ...said].join(', '), depth < DEEPEST && types.isNativeError(deeper) ? { cause: withoutData(deeper, depth + 1) } : {})
  if (cause.stack !== undefined) bare.stack = cause.stack
  return bare
}
