import type { CryptoKey, JSONWebKeySet, JWSHeaderParameters } from 'jose'
import { AuthError } from '../errors.ts'
import type { ProviderContext } from '../provider.ts'
import { type BoundedFetch, jsonOf } from './bounded-fetch.ts'

const REFETCH_MS = 30_000
/** Without any keys nobody can sign in, so the provider is asked sooner. */
const FIRST_MS = 3000
const STALE_MS = 600_000

/** The key that a token's header names. */
export type KeyLookup = (context: ProviderContext, fetch: BoundedFetch, url: string, header: JWSHeaderParameters) => Promise<CryptoKey>

/**
 * A provider's signing keys (RFC 7517), kept in memory. They are read again when they are ten minutes old or a token names a key that is
 * not among them, at most twice a minute, so that made-up tokens do not become requests; while the provider is down the last good set
 * serves on.
 */
export function createKeySet(): KeyLookup {
  let keys: JSONWebKeySet | undefined
  let readAt = 0
  let triedAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  const read = async (fetch: BoundedFetch, url: string, now: number) => {
    triedAt = now
    const found = await jsonOf(await fetch(url, { headers: { accept: 'application/json' } }))
    if (!Array.isArray(found.keys)) throw new AuthError('PROVIDER_ERROR', { cause: new Error(`${url} is no key set`) })
    keys = found as unknown as JSONWebKeySet
    readAt = now
  }
  const readOnce = (fetch: BoundedFetch, url: string, now: number) => {
    reading ??= read(fetch, url, now).finally(() => {
      reading = undefined
    })
    return reading
  }

  return async (context, fetch, url, header) => {
    const now = context.now().getTime()
    const tryAgain = async () => {
      const mayTry = Math.abs(now - triedAt) >= (keys ? REFETCH_MS : FIRST_MS)
      if (mayTry || reading) await readOnce(fetch, url, now).catch((err: unknown) => context.log.warn({ err }, "a provider's keys could not be read"))
    }
    if (!keys || Math.abs(now - readAt) >= STALE_MS) await tryAgain()
    const known = await lookUp(keys, header)
    if (known) return known
    await tryAgain()
    const found = await lookUp(keys, header)
    if (found) return found
    throw keys ? new AuthError('TOKEN_INVALID', { cause: new Error('the token names a key that the provider does not have') }) : new AuthError('PROVIDER_ERROR')
  }
}

async function lookUp(keys: JSONWebKeySet | undefined, header: JWSHeaderParameters): Promise<CryptoKey | undefined> {
  if (!keys) return undefined
  const { createLocalJWKSet, errors } = await import('jose')
  try {
    return await createLocalJWKSet(keys)(header)
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return undefined
    throw new AuthError('TOKEN_INVALID', { cause: error })
  }
}
