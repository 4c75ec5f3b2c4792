import * as z from 'zod'

/** A schema of the app's own zod, 3 or 4: only this is called of it. */
export interface FieldSchema {
  safeParseAsync: (
    value: unknown,
  ) => Promise<{ success: true; data: unknown } | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } }>
}
const isSchema = (value: unknown) => typeof (value as Partial<FieldSchema> | null | undefined)?.safeParseAsync === 'function'
const schema = z.custom<FieldSchema>(isSchema, 'must be a zod schema')

export const identifierOptions = z
  .strictObject({
    email: z.boolean().default(true),
    /** E.164, checked by libphonenumber-js. */
    phone: z.boolean().default(false),
    /** 3 to 30 of a-z, 0-9, '.', '_' and '-', case-insensitive. */
    username: z.boolean().default(false),
  })
  .refine((on) => on.email || on.phone || on.username, 'at least one identifier must be on')
  .prefault({})

export const signupOptions = z
  .strictObject({
    enabled: z.boolean().default(true),
    /** Sign in with the sign-up. Where false, `/signup` answers 201 with `status: 'signed_up'` and no session. */
    autoLogin: z.boolean().default(true),
    /** Adds `/signup/initiate` and `/signup/complete`: a code to the address first, the account after. */
    twoStep: z.boolean().default(false),
    /** Accounts are made only by invitation (or by the app itself), in whatever way people sign up. */
    invitationOnly: z.boolean().default(false),
    /** Refuses addresses of domains in the table of blocked domains, and of those listed here. */
    blockDisposable: z
      .union([z.boolean(), z.array(z.string().min(1))])
      .default(false)
      .transform((value): boolean | ReadonlySet<string> => (typeof value === 'boolean' ? value : new Set(value.map((domain) => domain.toLowerCase())))),
    /** Checks the fields of a sign-up that are not ours. Left out: any are passed to hooks and events. Never written to a column. */
    fields: schema.optional(),
  })
  .prefault({})

/** What `PATCH /me` may write into `metadata`. Left out: users cannot change it. */
export const metadataOption = schema.optional()
