import type { AuthContext } from '../../context.ts'

/**
 * Holds a user's row to the end of the transaction in progress: sign-ins, the ending of sessions and new credentials of one user then come one after
 * the other. Call it before anything is read, since an app's own transaction on MySQL goes on seeing what there was at its first reading.
 */
export const lockUser = (auth: AuthContext, id: string) => auth.db.authUser.updateMany({ where: { id }, data: { failedLogins: { increment: 0 } } })
