import type { AuthContext } from '../../context.ts'
import { takePlace } from '../limits/take-place.ts'
import { recipientHash } from './queue-message.ts'

/**
 * Whether another message may go to this address now (`limits.messagesPerRecipient`, R-037); counts it. Call outside a transaction. For an
 * address that nobody has it counts just the same.
 */
export async function takeMessagePlace(auth: AuthContext, address: string, isSecondFactor = false): Promise<boolean> {
  const { enabled, messagesPerRecipient } = auth.options.limits
  if (!enabled) return true
  const { max, per } = messagesPerRecipient
  // Codes for a second factor are asked for by who has proved the first: they count by themselves, and more of them may go.
  const key = `${isSecondFactor ? 'mfa-' : ''}message:${recipientHash(auth, address).slice(0, 40)}`
  const { hits } = await takePlace(auth, key, per * 1000, isSecondFactor ? max * 4 : max)
  return hits <= (isSecondFactor ? max * 4 : max)
}
