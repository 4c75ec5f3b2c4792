import type { Request } from 'express'
import type { AuthContext } from '../context.ts'
import { AuthError } from '../errors.ts'
import { canonicalEmail, canonicalPhone, canonicalUsername, type Identifiers } from '../features/accounts/identifiers.ts'
import { login } from '../features/passwords/login.ts'
import { rolesOf } from '../features/rbac/roles-of.ts'
import { inRealm } from '../features/tenants/in-realm.ts'
import { isStorableText } from '../text.ts'
import { type Accepted, type Refused, refusal } from './strategy.ts'

interface Fields {
  usernameField: string
  passwordField: string
}

const LONGEST_NAME = 320
const LONGEST_PASSWORD = 1024

/** From the body only: a query string ends up in logs and histories. Anything but text is no credential. */
function textIn(req: Request, field: string, longest: number): string | undefined {
  const body = (req.body ?? {}) as Record<string, unknown>
  const value = Object.hasOwn(body, field) ? body[field] : undefined
  return typeof value === 'string' && value !== '' && value.length <= longest && isStorableText(value) ? value : undefined
}

/** Signs in as `POST /login` does: lockout, second factors, tenants and hooks hold. */
export async function signInLocally(auth: AuthContext, req: Request, { usernameField, passwordField }: Fields): Promise<Accepted | Refused> {
  const name = textIn(req, usernameField, LONGEST_NAME)
  const password = textIn(req, passwordField, LONGEST_PASSWORD)
  if (name === undefined || password === undefined) return { ...refusal(new AuthError('VALIDATION_FAILED', { detail: 'Missing credentials' })), status: 400 }
  const identifiers = await identifiersOf(auth, name)
  if (!identifiers) return refusal(new AuthError('INVALID_CREDENTIALS'))
  const tenant = textIn(req, 'tenant', 64)
  const meant = await inRealm(auth, tenant)
  const answer = await login(meant, { identifiers, password, tenant })
  if (answer.status !== 'signed_in') return { refused: { code: 'SIGN_IN_INCOMPLETE', message: 'The sign-in is not complete.', ...answer }, status: 401 }
  const { user, session } = answer
  const roles = await rolesOf(meant, user.id, session.tenantId)
  return { user: { id: user.id, sessionId: session.id, tenantId: session.tenantId, roles }, info: answer }
}

/** The kind of identifier that the text is, of those that are switched on. */
async function identifiersOf({ options }: AuthContext, text: string): Promise<Identifiers | undefined> {
  const { email, phone, username } = options.identifiers
  const asEmail = email ? canonicalEmail(text) : undefined
  if (asEmail !== undefined) return { email: asEmail }
  const asPhone = phone ? await canonicalPhone(text) : undefined
  if (asPhone !== undefined) return { phone: asPhone }
  const asUsername = username ? canonicalUsername(text) : undefined
  return asUsername === undefined ? undefined : { username: asUsername }
}
