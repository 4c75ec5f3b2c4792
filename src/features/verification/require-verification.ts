import { AuthError } from '../../errors.ts'
import type { SignInStep } from '../../feature.ts'
import { canSend } from '../messages/queue-message.ts'
import { queueEmailVerification } from './send-verification.ts'

/**
 * With `emailVerification.required`, nobody signs in whose address is not proved: told after the right password only. A sign-up
 * waits for the link or code that it sends; where it is not required it sends one all the same and goes on.
 */
export const verificationStep: SignInStep = {
  name: 'verification',
  run: async (auth, { user, isNewUser }) => {
    if (user.email === null || user.emailVerifiedAt !== null) return null
    const { required } = auth.options.emailVerification
    if (isNewUser && canSend(auth, 'email')) await queueEmailVerification(auth, user)
    if (!required) return null
    if (isNewUser) return { answer: { status: 'verification_required' } }
    throw new AuthError('EMAIL_NOT_VERIFIED')
  },
}
