import * as z from 'zod'
import { type Route, route } from '../../http/route.ts'
import { idParams, time } from '../../http/schemas.ts'
import { shape } from '../../http/shape.ts'
import type { ResolvedOptions } from '../../options.ts'
import { listTrustedDevices, revokeTrust } from './trust-device.ts'

const device = shape(() =>
  z
    .strictObject({
      id: z.string(),
      name: z.string().nullable(),
      ip: z.string().nullable(),
      userAgent: z.string().nullable(),
      createdAt: time,
      lastUsedAt: time.nullable(),
      expiresAt: time,
    })
    .meta({ id: 'TrustedDevice' }),
)
const isOn = ({ mfa }: ResolvedOptions) => mfa.trustedDevices !== false

export const trustedDeviceRoutes = (): Route[] => [
  route({
    method: 'GET',
    path: '/trusted-devices',
    summary: 'The devices on which this user needs no second factor',
    access: 'signed-in',
    enabled: isOn,
    answers: { 200: () => z.array(device()) },
    audit: [],
    handler: async (call) => ({ status: 200, body: await listTrustedDevices(call.auth, call.who.user.id) }),
  }),
  route({
    method: 'DELETE',
    path: '/trusted-devices/:id',
    summary: 'Trust a device no longer',
    access: 'signed-in',
    enabled: isOn,
    params: idParams,
    answers: { 204: null },
    errors: ['NOT_FOUND'],
    audit: ['trusted_device.revoked'],
    handler: async (call) => {
      await revokeTrust(call.auth, call.who.user.id, call.params.id)
      return { status: 204 }
    },
  }),
  route({
    method: 'DELETE',
    path: '/trusted-devices',
    summary: 'Trust no device any longer',
    access: 'signed-in',
    enabled: isOn,
    answers: { 204: null },
    audit: ['trusted_device.revoked'],
    handler: async (call) => {
      await revokeTrust(call.auth, call.who.user.id)
      return { status: 204 }
    },
  }),
]
