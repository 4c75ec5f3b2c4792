import type { Request } from 'express'
import { canonicalIp } from '../features/sessions/request-origin.ts'

// Loaded when a request comes that is counted: its parser of addresses took a sixth of what importing the package takes.
let loading: Promise<typeof import('express-rate-limit')> | undefined
export const rateLimiting = () => (loading ??= import('express-rate-limit'))

const IPV6_NETWORK = 64

/** Where a request comes from, as limits count it: an IPv6 network of /64 is one caller, who has all its addresses. */
export async function networkOf(req: Pick<Request, 'ip'>): Promise<string> {
  const { ipKeyGenerator } = await rateLimiting()
  return ipKeyGenerator(canonicalIp(req.ip) ?? '', IPV6_NETWORK)
}
