import type { AuthContext } from '../../context.ts'
import { AuthError } from '../../errors.ts'
import { grants } from '../rbac/grants.ts'
import { permissionsOf } from '../rbac/permissions-of.ts'
import type { ApiKeyRow } from './tables.ts'

/** For what a person does with keys of their own: those of a tenant are the tenant's business too, those outside tenants are the owner's alone. */
export const mayManage = async (
  auth: AuthContext,
  { userId, tenantId }: Pick<ApiKeyRow, 'userId' | 'tenantId'>,
  permission: 'api-key:read' | 'api-key:write',
): Promise<boolean> => tenantId === null || grants(await permissionsOf(auth, userId, { tenantId }), permission)

/** Throws FORBIDDEN for who may not write keys there. */
export async function requireWriter(auth: AuthContext, place: Pick<ApiKeyRow, 'userId' | 'tenantId'>) {
  if (!(await mayManage(auth, place, 'api-key:write'))) throw new AuthError('FORBIDDEN')
}

/** A user's own key that is not revoked and that they may write. Throws NOT_FOUND, FORBIDDEN. */
export async function findWritableKey(auth: AuthContext, userId: string, id: string): Promise<ApiKeyRow> {
  const row = await auth.db.authAccessKey.findUnique({ where: { id } })
  if (!row || row.userId !== userId || row.revokedAt !== null) throw new AuthError('NOT_FOUND')
  await requireWriter(auth, row)
  return row
}
