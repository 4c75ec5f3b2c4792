import { boundedFetch } from './bounded-fetch.ts'

type Callback = (error: unknown, data?: string, response?: object) => void

/** The OAuth 2.0 client inside every strategy built on passport-oauth2 (the npm package oauth): what its subclasses may use of it. */
export interface OAuth2Client {
  _customHeaders?: Record<string, string>
  _accessTokenName: string
  _request: (
    method: string,
    url: string,
    headers: Record<string, string> | null,
    body: string | Buffer | null,
    accessToken: string | null,
    done: Callback,
  ) => void
  getOAuthAccessToken: (
    code: string,
    params: Record<string, string>,
    done: (error: unknown, accessToken?: string, refreshToken?: string, results?: Record<string, unknown>) => void,
  ) => void
}

/**
 * Lets a strategy's client reach its provider through our fetch alone: bounded in time and size, redirects not followed. Its own
 * requests have no limits, and take a redirect for an answer.
 */
export function boundClient(client: OAuth2Client) {
  const fetch = boundedFetch()
  client._request = (method, url, headers, body, accessToken, done) => {
    const target = new URL(url)
    const all = { 'User-Agent': 'latchkey', ...client._customHeaders, ...headers }
    if (accessToken && !Object.keys(all).some((name) => name.toLowerCase() === 'authorization')) target.searchParams.set(client._accessTokenName, accessToken)
    const send = async () => {
      const answer = await fetch(target.href, { method, headers: all, ...(body && method !== 'GET' && { body: body.toString() }) })
      const data = await answer.text()
      return { data, response: { statusCode: answer.status, headers: Object.fromEntries(answer.headers) }, isGood: answer.ok }
    }
    send().then(
      ({ data, response, isGood }) => (isGood ? done(null, data, response) : done({ statusCode: response.statusCode, data })),
      (error: unknown) => done(error),
    )
  }
}
