import * as z from 'zod'
import { lasting } from '../../durations.ts'
import type { JsonObject } from '../../json.ts'

type SeatsOf = (tenant: { id: string; slug: string; name: string; parentId: string | null; metadata: JsonObject }) => number | null | Promise<number | null>

export const tenantOptions = z
  .strictObject({
    /** 'shared': one person, many tenants. 'isolated': an account belongs to one tenant, and the same address may have another in the next. */
    mode: z.enum(['off', 'shared', 'isolated']).default('off'),
    /** Nobody signs in without a tenant. */
    required: z.boolean().default(false),
    /** People make tenants of their own: `POST /tenants`, and `newTenant` at sign-up. */
    selfService: z.boolean().default(false),
    /** Anyone may join a tenant at sign-up by naming it; otherwise only by invitation. */
    openSignup: z.boolean().default(false),
    /** Anyone may ask for a tenant's name by its slug: `GET /tenants/lookup`. */
    lookup: z.boolean().default(false),
    /** The header in which a request may name its tenant; it must be the token's. */
    header: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,63}$/i)
      .default('x-tenant-id')
      .transform((name) => name.toLowerCase()),
    /** How long an invitation can be accepted. */
    invitationTtl: lasting('7d'),
    /** How many active members a tenant may have; a function says it for each, null for as many as come. Left out: as many as come. */
    maxMembers: z
      .union([z.int().min(1), z.custom<SeatsOf>((value) => typeof value === 'function')], { error: 'must be a number from 1 up, or a function' })
      .optional(),
    /** The role whose holders own a tenant. */
    ownerRole: z.string().min(1).max(64).default('owner'),
  })
  .prefault({})
