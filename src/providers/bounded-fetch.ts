import { AuthError } from '../errors.ts'

/** Milliseconds for everything that one trip asks a provider for (R-139, F-15). */
const DEADLINE_MS = 5000
const MOST_BYTES = 1_000_000

export type BoundedFetch = (url: string, init?: RequestInit) => Promise<Response>

/**
 * A fetch for one trip to a provider: all its calls together take five seconds at most, a body one megabyte, and a redirect is an error
 * . Throws PROVIDER_ERROR.
 */
export function boundedFetch(): BoundedFetch {
  const deadline = AbortSignal.timeout(DEADLINE_MS)
  return async (url, init = {}) => {
    try {
      const answer = await fetch(url, { ...init, redirect: 'manual', signal: deadline })
      if (answer.status >= 300 && answer.status < 400) throw new Error(`${answer.status}: redirects are not followed`)
      const body = await readBounded(answer)
      return new Response(body.length === 0 ? null : body, { status: answer.status, headers: answer.headers })
    } catch (cause) {
      throw new AuthError('PROVIDER_ERROR', { cause: new Error(`${new URL(url).host} did not answer as it should`, { cause }) })
    }
  }
}

async function readBounded(answer: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader = answer.body?.getReader()
  for (let part = await reader?.read(); reader && part && !part.done; part = await reader.read()) {
    size += part.value.length
    if (size > MOST_BYTES) {
      await reader.cancel()
      throw new Error(`more than ${MOST_BYTES} bytes`)
    }
    chunks.push(part.value)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/** The JSON object in an answer. Throws PROVIDER_ERROR. */
export async function jsonOf(answer: Response): Promise<Record<string, unknown>> {
  const value: unknown = answer.ok ? await answer.json().catch(() => undefined) : undefined
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw new AuthError('PROVIDER_ERROR', { cause: new Error(`a provider answered ${answer.status} where JSON was expected`) })
}
