import * as z from 'zod'
import { type Route, route } from '../../http/route.ts'
import { idParams, time } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import type { ResolvedOptions } from '../../options.ts'
import { listIdentities, unlinkIdentity } from './identities.ts'

const identity = shape(() =>
  z
    .strictObject({
      id: z.string(),
      provider: z.string(),
      providerUserId: z.string(),
      email: z.string().nullable(),
      createdAt: time,
      lastUsedAt: time.nullable(),
    })
    .meta({ id: 'Identity' }),
)
const isOn = ({ providers }: ResolvedOptions) => providers.length > 0

export const identityRoutes = (): Route[] => [
  route({
    method: 'GET',
    path: '/identities',
    summary: 'The outside accounts that this user signs in with',
    access: 'signed-in',
    enabled: isOn,
    answers: { 200: () => z.array(identity()) },
    audit: [],
    handler: async ({ auth, who }) => ({ status: 200, body: await listIdentities(auth, who.user.id) }),
  }),
  route({
    method: 'DELETE',
    path: '/identities/:id',
    summary: 'Disconnect an outside account; not the last way in',
    access: 'recent',
    enabled: isOn,
    params: idParams,
    answers: { 204: null },
    errors: ['NOT_FOUND', 'LAST_CREDENTIAL'],
    audit: ['identity.unlinked'],
    handler: async ({ auth, who, params }) => {
      await unlinkIdentity(auth, who.user.id, params.id)
      return { status: 204 }
    },
  }),
]
