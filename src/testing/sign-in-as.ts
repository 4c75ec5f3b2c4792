import type { Auth } from '../create-auth.ts'
import type { SessionAnswer } from '../shapes.ts'

export interface TestSession {
  answer: SessionAnswer
  /** For supertest: `.set(headers)`. */
  headers: { authorization: string }
}

export interface SignInAs {
  /** What was proved; a password alone, where it is left out. */
  amr?: readonly string[]
  /** The session is in this tenant, of which the user is made a member first. */
  tenantId?: string
  /** Names of roles that the user gets first, in the tenant where there is one; those that nobody has defined are made. */
  roles?: readonly string[]
}

/** A session for a user, without the way through a password: `const { headers } = await signInAs(auth, user)`. Throws NOT_FOUND, ACCOUNT_SUSPENDED. */
export async function signInAs(auth: Auth, user: { id: string }, { amr = ['pwd'], tenantId, roles = [] }: SignInAs = {}): Promise<TestSession> {
  const place = tenantId === undefined ? {} : { tenantId }
  const isMember = tenantId === undefined || (await auth.memberships.of(user.id)).some((one) => one.tenantId === tenantId)
  if (!isMember) await auth.memberships.add({ userId: user.id, tenantId })
  for (const name of roles) await giveRole(auth, user.id, name, place)
  const answer = await auth.sessions.create(user.id, { amr, ...place })
  return { answer, headers: { authorization: `Bearer ${answer.accessToken}` } }
}

async function giveRole(auth: Auth, userId: string, name: string, place: { tenantId?: string }) {
  const known = [...(await auth.roles.list({ tenantId: null })), ...(place.tenantId === undefined ? [] : await auth.roles.list(place))]
  if (!known.some((role) => role.name === name)) await auth.roles.create({ name })
  await auth.roles.assign(userId, name, place)
}
