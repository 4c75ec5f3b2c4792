import type { Auth } from '../create-auth.ts'
import type { SessionAnswer } from '../shapes.ts'

export interface TestSession {
  answer: SessionAnswer
  /** For supertest: `.set(headers)`. */
  headers: { authorization: string }
}

/** A session for a user, without the way through a password: `const { headers } = await signInAs(auth, user)`. Throws NOT_FOUND, ACCOUNT_SUSPENDED. */
export async function signInAs(auth: Auth, user: { id: string }, { amr = ['pwd'] }: { amr?: readonly string[] } = {}): Promise<TestSession> {
  const answer = await auth.sessions.create(user.id, { amr })
  return { answer, headers: { authorization: `Bearer ${answer.accessToken}` } }
}
