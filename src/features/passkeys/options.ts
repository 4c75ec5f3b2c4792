import * as z from 'zod'

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text

export const passkeyOptions = z
  .strictObject({
    enabled: z.boolean().default(false),
    /** The domain that passkeys belong to (WebAuthn, 5.1.2). Left out: the host of `appUrl`, else of `baseUrl`. */
    rpId: z.string().min(1).max(253).optional(),
    /** What authenticators show. Left out: the name of the app. */
    rpName: z.string().min(1).max(80).optional(),
    /** Where ceremonies may run. Left out: the origins of `appUrl` and `baseUrl`. */
    origins: z.array(z.string().refine(isOrigin, "must be an origin such as 'https://app.example.com'")).min(1).optional(),
    /** Asks for a passkey after the password of who has one, as for any second factor. */
    secondFactor: z.boolean().default(false),
  })
  .prefault({})
