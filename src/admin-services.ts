import type { AuthContext } from './context.ts'
import { canonicalIdentifiers } from './features/accounts/canonical-identifiers.ts'
import { type Admin, insertAdmin, listAdmins, removeAdmin } from './features/admins/manage-admins.ts'
import { hashNewPassword } from './features/passwords/hash-new-password.ts'

export interface NewAdmin {
  email: string
  name?: string
  /** Within the password policy. Left out: one is made, and given back this once. */
  password?: string
}

/** `auth.admins`. */
export function admins(auth: AuthContext) {
  return {
    /** With `password` where it was left to be made. Throws EMAIL_TAKEN, PASSWORD_TOO_WEAK, VALIDATION_FAILED. */
    create: async ({ name = '', ...input }: NewAdmin): Promise<Admin & { password?: string }> => {
      const { email = '' } = await canonicalIdentifiers({ email: input.email })
      const password = input.password ?? Buffer.from(auth.random(18)).toString('base64url')
      const admin = await insertAdmin(auth, { email, name: name || null, passwordHash: await hashNewPassword(auth, password, [email]) })
      return { ...admin, ...(input.password === undefined && { password }) }
    },
    list: (query?: { cursor?: string; limit?: number }) => listAdmins(auth, query),
    /** Throws NOT_FOUND, LAST_ADMIN. */
    remove: (id: string) => removeAdmin(auth, id),
  }
}
