import type { AuthContext } from '../../context.ts'
import { AuthError, invalidField } from '../../errors.ts'
import { findTenant } from './find-tenant.ts'

/** The id of no tenant: a realm without accounts, where one that does not exist was named. */
export const NOWHERE = 'nowhere'

/**
 * The accounts that a request means. In isolated mode those of the tenant it names, by id or slug; a tenant that does not exist has none, and the
 * rest goes its way as for any unknown account. Without tenants naming one is a mistake; with shared ones all accounts are meant. Throws
 * TENANT_REQUIRED (in isolated mode only staff, with `platform.accounts`, have accounts outside tenants), VALIDATION_FAILED.
 */
export async function inRealm(auth: AuthContext, tenant: string | undefined): Promise<AuthContext> {
  const { mode } = auth.options.tenants
  if (mode === 'off' && tenant !== undefined) throw invalidField('tenant', 'is not used here')
  if (mode !== 'isolated') return auth
  if (tenant !== undefined) return { ...auth, realm: (await findTenant(auth, tenant))?.id ?? NOWHERE }
  if (!auth.options.platform.accounts) throw new AuthError('TENANT_REQUIRED')
  return auth
}
