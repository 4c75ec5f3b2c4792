import { type AuthContext, transaction } from '../../context.ts'
import { newId } from '../../crypto/ids.ts'
import { emit } from '../../emit.ts'
import { AuthError } from '../../errors.ts'
import { type Page, pageOf } from '../../paging.ts'
import { isUniqueViolation } from '../../prisma-errors.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { AdminRow } from './tables.ts'

export interface Admin {
  id: string
  email: string
  name: string | null
  lastLoginAt: Date | null
  createdAt: Date
}

const present = ({ id, email, name, lastLoginAt, createdAt }: AdminRow): Admin => ({ id, email, name, lastLoginAt, createdAt })

/** Writes an account for the console, apart from the app's users. `email` canonical. Throws EMAIL_TAKEN. */
export async function insertAdmin(
  auth: AuthContext,
  { email, name, passwordHash }: { email: string; name: string | null; passwordHash: string },
): Promise<Admin> {
  const now = auth.now()
  const row = { id: newId(now, auth.random), email, name, passwordHash, createdAt: now, updatedAt: now }
  await transaction(auth, async (auth) => {
    try {
      await auth.db.authAdminUser.createMany({ data: [row] })
    } catch (cause) {
      throw isUniqueViolation(cause) ? new AuthError('EMAIL_TAKEN', { cause }) : cause
    }
    await recordAudit(auth, { event: 'admin.created', data: { adminId: row.id } })
    emit(auth, 'admin.created', { adminId: row.id })
  })
  return present({ ...row, lastLoginAt: null })
}

/** The newest first. */
export const listAdmins = (auth: AuthContext, query: { cursor?: string; limit?: number } = {}): Promise<Page<Admin>> =>
  pageOf(query, async (after, take) => {
    const where = after === undefined ? {} : { id: { lt: after } }
    return (await auth.db.authAdminUser.findMany({ where, orderBy: { id: 'desc' }, take })).map(present)
  })

/** Throws NOT_FOUND; LAST_ADMIN where there is no other, also when two are removed at once. */
export async function removeAdmin(auth: AuthContext, id: string) {
  await transaction(auth, async (auth) => {
    // Touching every row makes removals wait for one another; there are few.
    await auth.db.authAdminUser.updateMany({ where: {}, data: { updatedAt: auth.now() } })
    const some = await auth.db.authAdminUser.findMany({ where: {}, orderBy: { id: 'desc' }, take: 2 })
    const { count } = await auth.db.authAdminUser.deleteMany({ where: { id } })
    if (count === 0) throw new AuthError('NOT_FOUND')
    if (some.length < 2) throw new AuthError('LAST_ADMIN')
    await recordAudit(auth, { event: 'admin.removed', data: { adminId: id } })
    emit(auth, 'admin.removed', { adminId: id })
  })
}
