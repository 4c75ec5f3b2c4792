import type { AuthContext } from '../../context.ts'

/** Whether someone is an active member of a tenant that is active. */
export async function isMember(auth: AuthContext, userId: string, tenantId: string): Promise<boolean> {
  const membership = await auth.db.authMembership.findUnique({ where: { userId_scope: { userId, scope: tenantId } } })
  if (membership?.status !== 'active') return false
  return (await auth.db.authTenant.findUnique({ where: { id: tenantId } }))?.status === 'active'
}
