import type { AuthContext } from '../../context.ts'
import { countHit } from '../limits/count-hit.ts'
import { recipientHash } from './queue-message.ts'

/**
 * What counts together: codes and links; codes for a second factor, which who has proved the first asks for, so that more of them may go; notices,
 * which take no place from a code that someone waits for.
 */
export type Counted = 'code' | 'second factor' | 'notice'
const prefixes: Record<Counted, string> = { code: '', 'second factor': 'mfa-', notice: 'notice-' }

/**
 * Whether another message may go to this address now (`limits.messagesPerRecipient`, R-037); counts it. Call outside a transaction. For an
 * address that nobody has it counts just the same.
 */
export async function takeMessagePlace(auth: AuthContext, address: string, counted: Counted = 'code'): Promise<boolean> {
  const { enabled, messagesPerRecipient } = auth.options.limits
  if (!enabled) return true
  const { max, per } = messagesPerRecipient
  const most = counted === 'second factor' ? max * 4 : max
  const { isWithin } = await countHit(auth, `${prefixes[counted]}message:${recipientHash(auth, address).slice(0, 40)}`, per * 1000, most)
  return isWithin
}
