import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Configuration } from 'oidc-provider'

export interface LocalProvider {
  issuer: string
  clientId: string
  clientSecret: string
  close: () => Promise<void>
}

const client = { id: 'playground', secret: 'playground-secret-of-no-worth' }

/** Any name signs in, with any password; 'unverified' has an address that nobody has checked. */
const personOf = (name: string) => ({
  sub: name,
  email: name.includes('@') ? name : `${name}@provider.example`,
  email_verified: !name.startsWith('unverified'),
  name: name.replace(/@.*/, ''),
})

const configuration = (redirectUris: string[]): Configuration => ({
  clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: redirectUris, grant_types: ['authorization_code', 'refresh_token'] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  findAccount: async (_context, id) => ({ accountId: id, claims: async () => personOf(id) }),
  pkce: { required: () => true },
  cookies: { keys: ['cookies of a provider for development only'] },
  features: { devInteractions: { enabled: true } },
})

/** An OpenID provider on this machine, for development and tests: oidc-provider, with pages that take any name. Its data live in memory. */
export async function startLocalProvider({ port = 0, redirectUris }: { port?: number; redirectUris: string[] }): Promise<LocalProvider> {
  const { Provider } = await import('oidc-provider')
  const { createServer } = await import('node:http')
  const server: Server = createServer((req, res) => void provider.callback()(req, res))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, configuration(redirectUris))
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { issuer, clientId: client.id, clientSecret: client.secret, close }
}
