import * as z from 'zod'
import { type Route, route } from '../../http/route.ts'
import { shape } from '../../http/shape.ts'

const jwk = shape(() => z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string(), use: z.literal('sig') }))

export const keyRoutes = (): Route[] => [
  route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    summary: 'The public keys of access tokens (RFC 7517): next, current and retired but still good',
    access: 'public',
    answers: { 200: () => z.strictObject({ keys: z.array(jwk()) }) },
    audit: [],
    handler: async ({ auth }) => {
      await auth.process.keys.current(auth)
      const keys = auth.process.keys.rows().flatMap(({ publicJwk }) => publicJwk ?? [])
      return { status: 200, body: { keys }, headers: { 'Cache-Control': 'public, max-age=300' } }
    },
  }),
]
