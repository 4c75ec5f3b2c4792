import type { Request } from 'express'
import * as z from 'zod'

export const platformOptions = z
  .strictObject({
    /** Staff hold roles for the whole platform, beside those in tenants (`auth.platform`). */
    enabled: z.boolean().default(true),
    /** In isolated mode: staff have accounts outside tenants, and a request that names no tenant means those. */
    accounts: z.boolean().default(false),
    /** Asked for each request of someone with such roles; without a yes they do not count in it: an office network, a host name. */
    allow: z.custom<(req: Request) => boolean>((value) => typeof value === 'function', 'must be a function').optional(),
  })
  .prefault({})
