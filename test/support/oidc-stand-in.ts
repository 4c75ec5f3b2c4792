import { createHash } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** What the next ID token says, beside what an honest provider would. */
export interface Lie {
  claims?: Record<string, unknown>
  /** Claims to leave out. */
  without?: string[]
  alg?: string
  kid?: string
  /** Signs with a key that is not in the key set. */
  foreignKey?: boolean
  /** The token itself. */
  idToken?: string
}

export interface Person {
  sub: string
  email?: unknown
  email_verified?: unknown
  [claim: string]: unknown
}

interface Granted {
  person: Person
  nonce: string | undefined
  challenge: string | undefined
  clientId: string
  redirectUri: string
}

const pairOf = async (alg: string, kid: string) => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** An OpenID provider on loopback that can be made to lie, be slow, be down or change its keys. */
export async function startProvider({
  now,
  clientId = 'client',
  secret = 'provider-secret',
  metadata = {},
}: {
  now: () => Date
  clientId?: string
  secret?: string
  metadata?: object
}) {
  const grants = new Map<string, Granted>()
  const hits: Record<string, number> = {}
  const bodies: Record<string, string>[] = []
  let keys = [await pairOf('RS256', 'one')]
  const foreign = await pairOf('RS256', 'one')
  const state = {
    person: { sub: 'nobody' } as Person,
    lie: {} as Lie,
    userinfo: undefined as Record<string, unknown> | undefined,
    /** Answers instead of a path's own. */
    override: {} as Record<string, (req: IncomingMessage, res: ServerResponse) => void>,
  }
  let issuer = ''
  let counter = 0

  const idToken = async ({ person, nonce, clientId }: { person: Person; nonce?: string | undefined; clientId: string }, lie: Lie = state.lie) => {
    if (lie.idToken !== undefined) return lie.idToken
    const seconds = Math.floor(now().getTime() / 1000)
    const claims: Record<string, unknown> = {
      iss: issuer,
      aud: clientId,
      iat: seconds,
      exp: seconds + 300,
      ...(nonce !== undefined && { nonce }),
      ...person,
      ...lie.claims,
    }
    for (const name of lie.without ?? []) delete claims[name]
    const key = lie.foreignKey ? foreign : keys[0]!
    const alg = lie.alg ?? key.alg
    const signer = alg === 'HS256' ? new TextEncoder().encode(secret.padEnd(32, '.')) : key.privateKey
    return new SignJWT(claims).setProtectedHeader({ alg, kid: lie.kid ?? key.kid }).sign(signer)
  }

  const json = (res: ServerResponse, body: unknown, status = 200) => {
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }
  const token = async (req: IncomingMessage, res: ServerResponse) => {
    let text = ''
    for await (const chunk of req) text += chunk
    const form = Object.fromEntries(new URLSearchParams(text))
    bodies.push(form)
    if (form.grant_type === 'refresh_token') {
      if (form.refresh_token !== `refresh-${counter}`) return json(res, { error: 'invalid_grant' }, 400)
      counter++
      return json(res, { access_token: `access-${counter}`, refresh_token: `refresh-${counter}`, token_type: 'Bearer', expires_in: 3600 })
    }
    const granted = grants.get(form.code ?? '')
    grants.delete(form.code ?? '')
    const challenge = createHash('sha256')
      .update(form.code_verifier ?? '')
      .digest('base64url')
    if (!granted || granted.challenge !== challenge || granted.redirectUri !== form.redirect_uri) return json(res, { error: 'invalid_grant' }, 400)
    counter++
    const common = { access_token: `access-${counter}`, refresh_token: `refresh-${counter}`, token_type: 'Bearer', expires_in: 3600 }
    json(res, { ...common, id_token: await idToken(granted) })
  }
  const server = http.createServer((req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://x')
    hits[pathname] = (hits[pathname] ?? 0) + 1
    const override = state.override[pathname]
    if (override) return override(req, res)
    if (pathname === '/.well-known/openid-configuration')
      return json(res, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        userinfo_endpoint: `${issuer}/userinfo`,
        authorization_response_iss_parameter_supported: true,
        id_token_signing_alg_values_supported: ['RS256', 'ES256'],
        token_endpoint_auth_methods_supported: ['client_secret_post'],
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        ...metadata,
      })
    if (pathname === '/jwks') return json(res, { keys: keys.map(({ jwk }) => jwk) })
    if (pathname === '/userinfo') return json(res, state.userinfo ?? { sub: state.person.sub })
    if (pathname === '/token') return void token(req, res)
    json(res, {}, 404)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    issuer,
    clientId,
    secret,
    state,
    hits,
    bodies,
    /** What the browser brings back after the person has agreed at an authorization URL. */
    agree: (url: string, person: Person = state.person) => {
      const asked = new URL(url).searchParams
      const code = `code-${Math.random().toString(36).slice(2)}`
      state.person = person
      grants.set(code, {
        person,
        nonce: asked.get('nonce') ?? undefined,
        challenge: asked.get('code_challenge') ?? undefined,
        clientId: asked.get('client_id') ?? '',
        redirectUri: asked.get('redirect_uri') ?? '',
      })
      return { code, state: asked.get('state') ?? '', iss: issuer }
    },
    idToken,
    rotate: async (kid: string, alg = 'RS256') => void (keys = [await pairOf(alg, kid)]),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export type StandIn = Awaited<ReturnType<typeof startProvider>>
