import type { SignInAnswer } from '../sign-in.ts'
import type { Answer } from './route.ts'

/**
 * The answer of a route that signs in: tokens go where the transport has them; a sign-in that waits for something carries its own token in
 * the body. A sign-up that waits for a proof of its address is 202, whatever it would have been.
 */
export function answerSignIn(answer: SignInAnswer, { remember, status = 200 }: { remember: boolean; status?: 200 | 201 }): Answer {
  if (answer.status === 'verification_required') return { status: 202, body: answer }
  return answer.status === 'signed_in' ? { status, body: answer, signedIn: { tokens: answer, remember } } : { status, body: answer }
}
