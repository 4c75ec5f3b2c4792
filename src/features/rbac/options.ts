import * as z from 'zod'

/** Both may take what they ask through `tx`, the transaction in progress or the app's client. */
type ResolveRoles = (of: { userId: string; tenantId: string | null }, context: { tx: unknown }) => readonly string[] | Promise<readonly string[]>
type ResolvePermissions = (
  of: { userId: string; tenantId: string | null; roles: readonly string[] },
  context: { tx: unknown },
) => readonly string[] | Promise<readonly string[]>

const functionOf = <F>() => z.custom<F>((value) => typeof value === 'function', 'must be a function').optional()

export const rbacOptions = z
  .strictObject({
    /** Gives a user's roles in place of the tables. Asked for each request and each token; keep what it asks for where it is slow. */
    resolveRoles: functionOf<ResolveRoles>(),
    /** Gives what a user may do in place of the roles' permissions. Asked for each request. */
    resolvePermissions: functionOf<ResolvePermissions>(),
  })
  .prefault({})
